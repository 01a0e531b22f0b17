// The audit: recomputes every count, list and mapping of a machine from what is reachable.
#pragma once

#include <string>
#include <vector>

#include "norn/machine.h"

namespace norn {

struct AuditReport {
    std::vector<std::string> broken;  ///< one sentence for each rule that does not hold
    void add(std::string what) { broken.push_back(std::move(what)); }
};

/// References found to the records of a pool, by slot number.
template <class T>
class References {
  public:
    explicit References(const Machine& m) : m_(m), count_(m.pool<T>().capacity() + 1) {}

    void add(Id<T> id, AuditReport& report, const char* holder)
    {
        if (!id) return;
        if (!m_.alive(id)) return report.add(std::string(holder) + " names one that is gone");
        ++count_[id.index()];
    }
    [[nodiscard]] uint32_t found(Id<T> id) const { return count_[id.index()]; }
    /// Each record's `refs` is what was found.
    void compare(AuditReport& report, const char* what) const
    {
        m_.pool<T>().each([&](Id<T> id, const T& record) { expect(report, what, id, record.refs); });
    }
    /// Each record was found exactly once: it has one owner, and none is forgotten.
    void expect_one_each(AuditReport& report, const char* what) const
    {
        m_.pool<T>().each([&](Id<T> id, const T&) { expect(report, what, id, 1); });
    }

  private:
    void expect(AuditReport& report, const char* what, Id<T> id, uint32_t wanted) const
    {
        if (wanted == found(id)) return;
        report.add(std::string(what) + " " + std::to_string(id.index()) + " has refs " +
                   std::to_string(wanted) + ", found " + std::to_string(found(id)));
    }
    const Machine& m_;
    std::vector<uint32_t> count_;
};

/// Everything below. Legal between two system calls, also inside `run`.
[[nodiscard]] AuditReport audit(const Machine& m);

/// audit_tasks.cc: thread groups, children, pids, processes' groups and sessions, shared records.
void audit_tasks(const Machine& m, AuditReport& report);
/// audit_sleep.cc: run queue, processors, wait queues, deadlines, futexes.
void audit_sleep(const Machine& m, AuditReport& report);
/// mm/audit_mm.cc: nodes, pages, mappings and the counts of address spaces.
void audit_mm(const Machine& m, AuditReport& report);
/// fs/audit_fs.cc: inodes, names, open files, pipes, locks, epolls, terminals.
void audit_fs(const Machine& m, AuditReport& report);

}  // namespace norn
