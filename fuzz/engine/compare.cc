#include "compare.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace norn::fuzz {

namespace {

using x86::Vector;
namespace flag = x86::flag;

constexpr uint64_t compared_flags = flag::arithmetic | flag::df | flag::nt | flag::ac | flag::id;
constexpr size_t mxcsr_at = 24, xmm_at = 160, xmm_end = 416;

std::string mismatch(const char* what, uint64_t engine, uint64_t native)
{
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(), "%s: engine %#llx, processor %#llx", what,
                  static_cast<unsigned long long>(engine), static_cast<unsigned long long>(native));
    return text.data();
}

std::string fpu_field(size_t offset)
{
    constexpr size_t st_at = 32, slot = 16;
    if (offset < 2) return "fcw";
    if (offset < 4) return "fsw";
    if (offset < 6) return "ftw";
    if (offset >= mxcsr_at && offset < st_at) return "mxcsr";
    if (offset >= xmm_at) return "xmm" + std::to_string((offset - xmm_at) / slot);
    if (offset >= st_at) return "st" + std::to_string((offset - st_at) / slot);
    return "x87 pointers";
}

uint64_t word_at(const x86::Fpu& fpu, size_t offset)
{
    uint64_t value;
    std::memcpy(&value, fpu.fxsave.data() + (offset & ~size_t{7}), sizeof value);
    return value;
}

/// The bound of rcpps and rsqrtps: |relative error| ≤ 1.5 · 2^-12, from each side.
bool lane_is_near(uint32_t one, uint32_t other)
{
    float a, b;
    std::memcpy(&a, &one, sizeof a);
    std::memcpy(&b, &other, sizeof b);
    if (one == other || (std::isnan(a) && std::isnan(b))) return true;
    constexpr float smallest_normal = 0x1p-126f;  // results below may be flushed to zero
    if (std::fabs(a) <= smallest_normal && std::fabs(b) <= smallest_normal)
        return std::signbit(a) == std::signbit(b);
    return std::fabs(a - b) <= 2 * 1.5f * 0x1p-12f * std::fabs(b);
}

bool near(const x86::Fpu& engine, const x86::Fpu& native)
{
    for (size_t at = xmm_at; at < xmm_end; at += 4) {
        uint32_t one, other;
        std::memcpy(&one, engine.fxsave.data() + at, 4);
        std::memcpy(&other, native.fxsave.data() + at, 4);
        if (!lane_is_near(one, other)) return false;
    }
    return std::memcmp(engine.fxsave.data(), native.fxsave.data(), xmm_at) == 0;
}

std::string fpu_difference(const x86::Fpu& engine, const x86::Fpu& native, bool approximate)
{
    if (engine == native || (approximate && near(engine, native))) return "";
    size_t i = 0;
    while (engine.fxsave[i] == native.fxsave[i]) ++i;
    return mismatch(fpu_field(i).c_str(), word_at(engine, i), word_at(native, i));
}

std::string end_difference(const Outcome& engine, const Outcome& native, const Mask& mask)
{
    constexpr uint32_t compared_error = 2 | 4 | 16;
    if (engine.timed_out != native.timed_out)
        return mismatch("did not end", engine.timed_out, native.timed_out);
    if (engine.faulted && native.faulted) {
        if (engine.vector != native.vector && !mask.either_operand_faults) {
            return mismatch("vector", static_cast<uint64_t>(engine.vector),
                            static_cast<uint64_t>(native.vector));
        }
    } else if (engine.faulted != native.faulted) {
        const auto code = [](const Outcome& o) {
            return o.faulted ? static_cast<uint64_t>(o.vector) : 0x100;
        };
        return mismatch("exception (0x100: none)", code(engine), code(native));
    }
    if (engine.cpu.rip != native.cpu.rip) return mismatch("rip", engine.cpu.rip, native.cpu.rip);
    if (engine.faulted && engine.vector == Vector::page_fault && !mask.either_operand_faults) {
        if (engine.address != native.address && !mask.large_operand)
            return mismatch("fault address", engine.address, native.address);
        if (((engine.error ^ native.error) & compared_error) != 0) {
            return mismatch("error code", engine.error, native.error);
        }
    }
    return "";
}

uint64_t shift_flags(const Instruction& instruction, const x86::Cpu& before)
{
    const auto& info = instruction.info;
    const auto& last = instruction.operands[info.operand_count_visible - 1];
    uint64_t count = 1;
    if (last.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) count = last.imm.value.u;
    if (last.type == ZYDIS_OPERAND_TYPE_REGISTER && last.reg.value == ZYDIS_REGISTER_CL)
        count = before.gpr[x86::rcx];
    const unsigned bits = instruction.operands[0].size;
    count &= bits == 64 ? 63 : 31;
    if (count == 0) return 0;  // flags stay as they were
    const uint64_t overflow = count == 1 ? 0 : flag::of;
    switch (info.mnemonic) {
        case ZYDIS_MNEMONIC_ROL:
        case ZYDIS_MNEMONIC_ROR:
        case ZYDIS_MNEMONIC_RCL:
        case ZYDIS_MNEMONIC_RCR:
            return overflow;
        case ZYDIS_MNEMONIC_SHL:
        case ZYDIS_MNEMONIC_SHR:
            return overflow | flag::af | (count >= bits ? flag::cf : 0);
        case ZYDIS_MNEMONIC_SAR:
            return overflow | flag::af;
        default:
            return count > bits ? flag::arithmetic : overflow | flag::af;  // shld, shrd
    }
}

}  // namespace

const char* register_name(size_t i)
{
    static constexpr const char* names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                            "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    return names[i];
}

Mask mask_of(const Instruction& instruction, const x86::Cpu& before)
{
    Mask mask;
    const auto& info = instruction.info;
    if (info.cpu_flags != nullptr) mask.undefined_flags = info.cpu_flags->undefined & flag::arithmetic;
    const bool is_string_compare = info.meta.category == ZYDIS_CATEGORY_STRINGOP;
    switch (info.mnemonic) {
        case ZYDIS_MNEMONIC_SHL:
        case ZYDIS_MNEMONIC_SHR:
        case ZYDIS_MNEMONIC_SAR:
        case ZYDIS_MNEMONIC_ROL:
        case ZYDIS_MNEMONIC_ROR:
        case ZYDIS_MNEMONIC_RCL:
        case ZYDIS_MNEMONIC_RCR:
        case ZYDIS_MNEMONIC_SHLD:
        case ZYDIS_MNEMONIC_SHRD:
            mask.undefined_flags = shift_flags(instruction, before);
            break;
        case ZYDIS_MNEMONIC_RCPPS:
        case ZYDIS_MNEMONIC_RCPSS:
        case ZYDIS_MNEMONIC_RSQRTPS:
        case ZYDIS_MNEMONIC_RSQRTSS:
            mask.approximate = true;
            break;
        case ZYDIS_MNEMONIC_TZCNT:
        case ZYDIS_MNEMONIC_LZCNT:
            mask.undefined_flags = flag::arithmetic & ~flag::zf;
            break;
        case ZYDIS_MNEMONIC_CMPSB:
        case ZYDIS_MNEMONIC_CMPSW:
        case ZYDIS_MNEMONIC_CMPSD:
        case ZYDIS_MNEMONIC_CMPSQ:
            mask.either_operand_faults = is_string_compare;
            break;
        case ZYDIS_MNEMONIC_FNSTENV:
        case ZYDIS_MNEMONIC_FLDENV:
        case ZYDIS_MNEMONIC_FNSAVE:
        case ZYDIS_MNEMONIC_FRSTOR:
        case ZYDIS_MNEMONIC_FXSAVE:
        case ZYDIS_MNEMONIC_FXSAVE64:
        case ZYDIS_MNEMONIC_FXRSTOR:
        case ZYDIS_MNEMONIC_FXRSTOR64:
            mask.large_operand = true;
            mask.memory_after_fault = true;
            break;
        case ZYDIS_MNEMONIC_ENTER:
            mask.either_operand_faults = true;
            mask.memory_after_fault = true;
            break;
        default:
            break;
    }
    return mask;
}

Instruction native_form(const Instruction& instruction)
{
    const auto mnemonic = instruction.info.mnemonic;
    if (mnemonic != ZYDIS_MNEMONIC_TZCNT && mnemonic != ZYDIS_MNEMONIC_LZCNT) return instruction;
    constexpr uint8_t rep = 0xf3, useless = 0x3e;
    Instruction other = instruction;
    for (uint8_t& byte : other.bytes) {
        if (byte == 0x0f) break;
        if (byte == rep) byte = other.info.raw.prefix_count > 2 ? other.bytes[0] : useless;
    }
    if (other.bytes[0] == rep) other.bytes[0] = useless;
    return other;
}

void apply_conventions(const Instruction& instruction, uint64_t at, const Outcome& native, Arena& arena)
{
    if (native.faulted) return;
    auto zero = [&arena](uint64_t from, uint64_t size) { arena.clear_native(from, size); };
    switch (instruction.info.mnemonic) {
        case ZYDIS_MNEMONIC_FNSTENV:
        case ZYDIS_MNEMONIC_FNSAVE:
            zero(at + 12, 14);  // the selector's upper half stays all ones
            break;
        case ZYDIS_MNEMONIC_FXSAVE:
        case ZYDIS_MNEMONIC_FXSAVE64:
            zero(at + 6, 18);
            arena.make_equal(at + 28, 4);  // which MXCSR bits the processor has
            break;
        default:
            break;
    }
}

std::string difference(const Outcome& engine, const Outcome& native, const Arena& arena, const Mask& mask)
{
    if (std::string text = end_difference(engine, native, mask); !text.empty()) return text;
    for (size_t i = 0; i < engine.cpu.gpr.size(); ++i) {
        if (engine.cpu.gpr[i] != native.cpu.gpr[i]) {
            return mismatch(register_name(i), engine.cpu.gpr[i], native.cpu.gpr[i]);
        }
    }
    const uint64_t ignored = native.faulted ? 0 : mask.undefined_flags;
    const uint64_t differ = (engine.cpu.rflags ^ native.cpu.rflags) & compared_flags & ~ignored;
    if (differ != 0) return mismatch("rflags", engine.cpu.rflags, native.cpu.rflags);
    if (std::string text = fpu_difference(engine.fpu, native.fpu, mask.approximate); !text.empty())
        return text;
    const bool open_memory = native.faulted && mask.memory_after_fault;
    if (const uint64_t at = open_memory ? 0 : arena.first_difference(); at != 0) {
        std::array<char, 40> what{};
        std::snprintf(what.data(), what.size(), "memory at %#llx", static_cast<unsigned long long>(at));
        return mismatch(what.data(), arena.guest_byte(at), Arena::native_byte(at));
    }
    return "";
}

std::string difference_of_runs(const Outcome& one, const Outcome& other)
{
    if (std::string text = end_difference(one, other, {}); !text.empty()) return text;
    if (one.cpu != other.cpu) {
        for (size_t i = 0; i < one.cpu.gpr.size(); ++i) {
            if (one.cpu.gpr[i] != other.cpu.gpr[i]) {
                return mismatch(register_name(i), one.cpu.gpr[i], other.cpu.gpr[i]);
            }
        }
        return mismatch("rflags", one.cpu.rflags, other.cpu.rflags);
    }
    if (one.retired != other.retired) return mismatch("retired", one.retired, other.retired);
    return fpu_difference(one.fpu, other.fpu, false);
}

std::string difference_of_steps(const Step& engine, const Step& native, uint64_t undefined_flags)
{
    const x86::Cpu& mine = engine.cpu;
    const x86::Cpu& theirs = native.cpu;
    if (mine.rip != theirs.rip) return mismatch("rip", mine.rip, theirs.rip);
    for (size_t i = 0; i < mine.gpr.size(); ++i) {
        if (mine.gpr[i] != theirs.gpr[i]) return mismatch(register_name(i), mine.gpr[i], theirs.gpr[i]);
    }
    if (((mine.rflags ^ theirs.rflags) & compared_flags & ~undefined_flags) != 0) {
        return mismatch("rflags", mine.rflags, theirs.rflags);
    }
    return fpu_difference(engine.fpu, native.fpu, false);
}

std::string describe_masks()
{
    return "Not compared, since the manuals leave it undefined or the engine fixes it on purpose:\n"
           "  AF after and, or, xor, test; SF ZF AF PF after mul, imul; all six flags after div, idiv\n"
           "  OF after shifts and rotates by more than 1; AF after shifts; CF after shl, shr by the width or "
           "more\n"
           "  all but ZF after bsf, bsr; all but CF and ZF after bt, bts, btr, btc\n"
           "  (flags after a shift by 0 are compared: they must not change)\n"
           "  x87 instruction and data pointers and last opcode (the engine shows zeros; stored images are\n"
           "  compared with zeros in their place); MXCSR_MASK in an fxsave image\n"
           "  rcpps, rcpss, rsqrtps, rsqrtss: each lane within twice 1.5 * 2^-12 of the processor's\n"
           "  tzcnt, lzcnt: compared with bsf, bsr, which they are at x86-64-v2\n"
           "  cmps and enter where several accesses fault: which of them; the faulting byte of the 28, 108 "
           "and\n"
           "  512 byte operands of x87 state, and what they and enter have stored before a fault\n"
           "  near branches with an operand-size prefix, loope and loopne with a repeat prefix: not run\n"
           "  the present bit of a page fault's error code; RF and TF\n";
}

}  // namespace norn::fuzz
