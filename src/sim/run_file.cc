// How kept runs look on disk. Each record lists its fields once; writing and reading both walk that list.
#include "sim/run_file.h"

#include <fmt/format.h>
#include <zstd.h>

#include "sim/wire.h"

namespace norn {

namespace {
constexpr std::size_t kind_size = 8, fixed_size = kind_size + 8 + 8 + 16 + 16;
constexpr std::size_t body_limit = std::size_t{2} << 30;

std::string fixed_number(uint64_t value)
{
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> 8 * i);
    return bytes;
}

uint64_t fixed_number_at(std::string_view bytes, std::size_t at)
{
    uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

Failure damaged(const std::string& path)
{
    return {fmt::format("{} is damaged; it cannot be used", path)};
}

std::string compressed(const std::string& plain)
{
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 1));
    return out;
}

Expected<std::string> expanded(std::string_view bytes, const std::string& path)
{
    const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size > body_limit) return damaged(path);  // the values that say "error" are large
    std::string out(static_cast<std::size_t>(size), '\0');
    if (ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) != size) return damaged(path);
    return out;
}
}  // namespace

std::string pack_container(std::string_view kind, const Container& parts)
{
    const std::string body = compressed(parts.body);
    Writer sums;
    sums.hash(hash_bytes(parts.head.data(), parts.head.size()));
    sums.hash(hash_bytes(body.data(), body.size()));
    return std::string(kind) + fixed_number(parts.head.size()) + fixed_number(body.size()) + sums.bytes() +
           parts.head + body;
}

Expected<std::string> unpack_head(std::string_view kind, std::string_view start, const std::string& path)
{
    if (!start.starts_with(kind.substr(0, start.size())) || start.size() < kind_size)
        return Failure{fmt::format("{} is not a file of Norn's ({})", path, kind)};
    if (start.size() < fixed_size) return damaged(path);
    const uint64_t size = fixed_number_at(start, kind_size);
    if (size > start.size() - fixed_size) return damaged(path);
    const std::string_view head = start.substr(fixed_size, size);
    if (Reader(start.substr(kind_size + 16)).hash() != hash_bytes(head.data(), head.size()))
        return damaged(path);
    return std::string(head);
}

Expected<Container> unpack_container(std::string_view kind, std::string_view bytes, const std::string& path)
{
    auto head = unpack_head(kind, bytes, path);
    if (!head.ok()) return head.failure();
    const std::string_view body = bytes.substr(fixed_size + head->size());
    if (fixed_number_at(bytes, kind_size + 8) != body.size() ||
        Reader(bytes.substr(kind_size + 32)).hash() != hash_bytes(body.data(), body.size()))
        return damaged(path);
    auto plain = expanded(body, path);
    if (!plain.ok()) return plain.failure();
    return Container{*std::move(head), *std::move(plain)};
}

namespace {
/// Walks the fields of a record in one direction or the other.
template <class Wire>
class Walker {
  public:
    explicit Walker(Wire& wire) : wire_(wire) {}
    static constexpr bool writes = std::is_same_v<Wire, Writer>;

    template <class... T>
    void operator()(T&... values)
    {
        (one(values), ...);
    }

  private:
    template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>) void one(T& value)
    {
        if constexpr (writes)
            wire_.signed_number(static_cast<int64_t>(value));
        else
            value = static_cast<T>(wire_.signed_number());
    }
    void one(std::string& value)
    {
        if constexpr (writes)
            wire_.text(value);
        else
            value = wire_.text();
    }
    void one(Hash& value)
    {
        if constexpr (writes)
            wire_.hash(value);
        else
            value = wire_.hash();
    }
    void one(ChoiceLog& value)
    {
        if constexpr (writes) {
            wire_.text(value.bytes());
        } else {
            auto log = ChoiceLog::from_bytes(wire_.text());
            if (!log) return wire_.refuse();
            value = *std::move(log);
        }
    }
    void one(std::vector<uint8_t>& value)
    {
        std::string text(value.begin(), value.end());
        one(text);
        if constexpr (!writes) value.assign(text.begin(), text.end());
    }
    template <class T>
    void one(std::vector<T>& value)
    {
        value.resize(count(value.size()));
        for (T& item : value) one(item);
    }
    template <class T, std::size_t N>
    void one(std::array<T, N>& value)
    {
        for (T& item : value) one(item);
    }
    template <class T>
    void one(std::optional<T>& value)
    {
        bool there = value.has_value();
        one(there);
        if constexpr (!writes)
            if (there) value.emplace();
        if (value) one(*value);
    }
    template <class A, class B>
    void one(std::pair<A, B>& value)
    {
        one(value.first);
        one(value.second);
    }
    template <class K, class V, class C>
    void one(std::map<K, V, C>& value)
    {
        if constexpr (writes) {
            wire_.number(value.size());
            for (auto& [key, item] : value) {
                K copy = key;
                one(copy);
                one(item);
            }
        } else {
            for (std::size_t left = wire_.count(); left > 0 && wire_.good(); --left) {
                K key{};
                one(key);
                one(value[std::move(key)]);
            }
        }
    }
    template <class T>
    requires std::is_class_v<T>
    void one(T& value) { walk(*this, value); }

    std::size_t count(std::size_t size)
    {
        if constexpr (writes) {
            wire_.number(size);
            return size;
        } else {
            return wire_.count();
        }
    }

    Wire& wire_;
};

template <class W>
void walk(W& w, StreamSetup& v)
{
    w(v.kind, v.same_as, v.open_flags, v.rows, v.columns, v.offset, v.size);
}
template <class W>
void walk(W& w, BootSpec& v)
{
    w(v.seed, v.realtime_ns, v.hostname, v.streams);
}
template <class W>
void walk(W& w, ProgramSpec& v)
{
    w(v.path, v.argv, v.envp, v.cwd, v.uid, v.gid, v.groups, v.umask, v.ignored, v.pid1);
}
template <class W>
void walk(W& w, MachineLimits& v)
{
    w(v.memory_pages, v.cpus, v.pid_max, v.max_tasks);
}
template <class W>
void walk(W& w, FaultRates& v)
{
    w(v.fork, v.short_io);
}
template <class W>
void walk(W& w, RunSpec& v)
{
    w(v.program, v.boot, v.limits, v.root, v.scheduler, v.time, v.faults, v.timeout_ns,
      v.stop_on_unsupported);
}
template <class W>
void walk(W& w, Arrival& v)
{
    w(v.kind, v.typed, v.signal, v.rows, v.columns, v.bytes);
}
template <class W>
void walk(W& w, TakenArrival& v)
{
    w(v.moment, v.retired, v.limit_ns, v.now_ns, v.arrival);
}
template <class W>
void walk(W& w, Refusal& v)
{
    w(v.write, v.error);
}
template <class W>
void walk(W& w, Recording& v)
{
    w(v.choices, v.arrivals, v.refusals);
}
template <class W>
void walk(W& w, HostStat& v)
{
    w(v.dev, v.ino, v.rdev, v.size, v.blocks, v.mode, v.nlink, v.uid, v.gid, v.atime_ns, v.mtime_ns,
      v.ctime_ns);
}
template <class W>
void walk(W& w, ViewAnswers::Stat& v)
{
    w(v.error, v.stat);
}
template <class W>
void walk(W& w, ViewAnswers::Link& v)
{
    w(v.error, v.target);
}
template <class W>
void walk(W& w, ViewAnswers::List& v)
{
    w(v.error, v.names);
}
template <class W>
void walk(W& w, PageAnswer& v)
{
    w(v.error, v.size, v.content);
}
template <class W>
void walk(W& w, ViewAnswers& v)
{
    w(v.stats, v.links, v.lists, v.pages);
}
template <class W>
void walk(W& w, RunResult& v)
{
    w(v.ending, v.status, v.program_ended, v.left_over, v.retired, v.now_ns, v.hash);
}
template <class W>
void walk(W& w, RunHead& v)
{
    w(v.revision, v.processor, v.info.argv, v.info.seed, v.info.scheduler, v.info.result, v.info.saved_at,
      v.info.cause, v.packs);
}
template <class W>
void walk(W& w, RunBody& v)
{
    w(v.spec, v.recording, v.answers);
}

template <class T>
std::string encode(T& value)
{
    Writer writer;
    Walker<Writer> walker(writer);
    walker(value);
    return writer.bytes();
}

template <class T>
Expected<T> decode(std::string_view bytes, const std::string& path)
{
    T value;
    Reader reader(bytes);
    Walker<Reader> walker(reader);
    walker(value);
    if (!reader.done()) return damaged(path);
    return value;
}
}  // namespace

std::string encode_head(RunHead head)
{
    return encode(head);
}

// The revision comes first, so that a file of another revision is told from a damaged one.
Expected<RunHead> decode_head(std::string_view bytes, const std::string& path)
{
    Reader reader(bytes);
    const int64_t revision = reader.signed_number();
    if (reader.good() && revision != semantics_revision)
        return Failure{
            fmt::format("{} was kept by another version of Norn (revision {}, this one is {}); "
                        "only that version can replay it",
                        path, revision, semantics_revision)};
    return decode<RunHead>(bytes, path);
}

std::string encode_body(RunBody body)
{
    return encode(body);
}

Expected<RunBody> decode_body(std::string_view bytes, const std::string& path)
{
    return decode<RunBody>(bytes, path);
}

Container encode_pack(const PageContents& pages)
{
    Writer head, body;
    head.number(pages.size());
    for (const auto& [hash, bytes] : pages) {
        head.hash(hash);
        body.text(bytes);
    }
    return {head.bytes(), body.bytes()};
}

Expected<std::vector<Hash>> decode_pack_head(std::string_view head, const std::string& path)
{
    return decode<std::vector<Hash>>(head, path);
}

Expected<> decode_pack(const Container& pack, const std::string& path, PageContents& into)
{
    const auto hashes = decode_pack_head(pack.head, path);
    if (!hashes.ok()) return hashes.failure();
    Reader reader(pack.body);
    for (const Hash& hash : *hashes) into.try_emplace(hash, reader.text());
    if (!reader.done()) return damaged(path);
    return {};
}

}  // namespace norn
