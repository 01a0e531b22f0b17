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

/// mm/audit_mm.cc: nodes, pages, mappings and the counts of address spaces.
void audit_mm(const Machine& m, AuditReport& report);

}  // namespace norn
