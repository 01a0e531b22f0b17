// The folder of kept runs:
//   runs/ID.run      head (what `norn runs` shows, packs needed) and body (spec, recording, answers)
//   packs/           contents of pages of host files, shared by runs
//   names/NAME       the id that a name stands for
//   next             the next id, and the bytes of all runs and packs
//   lock             held while a run gets its id and old ones go
// Every file appears whole under its name or not at all, so readers need no lock. What takes long is done
// before the lock is taken.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>

#include "host/files.h"
#include "norn/runs.h"
#include "sim/packs.h"
#include "sim/run_file.h"

namespace norn {

namespace fs = std::filesystem;

namespace {
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
std::string name_path(const std::string& folder, std::string_view name)
{
    return fmt::format("{}/names/{}", folder, name);
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

/// What is in the folder, and who needs it.
struct Inventory {
    std::vector<uint64_t> ids;
    std::map<std::string, uint64_t> pack_sizes;
    std::map<std::string, uint32_t> users;
    std::map<uint64_t, std::vector<std::string>> needs;
    uint64_t total = 0;
};

Inventory take_inventory(const std::string& folder)
{
    Inventory all;
    for (const std::string& name : stems(folder + "/packs", ".pack"))
        all.total += all.pack_sizes[name] = size_of(pack_path(folder, name));
    all.ids = run_ids(folder);
    for (const uint64_t id : all.ids) {
        all.total += size_of(run_path(folder, id));
        const auto head = run_head(run_path(folder, id));
        if (!head.ok()) continue;
        all.needs[id] = head->packs;
        for (const std::string& name : head->packs) ++all.users[name];
    }
    return all;
}

/// What a process that was killed had not finished.
void remove_unfinished(const std::string& folder)
{
    const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
    std::error_code error;
    for (const char* part : {"/runs", "/packs", "/names"})
        for (const auto& entry : fs::directory_iterator(folder + part, error)) {
            const bool unfinished = entry.path().extension().string().find('-') != std::string::npos;
            if (unfinished && entry.last_write_time(error) < long_ago) remove_quietly(entry.path().string());
        }
}

/// Drops packs that no run needs and unnamed runs, oldest first, until all fits. Returns what is left.
uint64_t drop_old(const std::string& folder, uint64_t limit_bytes, uint64_t newest)
{
    Inventory all = take_inventory(folder);
    if (all.total <= limit_bytes) return all.total;
    forget_pack_index(folder);
    remove_unfinished(folder);
    const auto drop_pack = [&](const std::string& name) {
        all.total -= all.pack_sizes[name];
        remove_quietly(pack_path(folder, name));
    };
    for (const auto& [name, size] : all.pack_sizes)
        if (all.users[name] == 0) drop_pack(name);
    const NamesById names = all_names(folder);
    for (const uint64_t id : all.ids) {
        if (all.total <= limit_bytes) break;
        if (id == newest || kept_by_name(names, id)) continue;
        all.total -= size_of(run_path(folder, id));
        remove_quietly(run_path(folder, id));
        for (const std::string& name : all.needs[id])
            if (--all.users[name] == 0) drop_pack(name);
    }
    return all.total;
}

/// The next id, and the bytes of all that is kept.
struct Counts {
    uint64_t id = 1, bytes = 0;
};

/// As they were written down; nothing where they were not, or are not true any more.
std::optional<Counts> read_counts(const std::string& folder)
{
    const auto text = read_start(folder + "/next", 64);
    if (!text.ok()) return {};
    const std::size_t space = text->find(' ');
    const auto id = as_number(text->substr(0, space));
    const auto bytes = space == std::string::npos ? std::nullopt : as_number(text->substr(space + 1));
    std::error_code error;
    if (!id || !bytes || fs::exists(run_path(folder, *id), error)) return {};
    return Counts{*id, *bytes};
}

Counts counted_anew(const std::string& folder)
{
    const Inventory all = take_inventory(folder);
    return {all.ids.empty() ? 1 : all.ids.back() + 1, all.total};
}

/// A run that is written but for its place in the folder.
struct NewRun {
    std::string path;
    uint64_t pack_bytes = 0;
    const std::vector<std::string>& names;
};

/// With the lock held: the run gets an id and its names.
Expected<uint64_t> publish(const std::string& folder, const NewRun& run, uint64_t limit_bytes)
{
    const std::optional<Counts> known = read_counts(folder);
    Counts counts = known ? *known : counted_anew(folder);
    const uint64_t id = counts.id++;
    counts.bytes += size_of(run.path) + run.pack_bytes;
    if (auto moved = move_whole(run.path, run_path(folder, id)); !moved.ok()) return moved.failure();
    for (const std::string& name : run.names)
        if (auto kept = write_whole(name_path(folder, name), std::to_string(id)); !kept.ok())
            return kept.failure();
    if (counts.bytes > limit_bytes) counts.bytes = drop_old(folder, limit_bytes, id);
    if (auto kept = write_whole(folder + "/next", fmt::format("{} {}", counts.id, counts.bytes)); !kept.ok())
        return kept.failure();
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

namespace {
RunHead head_for(const Run& run, const std::string& cause, std::vector<std::string> packs)
{
    RunHead head;
    head.revision = semantics_revision;
    head.processor = processor_level;
    head.info.argv = run.spec().program.argv;
    head.info.seed = run.choice_seed();
    head.info.scheduler = run.spec().scheduler;
    head.info.result = run.result();
    head.info.saved_at = seconds_now();
    head.info.cause = cause;
    head.packs = std::move(packs);
    return head;
}
}  // namespace

Expected<uint64_t> RunStore::save(const Run& run, const RecordedView& root,
                                  const std::vector<std::string>& names, const std::string& cause)
{
    for (const char* part : {"/runs", "/packs", "/names"})
        if (auto made = make_private_folder(folder_ + part); !made.ok()) return made.failure();
    const ViewAnswers answers = root.answers();
    const std::string body = encode_body({run.spec(), run.recording(), answers});

    // Others may drop packs until the lock is held: where they did, it is all done once more with it.
    std::unique_ptr<FolderLock> lock;
    for (const PackIndex index : {PackIndex::as_kept, PackIndex::made_anew}) {
        const auto pages = keep_pages(folder_, root, answers, index);
        if (!pages.ok()) return pages.failure();
        const Container parts{encode_head(head_for(run, cause, pages->packs)), body};
        const std::string path = own_path(folder_ + "/runs/new");
        if (auto kept = write_whole(path, pack_container(run_kind, parts)); !kept.ok()) return kept.failure();
        if (!lock) {
            auto taken = FolderLock::take(folder_ + "/lock");
            if (!taken.ok()) return taken.failure();
            lock = std::make_unique<FolderLock>(std::move(*taken));
        }
        if (packs_are_there(folder_, pages->packs))
            return publish(folder_, {path, pages->new_bytes, names}, limit_bytes_);
        remove_quietly(path);
    }
    return Failure{fmt::format("{} changes while a run is being kept there", folder_)};
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
    return Failure{fmt::format("no run is called '{}'; norn runs lists those that are kept", which)};
}

}  // namespace norn
