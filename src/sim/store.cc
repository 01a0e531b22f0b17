// The folder of kept runs:
//   runs/ID.run      head (what `norn runs` shows, packs needed) and body (spec, recording, answers)
//   packs/HASH.pack  contents of pages of host files, shared by runs
//   names/NAME       the id that a name stands for
//   next             the next id
//   lock             held while a run is added
// Every file appears whole under its name or not at all, so readers need no lock.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "host/files.h"
#include "norn/runs.h"
#include "sim/run_file.h"

namespace norn {

namespace fs = std::filesystem;

namespace {
constexpr std::size_t head_read_bytes = 64 << 10;

std::optional<uint64_t> as_number(std::string_view text)
{
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

std::string run_path(const std::string& folder, uint64_t id)
{
    return fmt::format("{}/runs/{}.run", folder, id);
}
std::string pack_path(const std::string& folder, const std::string& name)
{
    return fmt::format("{}/packs/{}.pack", folder, name);
}
std::string name_path(const std::string& folder, std::string_view name)
{
    return fmt::format("{}/names/{}", folder, name);
}

/// File names without their ending, of those in `folder` that have it.
std::vector<std::string> stems(const std::string& folder, const std::string& ending)
{
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ending) found.push_back(entry.path().stem().string());
    std::sort(found.begin(), found.end());
    return found;
}

/// Ids of the runs that are there, oldest first.
std::vector<uint64_t> run_ids(const std::string& folder)
{
    std::vector<uint64_t> ids;
    for (const std::string& stem : stems(folder + "/runs", ".run"))
        if (const auto id = as_number(stem)) ids.push_back(*id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

Expected<std::string> head_of(std::string_view kind, const std::string& path)
{
    auto start = read_start(path, head_read_bytes);
    if (!start.ok()) return start.failure();
    auto head = unpack_head(kind, *start, path);
    if (head.ok() || start->size() < head_read_bytes) return head;
    start = read_whole(path);
    return start.ok() ? unpack_head(kind, *start, path) : start;
}

Expected<RunHead> run_head(const std::string& path)
{
    const auto head = head_of(run_kind, path);
    if (!head.ok()) return head.failure();
    return decode_head(*head, path);
}

std::optional<uint64_t> named(const std::string& folder, std::string_view name)
{
    if (!valid_run_name(name)) return std::nullopt;
    const auto text = read_start(name_path(folder, name), 32);
    return text.ok() ? as_number(*text) : std::nullopt;
}

using NamesById = std::map<uint64_t, std::vector<std::string>>;

NamesById all_names(const std::string& folder)
{
    NamesById names;
    for (const std::string& name : stems(folder + "/names", ""))
        if (const auto id = named(folder, name)) names[*id].push_back(name);
    return names;
}

/// Which pack holds each page.
std::map<Hash, std::string> packed_pages(const std::string& folder)
{
    std::map<Hash, std::string> where;
    for (const std::string& name : stems(folder + "/packs", ".pack")) {
        const std::string path = pack_path(folder, name);
        const auto head = head_of(pack_kind, path);
        if (!head.ok()) continue;
        const auto hashes = decode_pack_head(*head, path);
        if (!hashes.ok()) continue;
        for (const Hash& hash : *hashes) where.try_emplace(hash, name);
    }
    return where;
}

/// Puts what no pack has yet into a new one. Returns the names of the packs that `answers` needs.
Expected<std::vector<std::string>> keep_pages(const std::string& folder, const RecordedView& root,
                                              const ViewAnswers& answers)
{
    const std::map<Hash, std::string> packed = packed_pages(folder);
    const PageContents fresh = root.contents([&](const Hash& hash) { return !packed.contains(hash); });
    std::set<std::string> needed;
    for (const auto& [key, page] : answers.pages)
        if (const auto at = packed.find(page.content); at != packed.end()) needed.insert(at->second);
    if (!fresh.empty()) {
        const Container pack = encode_pack(fresh);
        const std::string name = hash_bytes(pack.head.data(), pack.head.size()).hex();
        if (auto kept = write_whole(pack_path(folder, name), pack_container(pack_kind, pack)); !kept.ok())
            return kept.failure();
        needed.insert(name);
    }
    return std::vector<std::string>(needed.begin(), needed.end());
}

uint64_t size_of(const std::string& path)
{
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    return error ? 0 : size;
}

/// A run counts as named if a person named it.
bool kept_by_name(const NamesById& names, uint64_t id)
{
    const auto at = names.find(id);
    return at != names.end() &&
           std::any_of(at->second.begin(), at->second.end(),
                       [](const std::string& name) { return name != "last" && name != "fail"; });
}

void remove_quietly(const std::string& path)
{
    std::error_code error;
    fs::remove(path, error);
}

/// Drops packs that no run needs and unnamed runs, oldest first, until all fits.
void drop_old(const std::string& folder, uint64_t limit_bytes, uint64_t newest)
{
    uint64_t total = 0;
    std::map<std::string, uint64_t> pack_sizes;
    for (const std::string& name : stems(folder + "/packs", ".pack"))
        total += pack_sizes[name] = size_of(pack_path(folder, name));
    const std::vector<uint64_t> ids = run_ids(folder);
    for (const uint64_t id : ids) total += size_of(run_path(folder, id));
    if (total <= limit_bytes) return;

    std::map<std::string, uint32_t> users;
    std::map<uint64_t, std::vector<std::string>> needs;
    for (const uint64_t id : ids) {
        const auto head = run_head(run_path(folder, id));
        if (!head.ok()) continue;
        needs[id] = head->packs;
        for (const std::string& name : head->packs) ++users[name];
    }
    const auto drop_pack = [&](const std::string& name) {
        total -= pack_sizes[name];
        remove_quietly(pack_path(folder, name));
    };
    for (const auto& [name, size] : pack_sizes)
        if (users[name] == 0) drop_pack(name);
    const NamesById names = all_names(folder);
    for (const uint64_t id : ids) {
        if (total <= limit_bytes) return;
        if (id == newest || kept_by_name(names, id)) continue;
        total -= size_of(run_path(folder, id));
        remove_quietly(run_path(folder, id));
        for (const std::string& name : needs[id])
            if (--users[name] == 0) drop_pack(name);
    }
}

Expected<uint64_t> next_id(const std::string& folder)
{
    const auto counted = read_start(folder + "/next", 32);
    const uint64_t from_counter = counted.ok() ? as_number(*counted).value_or(1) : 1;
    const std::vector<uint64_t> ids = run_ids(folder);
    const uint64_t id = std::max(from_counter, ids.empty() ? 1 : ids.back() + 1);
    if (auto kept = write_whole(folder + "/next", std::to_string(id + 1)); !kept.ok()) return kept.failure();
    return id;
}

int64_t seconds_now()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}
}  // namespace

bool valid_run_name(std::string_view name)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= 100 && !as_number(name) &&
           std::all_of(name.begin(), name.end(), allowed);
}

Expected<RunStore> RunStore::of_user()
{
    if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state == '/')
        return RunStore(std::string(state) + "/norn");
    if (const char* home = std::getenv("HOME"); home && *home == '/')
        return RunStore(std::string(home) + "/.local/state/norn");
    return Failure{"neither XDG_STATE_HOME nor HOME names a folder"};
}

Expected<uint64_t> RunStore::save(const Run& run, const RecordedView& root,
                                  const std::vector<std::string>& names, const std::string& cause)
{
    for (const char* part : {"/runs", "/packs", "/names"})
        if (auto made = make_private_folder(folder_ + part); !made.ok()) return made.failure();
    auto lock = FolderLock::take(folder_ + "/lock");
    if (!lock.ok()) return lock.failure();

    RunBody body{run.spec(), run.recording(), root.answers()};
    auto packs = keep_pages(folder_, root, body.answers);
    if (!packs.ok()) return packs.failure();
    auto id = next_id(folder_);
    if (!id.ok()) return id;

    RunHead head;
    head.revision = semantics_revision;
    head.processor = processor_level;
    head.info.argv = run.spec().program.argv;
    head.info.seed = run.choice_seed();
    head.info.scheduler = run.spec().scheduler;
    head.info.result = run.result();
    head.info.saved_at = seconds_now();
    head.info.cause = cause;
    head.packs = *std::move(packs);
    const Container parts{encode_head(std::move(head)), encode_body(std::move(body))};
    if (auto kept = write_whole(run_path(folder_, *id), pack_container(run_kind, parts)); !kept.ok())
        return kept.failure();
    for (const std::string& name : names)
        if (auto kept = write_whole(name_path(folder_, name), std::to_string(*id)); !kept.ok())
            return kept.failure();
    drop_old(folder_, limit_bytes_, *id);
    return id;
}

std::vector<RunInfo> RunStore::list(std::vector<std::string>* damaged) const
{
    std::vector<RunInfo> runs;
    NamesById names = all_names(folder_);
    for (const uint64_t id : run_ids(folder_)) {
        const std::string path = run_path(folder_, id);
        auto head = run_head(path);
        if (!head.ok()) {
            if (damaged) damaged->push_back(path);
            continue;
        }
        head->info.id = id;
        head->info.names = std::move(names[id]);
        runs.push_back(std::move(head->info));
    }
    return runs;
}

namespace {
Expected<SavedRun> load_file(const std::string& folder, const std::string& path, uint64_t id)
{
    const auto bytes = read_whole(path);
    if (!bytes.ok()) return bytes.failure();
    auto parts = unpack_container(run_kind, *bytes, path);
    if (!parts.ok()) return parts.failure();
    auto head = decode_head(parts->head, path);
    if (!head.ok()) return head.failure();
    if (head->processor != processor_level)
        return Failure{fmt::format("{} was made on a processor shown as {}; this Norn shows {}", path,
                                   head->processor, processor_level)};
    auto body = decode_body(parts->body, path);
    if (!body.ok()) return body.failure();

    PageContents contents;
    for (const std::string& name : head->packs) {
        const std::string from = pack_path(folder, name);
        const auto pack_bytes = read_whole(from);
        if (!pack_bytes.ok())
            return Failure{
                fmt::format("{} needs contents that are not kept here: {}", path, pack_bytes.failure().text)};
        const auto pack = unpack_container(pack_kind, *pack_bytes, from);
        if (!pack.ok()) return pack.failure();
        if (auto read = decode_pack(*pack, from, contents); !read.ok()) return read.failure();
    }
    SavedRun run;
    run.info = std::move(head->info);
    run.info.id = id;
    run.spec = std::move(body->spec);
    run.recording = std::make_shared<const Recording>(std::move(body->recording));
    run.root = std::make_shared<RecordedView>(std::move(body->answers), std::move(contents));
    return run;
}
}  // namespace

Expected<SavedRun> RunStore::load(std::string_view which) const
{
    std::optional<uint64_t> id = as_number(which);
    if (!id) id = named(folder_, which);
    if (which.starts_with("seed:")) {
        const auto seed = as_number(which.substr(5));
        for (const RunInfo& info : list())
            if (seed && info.seed == *seed) id = info.id;
    }
    std::error_code error;
    if (id && fs::exists(run_path(folder_, *id), error))
        return load_file(folder_, run_path(folder_, *id), *id);
    if (fs::exists(fs::path(which), error)) return load_file(folder_, std::string(which), 0);
    return Failure{fmt::format("no run is called {}; norn runs lists those that are kept", which)};
}

}  // namespace norn
