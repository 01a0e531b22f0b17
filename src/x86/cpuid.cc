// The one processor that a guest sees: x86-64-v2 on every host.
#include "x86/cpuid.h"

#include <cstring>

#include "x86/engine_impl.h"

namespace norn::x86 {

namespace {

constexpr uint32_t bits(std::initializer_list<int> numbers)
{
    uint32_t mask = 0;
    for (int n : numbers) mask |= 1u << n;
    return mask;
}

/// SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT, hypervisor.
constexpr uint32_t features_ecx = bits({0, 9, 13, 19, 20, 23, 31});
/// FPU, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE36, CLFLUSH, MMX, FXSR,
/// SSE, SSE2.
constexpr uint32_t features_edx =
    bits({0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 23, 24, 25, 26});

/// Deterministic cache parameters: type (1 data, 2 instruction, 3 unified), level, ways, sets.
CpuidLeaf cache(uint32_t type, uint32_t level, uint32_t ways, uint32_t sets)
{
    return {type | level << 5 | 1 << 8, 63 | (ways - 1) << 22, sets - 1, 0};
}

CpuidLeaf text(const char* brand, size_t part)
{
    CpuidLeaf leaf;
    char padded[49] = {};
    std::strncpy(padded, brand, 48);
    std::memcpy(&leaf, padded + 16 * part, 16);
    return leaf;
}

}  // namespace

CpuidLeaf cpuid_leaf(uint32_t number, uint32_t sub)
{
    switch (number) {
        case 0:
            return {7, 0x756e6547, 0x6c65746e, 0x49656e69};  // GenuineIntel
        case 1:
            return {0x000106a5, 8 << 8 | 1 << 16, features_ecx, features_edx};
        case 2:
            return {0x00feff01, 0xf0, 0, 0};  // descriptors: see leaf 4
        case 4:
            switch (sub) {
                case 0:
                    return cache(1, 1, 8, 64);
                case 1:
                    return cache(2, 1, 8, 64);
                case 2:
                    return cache(3, 2, 8, 1024);
                case 3:
                    return cache(3, 3, 16, 8192);
                default:
                    return {};
            }
        case 0x80000000:
            return {0x80000008, 0, 0, 0};
        case 0x80000001:
            return {0, 0, bits({0}), bits({11, 20, 29})};  // LAHF; SYSCALL, NX, LM
        case 0x80000002:
        case 0x80000003:
        case 0x80000004:
            return text("Norn virtual CPU", number - 0x80000002);
        case 0x80000006:
            return {0, 0, 512u << 16 | 6u << 12 | 64, 0};
        case 0x80000008:
            return {0x3028, 0, 0, 0};
        default:
            return {};
    }
}

void Engine::Impl::cpuid()
{
    auto& gpr = context->gpr;
    const CpuidLeaf leaf = cpuid_leaf(uint32_t(gpr[rax]), uint32_t(gpr[rcx]));
    gpr[rax] = leaf.eax;
    gpr[rbx] = leaf.ebx;
    gpr[rcx] = leaf.ecx;
    gpr[rdx] = leaf.edx;
}

}  // namespace norn::x86
