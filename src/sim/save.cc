// Layout: the head below, then pieces, each compressed on its own, that together are
//   the state; for each pool its capacity, the generation of every slot, a bitmap of the live ones and their
//   records; then for each page the number of its frame, and the frames. Frames that pages share stay shared.
#include "norn/save.h"

#include <zstd.h>

#include <array>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "mm/frame.h"

namespace norn {

namespace {
constexpr std::size_t page_bytes_size = 4096;
constexpr std::size_t piece_size = std::size_t{1} << 20;

struct Head {
    std::array<char, 8> magic{'N', 'O', 'R', 'N', 'M', 'A', 'C', 'H'};
    uint64_t version = 1;
    Hash layout;  ///< of the records
    Hash body;    ///< checksum of all that follows
};

/// Changes with every field of every record.
Hash layout_of_records()
{
    Hasher hasher;
    const auto add = [&](std::string_view fields, std::size_t size) {
        hasher.bytes(fields.data(), fields.size());
        hasher.add(uint64_t{size});
    };
    add(MachineState::field_names(), sizeof(MachineState));
#define NORN_LAYOUT(type, name) add(type::field_names(), sizeof(type));
    NORN_POOLS(NORN_LAYOUT)
#undef NORN_LAYOUT
    return hasher.finish();
}

class Packer {
  public:
    void bytes(const void* from, std::size_t size)
    {
        if (plain_.size() + size > piece_size) flush();
        plain_.append(static_cast<const char*>(from), size);
    }
    template <class T>
    void add(const T& value)
    {
        bytes(&value, sizeof value);
    }
    std::string finish()
    {
        flush();
        return std::move(out_);
    }

  private:
    void flush()
    {
        if (plain_.empty()) return;
        std::string piece(ZSTD_compressBound(plain_.size()), '\0');
        const std::size_t size = ZSTD_compress(piece.data(), piece.size(), plain_.data(), plain_.size(), 1);
        NORN_ASSERT(!ZSTD_isError(size));
        const auto head = static_cast<uint32_t>(size);
        out_.append(reinterpret_cast<const char*>(&head), sizeof head);
        out_.append(piece, 0, size);
        plain_.clear();
    }
    std::string plain_, out_;
};

/// Past the end everything reads as zero, and `good` is false from then on.
class Unpacker {
  public:
    explicit Unpacker(std::string_view bytes) : left_(bytes) {}

    void bytes(void* to, std::size_t size)
    {
        auto* at = static_cast<char*>(to);
        while (size > 0 && more()) {
            const std::size_t part = std::min(size, plain_.size() - used_);
            std::memcpy(at, plain_.data() + used_, part);
            used_ += part;
            at += part;
            size -= part;
        }
        if (size > 0) std::memset(at, 0, size);
    }
    template <class T>
    T get()
    {
        T value{};
        bytes(&value, sizeof value);
        return value;
    }
    void fail() { good_ = false; }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool done() const { return good_ && left_.empty() && used_ == plain_.size(); }

  private:
    bool more()
    {
        if (used_ < plain_.size()) return true;
        uint32_t size = 0;
        if (left_.size() < sizeof size) return good_ = false;
        std::memcpy(&size, left_.data(), sizeof size);
        left_.remove_prefix(sizeof size);
        if (size > left_.size()) return good_ = false;
        plain_.resize(piece_size + sizeof(MachineState));
        const std::size_t plain = ZSTD_decompress(plain_.data(), plain_.size(), left_.data(), size);
        left_.remove_prefix(size);
        if (ZSTD_isError(plain) || plain == 0) return good_ = false;
        plain_.resize(plain);
        used_ = 0;
        return true;
    }
    std::string_view left_;
    std::string plain_;
    std::size_t used_ = 0;
    bool good_ = true;
};

template <class T>
void save_pool(Packer& out, const Pool<T>& pool)
{
    const uint32_t capacity = pool.capacity();
    out.add(capacity);
    for (uint32_t i = 0; i < capacity; ++i) out.add(pool.generation_of(i));
    for (uint32_t i = 0; i < capacity; i += 64) {
        uint64_t live = 0;
        for (uint32_t bit = 0; bit < 64 && i + bit < capacity; ++bit)
            if (pool.at_index(i + bit)) live |= 1ull << bit;
        out.add(live);
    }
    pool.each([&](Id<T>, const T& record) {
        T plain = record;
        if constexpr (HoldsHost<T>) plain.forget_host();
        out.add(plain);
    });
}

template <class T>
void load_pool(Unpacker& in, Pool<T>& pool, Epoch epoch)
{
    const auto capacity = in.get<uint32_t>();
    if (capacity > id_index_mask + 1) return in.fail();
    std::vector<uint8_t> generations(capacity);
    in.bytes(generations.data(), capacity);
    std::vector<uint64_t> live((capacity + 63) / 64);
    in.bytes(live.data(), live.size() * sizeof(uint64_t));
    for (uint32_t i = 0; i < capacity && in.good(); ++i) {
        if (live[i / 64] >> (i % 64) & 1)
            pool.restore(i, generations[i], in.get<T>(), epoch);
        else if (generations[i] != 0)
            pool.restore_generation(i, generations[i], epoch);
    }
}

void save_frames(Packer& out, const Machine& m)
{
    std::unordered_map<const Frame*, uint32_t> numbers;
    std::vector<const Frame*> frames;
    m.pool<Page>().each([&](PageId, const Page& page) {
        const auto [known, added] = numbers.try_emplace(page.frame, static_cast<uint32_t>(frames.size() + 1));
        if (added && page.frame) frames.push_back(page.frame);
        out.add(page.frame ? known->second : 0u);
    });
    out.add(static_cast<uint32_t>(frames.size()));
    for (const Frame* frame : frames) out.bytes(frame->bytes, page_bytes_size);
}

void load_frames(Unpacker& in, Machine& m)
{
    std::vector<PageId> pages;
    m.pool<Page>().each([&](PageId id, const Page&) { pages.push_back(id); });
    std::vector<uint32_t> numbers(pages.size());
    in.bytes(numbers.data(), numbers.size() * sizeof(uint32_t));
    const auto count = in.get<uint32_t>();
    if (count > pages.size()) return in.fail();
    std::vector<Frame*> frames;
    for (uint32_t i = 0; i < count && in.good(); ++i) {
        frames.push_back(new_frame(false));
        in.bytes(frames.back()->bytes, page_bytes_size);
    }
    for (std::size_t i = 0; i < pages.size(); ++i) {
        if (numbers[i] == 0) continue;
        if (numbers[i] > frames.size()) {
            in.fail();
            break;
        }
        Frame* frame = frames[numbers[i] - 1];
        hold_frame(frame);
        m.edit(pages[i]).frame = frame;
    }
    for (Frame* frame : frames) drop_frame(frame);
}

Failure unusable(const char* why)
{
    return {std::string("this is not a saved machine that can be used: ") + why};
}
}  // namespace

std::string save_machine(const Machine& m)
{
    NORN_ASSERT(!m.decider && "a machine is saved only between runs");
    Packer packer;
    packer.add(m.state);
#define NORN_SAVE_POOL(type, name) save_pool(packer, m.pool<type>());
    NORN_POOLS(NORN_SAVE_POOL)
#undef NORN_SAVE_POOL
    save_frames(packer, m);
    const std::string body = packer.finish();
    Head head;
    head.layout = layout_of_records();
    head.body = hash_bytes(body.data(), body.size());
    return std::string(reinterpret_cast<const char*>(&head), sizeof head) + body;
}

Expected<Machine> load_machine(std::string_view bytes)
{
    Head head, expected;
    if (bytes.size() < sizeof head) return unusable("it is too short");
    std::memcpy(static_cast<void*>(&head), bytes.data(), sizeof head);
    bytes.remove_prefix(sizeof head);
    if (head.magic != expected.magic) return unusable("it is something else");
    if (head.version != expected.version || head.layout != layout_of_records())
        return unusable("another version of Norn made it");
    if (head.body != hash_bytes(bytes.data(), bytes.size())) return unusable("it is damaged");

    Unpacker in(bytes);
    Machine m;
    m.state = in.get<MachineState>();
#define NORN_LOAD_POOL(type, name) load_pool(in, m.pool<type>(), m.epoch());
    NORN_POOLS(NORN_LOAD_POOL)
#undef NORN_LOAD_POOL
    load_frames(in, m);
    if (!in.done()) return unusable("it is damaged");
    return m;
}

}  // namespace norn
