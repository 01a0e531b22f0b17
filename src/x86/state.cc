// x87, MMX and SSE state: moving it between the processor and the image, and the instructions that show
// more of it than the processor level does.
#include <bit>
#include <cmath>
#include <cstring>

#include "x86/engine_impl.h"

namespace norn::x86 {

namespace {

constexpr uint8_t exception_summary = 0x80;  ///< an unmasked x87 exception is pending
constexpr size_t status_at = 2, mxcsr_at = 24, mask_at = 28, st_at = 32, xmm_at = 160, image_end = 416,
                 image_bytes = 512;

/// FOP, FIP and FDP: zero, so that neither the vendor nor the address of emitted code shows.
void clear_pointers(uint8_t* image)
{
    std::memset(image + 6, 0, 18);
}

/// The same in the 28-byte environment, whose last two bytes are ones.
void clear_environment(uint8_t* environment)
{
    std::memset(environment + 12, 0, 14);
    std::memset(environment + 26, 0xff, 2);
}

/// What loading an image makes of its control and status words.
void settle_words(uint8_t* image)
{
    uint16_t control = 0, status = 0;
    std::memcpy(&control, image, 2);
    std::memcpy(&status, image + 2, 2);
    control = uint16_t((control & 0x1f3f) | 0x40);
    const bool pending = status & ~control & 0x3f;
    status = uint16_t((status & 0x7f7f) | (pending ? 0x8080 : 0));
    std::memcpy(image, &control, 2);
    std::memcpy(image + 2, &status, 2);
}

/// What any MMX instruction does to the image: MM0 is on top and all registers count as full.
void enter_mmx(uint8_t* image)
{
    const size_t top = image[3] >> 3 & 7;
    uint8_t old[128];
    std::memcpy(old, image + st_at, sizeof old);
    for (size_t i = 0; i < 8; ++i) std::memcpy(image + st_at + 16 * i, old + 16 * ((i - top) & 7), 16);
    image[3] &= 0xc7;
    image[4] = 0xff;
}

void set_mask(uint8_t* image)
{
    const uint32_t mask = 0xffff;
    std::memcpy(image + mask_at, &mask, 4);
}

}  // namespace

/// Brings x87 state back into the image, if it is in the processor.
void Engine::Impl::x87_out()
{
    if (context->x87_absent) return;
    alignas(16) uint8_t now[512];
    asm volatile("fxsave64 %0\n\tfninit" : "=m"(now) : : "memory");
    clear_pointers(now);
    uint8_t* image = fpu->fxsave.data();
    std::memcpy(image, now, mxcsr_at);
    std::memcpy(image + st_at, now + st_at, xmm_at - st_at);
    set_mask(image);
    context->x87_absent = 1;
}

bool Engine::Impl::do_fxsave(const Instruction& insn, uint64_t next)
{
    const uint64_t ea = address_of(insn, next);
    Touched probe;
    if (!aligned_to_16(ea, insn.in_stack_segment()) ||
        !touch(ea, image_bytes, true, insn.in_stack_segment(), probe))
        return false;
    x87_out();
    set_mask(fpu->fxsave.data());
    return write(ea, fpu->fxsave.data(), image_end, insn.in_stack_segment());
}

bool Engine::Impl::do_fxrstor(const Instruction& insn, uint64_t next)
{
    const uint64_t ea = address_of(insn, next);
    if (!aligned_to_16(ea, insn.in_stack_segment())) return false;
    uint8_t image[512];
    if (!read(ea, image, 512, insn.in_stack_segment())) return false;
    uint32_t mxcsr = 0;
    std::memcpy(&mxcsr, image + mxcsr_at, 4);
    if (mxcsr & 0xffff0000) return fault(Vector::general_protection);
    x87_out();
    clear_pointers(image);
    image[5] = 0;
    settle_words(image);
    for (size_t i = 0; i < 8; ++i) std::memset(image + st_at + 16 * i + 10, 0, 6);
    std::memcpy(fpu->fxsave.data(), image, image_end);
    set_mask(fpu->fxsave.data());
    return true;
}

/// The environment in 32-bit protected-mode format. The state is in the processor.
bool Engine::Impl::do_fnstenv(const Instruction& insn, uint64_t next)
{
    const uint64_t ea = address_of(insn, next);
    const bool stack = insn.in_stack_segment();
    Touched probe;
    if (!touch(ea, 28, true, stack, probe)) return false;
    uint8_t environment[28];
    asm volatile("fnstenv %0" : "=m"(environment) : : "memory");
    clear_environment(environment);
    return write(ea, environment, sizeof environment, stack);
}

bool Engine::Impl::do_fnsave(const Instruction& insn, uint64_t next)
{
    const uint64_t ea = address_of(insn, next);
    const bool stack = insn.in_stack_segment();
    Touched probe;
    if (!touch(ea, 108, true, stack, probe)) return false;
    uint8_t state[108];
    asm volatile("fnsave %0" : "=m"(state) : : "memory");
    clear_environment(state);
    return write(ea, state, sizeof state, stack);
}

bool Engine::Impl::do_maskmov(const Instruction& insn)
{
    uint64_t to = context->gpr[rdi];
    if (insn.address32) to = uint32_t(to);
    if (insn.segment) to += insn.segment == 4 ? context->fs_base : context->gs_base;
    const bool mmx = insn.mandatory != 0x66;
    const uint32_t size = mmx ? 8 : 16;
    const uint8_t* data = xmm(insn.reg_field());
    const uint8_t* mask = xmm(insn.rm_field());
    if (mmx) {
        x87_out();
        uint8_t* image = fpu->fxsave.data();
        if (image[status_at] & exception_summary) return fault(Vector::x87);
        enter_mmx(image);
        data = image + st_at + size_t{16} * (insn.modrm >> 3 & 7);
        mask = image + st_at + size_t{16} * (insn.modrm & 7);
    }
    // With an empty mask the address is looked at all the same.
    uint8_t now[16], chosen[16];
    Touched probe;
    if (!touch(to, size, true, false, probe) || !read(to, now, size)) return false;
    for (uint32_t i = 0; i < size; ++i) chosen[i] = mask[i] & 0x80 ? data[i] : now[i];
    return write(to, chosen, size);
}

namespace {

/// Rounds to 12 bits after the point: an error of at most 2^-13, inside the 1.5 * 2^-12 that the
/// architecture allows, and the same on every host.
float rounded(float value)
{
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t kept = (bits + 0x400) & ~0x7ffu;
    return std::bit_cast<float>(kept);
}

float approximate(float x, bool root)
{
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    const uint32_t sign = bits & 0x80000000;
    const uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return std::bit_cast<float>(bits | 0x00400000);
    // Denormals count as zero.
    if (magnitude < 0x00800000) return std::bit_cast<float>(sign | 0x7f800000);
    if (root && sign) return std::bit_cast<float>(0xffc00000u);
    if (magnitude == 0x7f800000) return std::bit_cast<float>(sign);
    const float exact = root ? 1.0f / std::sqrt(x) : 1.0f / x;
    const float result = rounded(exact);
    return (std::bit_cast<uint32_t>(result) & 0x7f800000) ? result : std::bit_cast<float>(sign);
}

}  // namespace

/// rcpps, rcpss, rsqrtps, rsqrtss: their digits differ between vendors, so they are computed here.
bool Engine::Impl::do_reciprocal(const Instruction& insn, uint64_t next)
{
    const bool scalar = insn.mandatory == 0xf3;
    const uint32_t size = scalar ? 4 : 16;
    float in[4] = {};
    if (insn.has_mem) {
        const uint64_t ea = address_of(insn, next);
        if (!scalar && (ea & 15))
            return fault(Vector::general_protection);  // before the address is looked at
        if (!read(ea, in, size, insn.in_stack_segment())) return false;
    } else {
        std::memcpy(in, xmm(insn.rm_field()), size);
    }
    for (uint32_t i = 0; i < size / 4; ++i) in[i] = approximate(in[i], insn.opcode == 0x52);
    std::memcpy(xmm(insn.reg_field()), in, size);
    return true;
}

}  // namespace norn::x86
