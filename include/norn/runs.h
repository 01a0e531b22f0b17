// Kept runs: saving, finding and loading them.
//
// A run's file holds its spec, its recording and the answers of its root; the contents of the host's
// files that it read are in packs, which runs share. Ids are counted; a run may have names, of which
// `last` and `fail` are Norn's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "norn/run.h"
#include "norn/view.h"

namespace norn {

/// What can be said of a kept run without loading it.
struct RunInfo {
    uint64_t id = 0;  ///< 0: a file outside the folder of runs
    std::vector<std::string> names;
    std::vector<std::string> argv;
    uint64_t seed = 0;
    Scheduler scheduler = Scheduler::fair;
    RunResult result;
    int64_t saved_at = 0;  ///< seconds since 1970, of the host
    std::string cause;     ///< why explore kept it
};

struct SavedRun {
    RunInfo info;
    RunSpec spec;
    std::shared_ptr<const Recording> recording;
    std::shared_ptr<RecordedView> root;  ///< answers from memory alone
};

class RunStore {
  public:
    static constexpr uint64_t usual_limit_bytes = 2ull << 30;

    /// `folder` need not exist yet.
    explicit RunStore(std::string folder, uint64_t limit_bytes = usual_limit_bytes)
        : folder_(std::move(folder)), limit_bytes_(limit_bytes)
    {
    }

    /// $XDG_STATE_HOME/norn or ~/.local/state/norn.
    [[nodiscard]] static Expected<RunStore> of_user();

    /// Keeps a run. `names` move to it from any other run; old unnamed runs are dropped when all of them
    /// together pass the limit. Safe against other processes that do the same.
    [[nodiscard]] Expected<uint64_t> save(const Run& run, const RecordedView& root,
                                          const std::vector<std::string>& names, const std::string& cause);
    /// `which`: an id, a name, `seed:N` (the newest run with that seed) or a file.
    [[nodiscard]] Expected<SavedRun> load(std::string_view which) const;
    /// Oldest first. Files that are not whole are left out and named in `damaged`.
    [[nodiscard]] std::vector<RunInfo> list(std::vector<std::string>* damaged = nullptr) const;

    [[nodiscard]] const std::string& folder() const { return folder_; }

  private:
    std::string folder_;
    uint64_t limit_bytes_;
};

/// May a run be called this?
[[nodiscard]] bool valid_run_name(std::string_view name);

}  // namespace norn
