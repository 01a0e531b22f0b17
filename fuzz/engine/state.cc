#include "state.h"

#include <cstring>
#include <iterator>

namespace norn::fuzz {

namespace {

constexpr size_t fcw_at = 0, fsw_at = 2, ftw_at = 4, mxcsr_at = 24, st_at = 32, xmm_at = 160, slot = 16;

template <typename T>
void store(x86::Fpu& fpu, size_t at, T value)
{
    std::memcpy(fpu.fxsave.data() + at, &value, sizeof value);
}

uint64_t random_f64_bits(Rng& rng)
{
    static constexpr uint64_t special[] = {0,
                                           0x8000'0000'0000'0000,
                                           0x3ff0'0000'0000'0000,
                                           0xbff0'0000'0000'0000,
                                           0x7ff0'0000'0000'0000,
                                           0xfff0'0000'0000'0000,
                                           0x7ff8'0000'0000'0000,
                                           0x7ff0'0000'0000'0001,
                                           0x0000'0000'0000'0001,
                                           0x000f'ffff'ffff'ffff,
                                           0x7fef'ffff'ffff'ffff,
                                           0x41df'ffff'ffc0'0000,
                                           0x43e0'0000'0000'0000};
    if (rng.one_in(3)) return special[rng.below(std::size(special))];
    const auto number =
        static_cast<double>(rng.between(-1000, 1000)) / static_cast<double>(rng.between(1, 64));
    uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
}

uint32_t random_f32_bits(Rng& rng)
{
    static constexpr uint32_t special[] = {0,           0x8000'0000, 0x3f80'0000, 0xbf80'0000, 0x7f80'0000,
                                           0xff80'0000, 0x7fc0'0000, 0x7f80'0001, 0x0000'0001, 0x007f'ffff,
                                           0x7f7f'ffff, 0x4f00'0000, 0x5f00'0000};
    if (rng.one_in(3)) return special[rng.below(std::size(special))];
    const auto number = static_cast<float>(rng.between(-1000, 1000)) / static_cast<float>(rng.between(1, 64));
    uint32_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
}

uint64_t random_lane(Rng& rng)
{
    switch (rng.below(4)) {
        case 0:
            return random_f64_bits(rng);
        case 1:
            return uint64_t{random_f32_bits(rng)} << 32 | random_f32_bits(rng);
        case 2:
            return random_word(rng);
        default:
            return rng.next();
    }
}

/// An 80-bit number: often a sensible one, sometimes a class that only x87 knows.
void store_random_f80(x86::Fpu& fpu, size_t at, Rng& rng)
{
    constexpr uint64_t integer_bit = 1ull << 63;
    uint64_t mantissa = rng.next() | integer_bit;
    auto exponent = static_cast<uint16_t>(0x3fff + rng.between(-40, 40));
    switch (rng.below(12)) {
        case 0:
            mantissa = 0;
            exponent = 0;
            break;  // zero
        case 1:
            mantissa = integer_bit;
            exponent = 0x7fff;
            break;  // infinity
        case 2:
            exponent = 0x7fff;
            break;  // NaN
        case 3:
            mantissa &= ~integer_bit;
            exponent = 0;
            break;  // denormal
        case 4:
            mantissa &= ~integer_bit;
            break;  // unnormal: invalid
        case 5:
            mantissa = integer_bit;
            exponent = 0x3fff;
            break;  // one
        case 6:
            exponent = static_cast<uint16_t>(rng.below(0x8000));
            break;
        case 7:
            mantissa = rng.next() << 40 | integer_bit;
            break;  // few digits
        default:
            break;
    }
    const auto sign = static_cast<uint16_t>(rng.below(2) << 15);
    store(fpu, at, mantissa);
    store(fpu, at + 8, static_cast<uint16_t>(exponent | sign));
}

}  // namespace

uint64_t random_word(Rng& rng)
{
    static constexpr uint64_t special[] = {0,
                                           1,
                                           2,
                                           7,
                                           8,
                                           31,
                                           32,
                                           63,
                                           64,
                                           0x7f,
                                           0x80,
                                           0xff,
                                           0x7fff,
                                           0x8000,
                                           0xffff,
                                           0x7fff'ffff,
                                           0x8000'0000,
                                           0xffff'ffff,
                                           0x7fff'ffff'ffff'ffff,
                                           0x8000'0000'0000'0000,
                                           ~0ull,
                                           ~1ull,
                                           0x0123'4567'89ab'cdef};
    switch (rng.below(4)) {
        case 0:
            return special[rng.below(std::size(special))];
        case 1:
            return static_cast<uint64_t>(rng.between(-64, 64));
        case 2:
            return rng.next() >> rng.below(64);
        default:
            return rng.next();
    }
}

x86::Cpu random_cpu(Rng& rng)
{
    namespace flag = x86::flag;
    x86::Cpu cpu;
    for (uint64_t& value : cpu.gpr) value = random_word(rng);
    cpu.rflags = (rng.next() & flag::arithmetic) | flag::fixed1 | flag::if_;
    if (rng.one_in(8)) cpu.rflags |= flag::df;
    constexpr uint64_t canonical_mask = 0x0000'7fff'ffff'ffff;
    cpu.fs_base = rng.one_in(2) ? rng.next() & canonical_mask : 0;
    cpu.gs_base = rng.one_in(2) ? rng.next() & canonical_mask : 0;
    return cpu;
}

uint32_t random_mxcsr(Rng& rng)
{
    constexpr uint32_t all_masks = 0x1f80, flags = 0x3f, rounding = 0x6000, flush = 0x8000, zeros = 0x40;
    uint32_t value = all_masks;
    const auto bits = static_cast<uint32_t>(rng.next());
    if (rng.one_in(2)) value |= bits & rounding;
    if (rng.one_in(4)) value |= bits & flags;
    if (rng.one_in(8)) value |= bits & (flush | zeros);
    if (rng.one_in(8)) value &= ~(bits >> 7 & all_masks);
    return value;
}

x86::Fpu random_fpu(Rng& rng)
{
    constexpr uint16_t all_masks = 0x3f, reserved_one = 0x40, controls = 0x0f00;
    constexpr uint16_t top = 0x3800, conditions = 0x4700, exceptions = 0x3f;
    x86::Fpu fpu;
    const auto bits = static_cast<uint16_t>(rng.next());
    uint16_t fcw = 0x037f;
    if (rng.one_in(3)) fcw = static_cast<uint16_t>((bits & controls) | all_masks | reserved_one);
    uint16_t fsw = static_cast<uint16_t>(rng.next() & (top | conditions));
    if (rng.one_in(6)) fsw |= bits & exceptions;
    if (rng.one_in(12)) {  // unmasked, and then nothing pending: that would fault before all else
        fcw &= static_cast<uint16_t>(~(rng.next() & all_masks));
        fsw &= static_cast<uint16_t>(~exceptions);
    }
    store(fpu, fcw_at, fcw);
    store(fpu, fsw_at, fsw);
    const auto tags = static_cast<uint8_t>(rng.next());
    store(fpu, ftw_at, rng.one_in(3) ? tags : rng.one_in(6) ? uint8_t{0} : uint8_t{0xff});
    store(fpu, mxcsr_at, random_mxcsr(rng));
    store(fpu, mxcsr_at + 4, uint32_t{0xffff});
    for (size_t i = 0; i < 8; ++i) store_random_f80(fpu, st_at + i * slot, rng);
    for (size_t i = 0; i < 32; ++i) store(fpu, xmm_at + i * 8, random_lane(rng));
    return fpu;
}

}  // namespace norn::fuzz
