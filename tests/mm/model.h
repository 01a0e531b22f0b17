// What the tests of memory have in common.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "kernel/audit.h"
#include "norn/machine.h"

namespace norn::testing {

inline void expect_sound(const Machine& m)
{
    AuditReport report;
    audit_mm(m, report);
    for (const std::string& what : report.broken) ADD_FAILURE() << what;
}

class Random {
  public:
    explicit Random(uint64_t seed) : engine_(seed) {}
    uint64_t below(uint64_t end) { return engine_() % end; }

  private:
    std::mt19937_64 engine_;
};

}  // namespace norn::testing
