//   packs/HASH.pack  some contents; named by the hash of its head
//   packs/index      of one pack after another: its name, how many contents it has, their hashes
//
//  K1  The index only says where to look: a pack that it leaves out costs space, and one that is gone is
//      noticed before a run is said to need it. It is made again where it is missing or damaged.
#include "sim/packs.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "host/files.h"
#include "sim/run_file.h"
#include "sim/wire.h"

namespace norn {

namespace fs = std::filesystem;

namespace {
constexpr std::size_t head_read_bytes = 64 << 10;

struct ByLowWord {
    std::size_t operator()(const Hash& hash) const { return hash.low; }
};
/// The pages that a run needs, and the pack that holds each; no name: none does.
using Places = std::unordered_map<Hash, std::string, ByLowWord>;

std::string index_path(const std::string& folder)
{
    return folder + "/packs/index";
}

std::string index_entry(const std::string& name, const std::vector<Hash>& hashes)
{
    Writer writer;
    writer.text(name);
    writer.number(hashes.size());
    for (const Hash& hash : hashes) writer.hash(hash);
    return writer.bytes();
}

/// False: the index is damaged.
bool look_up(std::string_view index, Places& places)
{
    Reader reader(index);
    while (reader.good() && !reader.left().empty()) {
        const std::string name = reader.text();
        for (std::size_t left = reader.count(); left > 0 && reader.good(); --left) {
            const auto place = places.find(reader.hash());
            if (place != places.end() && place->second.empty()) place->second = name;
        }
    }
    return reader.good();
}

std::string made_anew(const std::string& folder)
{
    std::string index;
    for (const std::string& name : stems(folder + "/packs", ".pack")) {
        const std::string path = pack_path(folder, name);
        const auto head = head_of(pack_kind, path);
        if (!head.ok()) continue;
        const auto hashes = decode_pack_head(*head, path);
        if (hashes.ok()) index += index_entry(name, *hashes);
    }
    return index;
}

Expected<> find_places(const std::string& folder, PackIndex which, Places& places)
{
    if (which == PackIndex::as_kept) {
        const auto index = read_whole(index_path(folder));
        if (index.ok() && look_up(*index, places)) return {};
        for (auto& [hash, name] : places) name.clear();
    }
    const std::string index = made_anew(folder);
    (void)look_up(index, places);
    return write_whole(index_path(folder), index);
}

/// Puts them into a pack of their own.
Expected<> make_pack(const std::string& folder, const PageContents& pages, KeptPages& kept)
{
    const Container pack = encode_pack(pages);
    const std::string name = hash_bytes(pack.head.data(), pack.head.size()).hex();
    const std::string file = pack_container(pack_kind, pack);
    if (auto written = write_whole(pack_path(folder, name), file); !written.ok()) return written.failure();
    kept.packs.push_back(name);
    kept.new_bytes = file.size();
    std::vector<Hash> hashes;
    for (const auto& [hash, bytes] : pages) hashes.push_back(hash);
    return append(index_path(folder), index_entry(name, hashes));
}
}  // namespace

std::string pack_path(const std::string& folder, const std::string& name)
{
    return folder + "/packs/" + name + ".pack";
}

std::vector<std::string> stems(const std::string& folder, const std::string& ending)
{
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ending) found.push_back(entry.path().stem().string());
    std::sort(found.begin(), found.end());
    return found;
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

Expected<KeptPages> keep_pages(const std::string& folder, const RecordedView& root,
                               const ViewAnswers& answers, PackIndex index)
{
    Places places;
    for (const auto& [key, page] : answers.pages) places.try_emplace(page.content);
    if (auto found = find_places(folder, index, places); !found.ok()) return found.failure();

    std::set<std::string> needed;
    for (const auto& [hash, name] : places)
        if (!name.empty()) needed.insert(name);
    const PageContents fresh = root.contents([&](const Hash& hash) {
        const auto place = places.find(hash);
        return place == places.end() || place->second.empty();
    });
    KeptPages kept{{needed.begin(), needed.end()}, 0};
    if (fresh.empty()) return kept;
    if (auto made = make_pack(folder, fresh, kept); !made.ok()) return made.failure();
    return kept;
}

bool packs_are_there(const std::string& folder, const std::vector<std::string>& names)
{
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        std::error_code error;
        return fs::exists(pack_path(folder, name), error);
    });
}

void forget_pack_index(const std::string& folder)
{
    std::error_code error;
    fs::remove(index_path(folder), error);
}

}  // namespace norn
