// What of this host matters to Norn, and whether it is fine (`norn doctor`).
#pragma once

#include <string>
#include <vector>

namespace norn {

enum class Health : uint8_t { fine, slow, wrong };

struct HostFinding {
    std::string what;   ///< "kernel"
    std::string found;  ///< "6.18.0"
    Health health = Health::fine;
    std::string advice;  ///< what it means and what to do; empty when fine
};

[[nodiscard]] std::vector<HostFinding> examine_host();

}  // namespace norn
