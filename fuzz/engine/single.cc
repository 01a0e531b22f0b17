#include "single.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "state.h"

namespace norn::fuzz {

namespace {

using x86::Cpu;

constexpr uint64_t low_2g = 0x7fff'0000;

template <typename T>
std::span<const uint8_t> bytes_of(const T& value)
{
    return {reinterpret_cast<const uint8_t*>(&value), sizeof value};
}

/// The general register of an operand in encoding order, or -1.
int gpr_index(ZydisRegister reg)
{
    const ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    if (ZydisRegisterGetClass(full) != ZYDIS_REGCLASS_GPR64) return -1;
    return ZydisRegisterGetId(full);
}

bool is_memory(const ZydisDecodedOperand& operand)
{
    return operand.type == ZYDIS_OPERAND_TYPE_MEMORY && operand.mem.type != ZYDIS_MEMOP_TYPE_AGEN;
}

/// Where an access of `size` bytes shall go.
uint64_t choose_target(Rng& rng, uint64_t size, bool reach_high)
{
    const Region& data = regions[data_region];
    const Region& stack = regions[stack_region];
    const Region& island = regions[island_region];
    const Region& high = regions[high_region];
    const uint64_t inside = 1 + rng.below(std::max<uint64_t>(size, 2) - 1);  // bytes before a border
    const unsigned roll = static_cast<unsigned>(rng.below(100));
    if (roll < 60) {
        const Region* where[] = {&data, &stack, &island, &high};
        const Region& region = *where[rng.below(reach_high ? 4 : 3)];
        const uint64_t at = region.start + rng.below(region.size() - std::min(size, region.size() / 2));
        return rng.one_in(2) ? at & ~uint64_t{15} : at;
    }
    if (roll < 72) return (rng.one_in(2) ? data : stack).start + x86::page_size - inside;  // two good pages
    if (roll < 77) return data.end() - inside;  // the second one is read-only
    if (roll < 81) return data.end() + rng.below(x86::page_size - 64);
    if (roll < 86) return island.end() - inside;  // the second one is not there
    if (roll < 89) return island.start - inside;
    if (roll < 92) return island.end() + rng.below(4096);
    // Misaligned and not canonical at once is #SS on one processor, #GP on another: not asked for.
    const uint64_t alignment = size == 16 ? ~uint64_t{15} : ~uint64_t{0};
    if (roll < 94)
        return (0x0000'8000'0000'0000 + static_cast<uint64_t>(rng.between(-4, 0x1000))) & alignment;
    if (roll < 95) return (0xffff'8000'0000'0000 + static_cast<uint64_t>(rng.between(-32, 32))) & alignment;
    if (roll < 96) return 0x0000'7fff'ffff'f000 - inside;
    if (roll < 98) return 0 - inside;
    return rng.below(4096);
}

/// A place for a branch to go to: mostly int3 or an exit, sometimes a page that has no code.
uint64_t choose_code_target(Rng& rng)
{
    const unsigned roll = static_cast<unsigned>(rng.below(10));
    if (roll < 5) return exit_address(static_cast<unsigned>(1 + rng.below(exit_count - 1)));
    if (roll < 8) return regions[code_region].start + rng.below(regions[code_region].size());
    if (roll < 9) return regions[data_region].start + rng.below(64);
    return regions[island_region].end() + rng.below(64);
}

class Aimer {
  public:
    Aimer(SingleCase& c, Arena& arena, Rng& rng) : c_(c), arena_(arena), rng_(rng) {}

    void aim()
    {
        for (const auto& operand : c_.instruction.all_operands()) {
            if (is_memory(operand)) aim_at_memory(operand);
        }
        aim_branch();
    }

  private:
    void patch(unsigned offset, unsigned size, uint64_t value)
    {
        std::memcpy(c_.instruction.bytes.data() + offset, &value, size);
    }

    uint64_t segment_base(const ZydisDecodedOperand& operand) const
    {
        if (operand.mem.segment == ZYDIS_REGISTER_FS) return c_.cpu.fs_base;
        if (operand.mem.segment == ZYDIS_REGISTER_GS) return c_.cpu.gs_base;
        return 0;
    }

    /// Sets registers or the displacement so that the operand lies at a chosen address.
    void aim_at_memory(const ZydisDecodedOperand& operand)
    {
        const auto& mem = operand.mem;
        const auto& raw = c_.instruction.info.raw;
        const bool relative = mem.base == ZYDIS_REGISTER_RIP || mem.base == ZYDIS_REGISTER_EIP;
        const bool absolute = mem.base == ZYDIS_REGISTER_NONE && mem.index == ZYDIS_REGISTER_NONE;
        const bool narrow = c_.instruction.info.address_width == 32;
        const uint64_t size = std::max<uint64_t>(operand.size / 8, 1);
        uint64_t target = choose_target(rng_, size, !narrow && !relative && !absolute);
        if ((relative || absolute) && target > low_2g) target = regions[data_region].start + rng_.below(4096);
        // An offset that is not canonical below a base that makes it so: processors differ.
        if (segment_base(operand) != 0 && target >> 63 != 0) target &= 0xffff;
        uint64_t short_by = 0;
        const uint64_t wanted = target - segment_base(operand);
        if (relative) {
            patch(raw.disp.offset, 4, wanted - (c_.cpu.rip + c_.instruction.info.length));
        } else if (absolute) {
            patch(raw.disp.offset, raw.disp.size / 8, wanted);
        } else {
            short_by = solve(operand, wanted - static_cast<uint64_t>(mem.disp.value), narrow);
            if (size == 16 && !x86::is_canonical(target) && short_by % 16 != 0) return aim_at_memory(operand);
        }
        if (c_.memory_address == 0) c_.memory_address = target - short_by;
    }

    /// Sets the registers; returns how far below `wanted` the sum stays because of the scale.
    uint64_t solve(const ZydisDecodedOperand& operand, uint64_t wanted, bool narrow)
    {
        const int base = gpr_index(operand.mem.base);
        const int index = gpr_index(operand.mem.index);
        const uint64_t scale = std::max<uint64_t>(operand.mem.scale, 1);
        if (narrow) wanted &= 0xffff'ffff;
        auto& gpr = c_.cpu.gpr;
        uint64_t short_by = 0;
        if (base < 0) {
            gpr[index] = wanted / scale;
            short_by = wanted % scale;
        } else if (base == index) {
            gpr[base] = wanted / (1 + scale);
            short_by = wanted % (1 + scale);
        } else {
            if (index >= 0 && rng_.one_in(2)) gpr[index] = static_cast<uint64_t>(rng_.between(-64, 64));
            if (index >= 0) wanted -= gpr[index] * scale;
            gpr[base] = narrow ? (wanted & 0xffff'ffff) : wanted;
        }
        const bool dirty_top = narrow && rng_.one_in(2);
        if (dirty_top && base >= 0) gpr[base] |= rng_.next() << 32;
        return short_by;
    }

    /// Branches go where `choose_code_target` says.
    void aim_branch()
    {
        const auto& info = c_.instruction.info;
        if (info.meta.category == ZYDIS_CATEGORY_RET) {
            write_pointer(c_.cpu.gpr[x86::rsp], choose_code_target(rng_));
            return;
        }
        if (info.meta.branch_type != ZYDIS_BRANCH_TYPE_NEAR &&
            info.meta.branch_type != ZYDIS_BRANCH_TYPE_SHORT) {
            return;
        }
        const auto& operand = c_.instruction.operands[0];
        const uint64_t target = choose_code_target(rng_);
        if (operand.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
            if (info.raw.imm[0].size == 32)
                patch(info.raw.imm[0].offset, 4, target - (c_.cpu.rip + info.length));
        } else if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
            c_.cpu.gpr[gpr_index(operand.reg.value)] = target;
        } else {
            write_pointer(c_.memory_address, target);
        }
    }

    void write_pointer(uint64_t address, uint64_t value)
    {
        if (Arena::writable(address, sizeof value)) arena_.write(address, bytes_of(value));
    }

    SingleCase& c_;
    Arena& arena_;
    Rng& rng_;
};

void prepare_bit_offset(SingleCase& c, Rng& rng)
{
    const auto& memory = c.instruction.operands[0];
    const auto& offset = c.instruction.operands[1];
    if (offset.type != ZYDIS_OPERAND_TYPE_REGISTER) return;
    const int reg = gpr_index(offset.reg.value);
    const bool is_near = rng.percent(90);
    if (is_near) c.cpu.gpr[reg] = static_cast<uint64_t>(rng.between(-40'000, 40'000));
    // A far one below the base of fs or gs may not be canonical before that is added: processors differ.
    const bool in_address =
        is_memory(memory) && (gpr_index(memory.mem.base) == reg || gpr_index(memory.mem.index) == reg);
    if (!is_near || in_address) c.cpu.fs_base = c.cpu.gs_base = 0;
}

/// Values without which an instruction would nearly always do the same dull thing.
void prepare_registers(SingleCase& c, Rng& rng)
{
    auto& gpr = c.cpu.gpr;
    const auto& info = c.instruction.info;
    constexpr ZydisInstructionAttributes repeats =
        ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;
    if ((info.attributes & repeats) != 0 && !rng.one_in(20)) {
        gpr[x86::rcx] = rng.below(rng.one_in(4) ? 700 : 12);
        if (info.address_width == 32 && rng.one_in(2)) gpr[x86::rcx] |= rng.next() << 32;
    }
    switch (info.mnemonic) {
        case ZYDIS_MNEMONIC_DIV:
            if (rng.percent(80)) gpr[x86::rdx] = rng.below(3);
            if (rng.percent(50)) gpr[x86::rax] &= 0xff;
            break;
        case ZYDIS_MNEMONIC_IDIV:
            if (rng.percent(80)) gpr[x86::rdx] = rng.one_in(2) ? 0 : ~0ull;
            if (rng.percent(50)) gpr[x86::rax] = static_cast<uint64_t>(rng.between(-120, 120));
            break;
        case ZYDIS_MNEMONIC_LOOP:
        case ZYDIS_MNEMONIC_LOOPE:
        case ZYDIS_MNEMONIC_LOOPNE:
        case ZYDIS_MNEMONIC_JRCXZ:
        case ZYDIS_MNEMONIC_JECXZ:
            gpr[x86::rcx] = rng.below(3) | (rng.one_in(4) ? 1ull << 32 : 0);
            break;
        case ZYDIS_MNEMONIC_BT:
        case ZYDIS_MNEMONIC_BTS:
        case ZYDIS_MNEMONIC_BTR:
        case ZYDIS_MNEMONIC_BTC:
            prepare_bit_offset(c, rng);
            break;
        default:
            break;
    }
}

/// What an instruction that loads control state shall find in memory (mostly valid).
void prepare_memory(const SingleCase& c, Arena& arena, Rng& rng)
{
    const auto& info = c.instruction.info;
    const uint64_t at = c.memory_address;
    auto put = [&](const auto& value) {
        if (Arena::writable(at, sizeof value)) arena.write(at, bytes_of(value));
    };
    switch (info.mnemonic) {
        case ZYDIS_MNEMONIC_POPF:
        case ZYDIS_MNEMONIC_POPFD:
        case ZYDIS_MNEMONIC_POPFQ: {
            namespace flag = x86::flag;  // no TF, AC, NT: the host's own would change under it
            const uint64_t value = rng.next() & ~(flag::tf | flag::ac | flag::nt);
            const uint64_t top = c.cpu.gpr[x86::rsp];
            if (Arena::writable(top, sizeof value)) arena.write(top, bytes_of(value));
            break;
        }
        case ZYDIS_MNEMONIC_LDMXCSR:
            if (rng.percent(90)) put(random_mxcsr(rng));
            break;
        case ZYDIS_MNEMONIC_FXRSTOR:
        case ZYDIS_MNEMONIC_FXRSTOR64:
            put(random_fpu(rng).fxsave);
            break;
        case ZYDIS_MNEMONIC_FLDCW:
            if (rng.percent(80)) put(static_cast<uint16_t>(0x37f | (rng.next() & 0xc00)));
            break;
        default:
            break;
    }
}

void prepare_compare(SingleCase& c, const Arena& arena, Rng& rng)
{
    const uint64_t at = c.memory_address;
    auto word = [&](uint64_t offset) {
        uint64_t value = 0;
        for (unsigned i = 0; i < 8; ++i) value |= uint64_t{arena.guest_byte(at + offset + i)} << 8 * i;
        return value;
    };
    const auto& operand = c.instruction.operands[0];
    switch (c.instruction.info.mnemonic) {
        case ZYDIS_MNEMONIC_CMPXCHG:
            if (rng.one_in(2)) break;
            if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
                c.cpu.gpr[x86::rax] = c.cpu.gpr[gpr_index(operand.reg.value)];
            } else if (Arena::mapped(at, 8)) {
                c.cpu.gpr[x86::rax] = word(0);
            }
            break;
        case ZYDIS_MNEMONIC_CMPXCHG8B:
            if (rng.one_in(2) || !Arena::mapped(at, 8)) break;
            c.cpu.gpr[x86::rax] = word(0) & 0xffff'ffff;
            c.cpu.gpr[x86::rdx] = word(0) >> 32;
            break;
        case ZYDIS_MNEMONIC_CMPXCHG16B:
            if (rng.one_in(2) || !Arena::mapped(at, 16)) break;
            c.cpu.gpr[x86::rax] = word(0);
            c.cpu.gpr[x86::rdx] = word(8);
            break;
        default:
            break;
    }
}

/// The instruction's place: often just before or across the end of a page.
uint64_t choose_rip(Rng& rng, size_t length)
{
    const uint64_t start = regions[code_region].start;
    if (rng.one_in(6)) return start + x86::page_size - 1 - rng.below(length + 5);
    return start + 256 + rng.below(2 * x86::page_size);
}

}  // namespace

SingleCase make_single(Instruction instruction, Arena& arena, Rng& rng)
{
    arena.reset(rng.next());
    SingleCase c;
    c.instruction = instruction;
    c.cpu = random_cpu(rng);
    c.fpu = random_fpu(rng);
    c.cpu.rip = choose_rip(rng, instruction.info.length);
    prepare_registers(c, rng);
    Aimer(c, arena, rng).aim();
    prepare_memory(c, arena, rng);
    prepare_compare(c, arena, rng);
    if (const auto patched = decode(c.instruction.code())) c.instruction = *patched;

    arena.write(c.cpu.rip, c.instruction.code());
    const uint64_t next = c.cpu.rip + c.instruction.info.length;
    std::array<uint8_t, 5> jump = {0xe9};
    const auto distance = static_cast<int32_t>(exit_address(0) - (next + jump.size()));
    std::memcpy(jump.data() + 1, &distance, sizeof distance);
    arena.write(next, jump);
    return c;
}

static bool has_repeat_prefix(const ZydisDecodedInstruction& info)
{
    const auto* prefixes = info.raw.prefixes;
    return std::any_of(prefixes, prefixes + info.raw.prefix_count,
                       [](const auto& prefix) { return prefix.value == 0xf2 || prefix.value == 0xf3; });
}

bool native_refuses(const Instruction& instruction)
{
    const auto& info = instruction.info;
    if (info.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR) return true;
    // Vendors differ in what an operand-size prefix does to a near branch.
    const bool branch =
        info.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE || info.meta.category == ZYDIS_CATEGORY_RET;
    if (branch && (info.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE) != 0) return true;
    const bool loop = info.mnemonic == ZYDIS_MNEMONIC_LOOPE || info.mnemonic == ZYDIS_MNEMONIC_LOOPNE;
    if (loop && has_repeat_prefix(info)) return true;
    for (const auto& operand : instruction.all_operands()) {
        const bool segment = operand.type == ZYDIS_OPERAND_TYPE_REGISTER &&
                             ZydisRegisterGetClass(operand.reg.value) == ZYDIS_REGCLASS_SEGMENT;
        if (segment && (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0) return true;
    }
    switch (info.mnemonic) {
        case ZYDIS_MNEMONIC_SYSCALL:
        case ZYDIS_MNEMONIC_SYSENTER:
        case ZYDIS_MNEMONIC_SYSEXIT:
        case ZYDIS_MNEMONIC_SYSRET:
        case ZYDIS_MNEMONIC_INT1:
        case ZYDIS_MNEMONIC_IRET:
        case ZYDIS_MNEMONIC_IRETD:
        case ZYDIS_MNEMONIC_IRETQ:
        case ZYDIS_MNEMONIC_CPUID:
        case ZYDIS_MNEMONIC_RDTSC:
        case ZYDIS_MNEMONIC_RDTSCP:
        case ZYDIS_MNEMONIC_RDPMC:
        case ZYDIS_MNEMONIC_RDPID:
        case ZYDIS_MNEMONIC_RDPRU:
        case ZYDIS_MNEMONIC_RDRAND:
        case ZYDIS_MNEMONIC_RDSEED:
        case ZYDIS_MNEMONIC_XGETBV:
        case ZYDIS_MNEMONIC_RDPKRU:
        case ZYDIS_MNEMONIC_WRPKRU:
        case ZYDIS_MNEMONIC_RDFSBASE:
        case ZYDIS_MNEMONIC_RDGSBASE:
        case ZYDIS_MNEMONIC_WRFSBASE:
        case ZYDIS_MNEMONIC_WRGSBASE:
        case ZYDIS_MNEMONIC_SGDT:
        case ZYDIS_MNEMONIC_SIDT:
        case ZYDIS_MNEMONIC_SLDT:
        case ZYDIS_MNEMONIC_SMSW:
        case ZYDIS_MNEMONIC_STR:
            return true;
        case ZYDIS_MNEMONIC_INT:
            return instruction.operands[0].imm.value.u == 0x80;
        default:
            return false;
    }
}

}  // namespace norn::fuzz
