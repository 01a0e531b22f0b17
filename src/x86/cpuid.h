// What the cpuid instruction shows to guests.
#pragma once

#include <cstdint>

namespace norn::x86 {

struct CpuidLeaf {
    uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

[[nodiscard]] CpuidLeaf cpuid_leaf(uint32_t number, uint32_t sub);

}  // namespace norn::x86
