// The packs of a folder of kept runs: contents of pages of host files, which runs share.
#pragma once

#include <string>
#include <vector>

#include "norn/expected.h"
#include "norn/view.h"

namespace norn {

[[nodiscard]] std::string pack_path(const std::string& folder, const std::string& name);

enum class PackIndex { as_kept, made_anew };

struct KeptPages {
    std::vector<std::string> packs;  ///< by name
    uint64_t new_bytes = 0;          ///< of packs that were not there before
};

/// The packs that together hold all pages of `answers`, of which those that no pack has yet are put into a
/// new one. Needs no lock: until its caller holds it, another process may drop what no run needs yet.
[[nodiscard]] Expected<KeptPages> keep_pages(const std::string& folder, const RecordedView& root,
                                             const ViewAnswers& answers, PackIndex index);
[[nodiscard]] bool packs_are_there(const std::string& folder, const std::vector<std::string>& names);

/// To be called when packs were dropped.
void forget_pack_index(const std::string& folder);

/// File names without their ending, of those in `folder` that have it, in order.
[[nodiscard]] std::vector<std::string> stems(const std::string& folder, const std::string& ending);
/// The head of one of Norn's files, of which often no more is read.
[[nodiscard]] Expected<std::string> head_of(std::string_view kind, const std::string& path);

}  // namespace norn
