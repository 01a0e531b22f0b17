// What Norn says on standard error about a run, while it goes and when it has ended.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "norn/run.h"

namespace norn::cli {

/// Shows system calls if asked, and says once of each thing that Norn does not have.
class LiveReport : public Events {
  public:
    /// `stops`: the run ends at the first thing that Norn does not have.
    LiveReport(bool strace, bool stops);
    ~LiveReport() override;
    [[nodiscard]] EventSet wanted() const override;
    void event(const Machine& machine, const Event& event) override;
    /// How many processes were killed for want of memory.
    [[nodiscard]] uint64_t memory_kills() const { return memory_kills_; }

  private:
    void unsupported(const Machine& machine, const Event& event);
    bool stops_;
    std::set<uint64_t> said_;
    uint64_t memory_kills_ = 0;
    std::unique_ptr<Events> strace_;
};

/// The lines at the end: why it ended if not by itself, what was left over, what it changed. `id`: of the
/// kept run; empty if it was not kept.
void report_end(const Run& run, const RunResult& result, uint64_t memory_kills, const std::string& id,
                bool quiet);

/// One line a task that sleeps: what it waits for.
std::vector<std::string> wait_lines(const Machine& m);

}  // namespace norn::cli
