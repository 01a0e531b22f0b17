// movs, cmps, stos, lods, scas. Each iteration of a repeated one retires as an instruction, and the
// registers after each are what an interrupt there would show.
#include <algorithm>
#include <cstring>

#include "x86/engine_impl.h"

namespace norn::x86 {

namespace {

enum class Kind : uint8_t { movs, cmps, stos, lods, scas };

Kind kind_of(uint8_t opcode)
{
    switch (opcode & 0xfe) {
        case 0xa4:
            return Kind::movs;
        case 0xa6:
            return Kind::cmps;
        case 0xaa:
            return Kind::stos;
        case 0xac:
            return Kind::lods;
        default:
            return Kind::scas;
    }
}

/// Flags of a - b, as Context::flags has them.
uint64_t flags_of_difference(uint64_t a, uint64_t b, uint32_t size)
{
    const int top = int(size) * 8 - 1;
    const uint64_t mask = size == 8 ? ~0ull : (1ull << (size * 8)) - 1;
    a &= mask, b &= mask;
    const uint64_t r = (a - b) & mask;
    uint64_t f = 0x02;
    if (a < b) f |= flag::cf;
    if (!(__builtin_popcountll(r & 0xff) & 1)) f |= flag::pf;
    if ((a ^ b ^ r) & 0x10) f |= flag::af;
    if (!r) f |= flag::zf;
    if (r >> top & 1) f |= flag::sf;
    return f << 8 | (((a ^ b) & (a ^ r)) >> top & 1);
}

}  // namespace

/// The state of one string instruction while it runs.
struct StringRun {
    Kind kind;
    uint32_t size;
    uint64_t address_mask;  ///< 32 bits with an address-size prefix
    uint64_t source_base;
    bool repeated, while_equal;
    int64_t step;
};

bool Engine::Impl::string_iteration(const StringRun& s)
{
    auto& gpr = context->gpr;
    const uint64_t source = (gpr[rsi] & s.address_mask) + s.source_base;
    const uint64_t target = gpr[rdi] & s.address_mask;
    uint64_t a = 0, b = 0;
    switch (s.kind) {
        case Kind::movs:
            if (!read(source, &a, s.size) || !write(target, &a, s.size)) return false;
            break;
        case Kind::cmps:
            // Processors look at the second operand first, but not in a repeated one.
            if (s.repeated && !read(source, &a, s.size)) return false;
            if (!read(target, &b, s.size) || !read(source, &a, s.size)) return false;
            context->flags = flags_of_difference(a, b, s.size);
            break;
        case Kind::stos:
            if (!write(target, &gpr[rax], s.size)) return false;
            break;
        case Kind::lods:
            if (!read(source, &a, s.size)) return false;
            write_gpr(rax, a, s.size);
            break;
        case Kind::scas:
            if (!read(target, &b, s.size)) return false;
            context->flags = flags_of_difference(gpr[rax], b, s.size);
            break;
    }
    string_advance(s, 1);
    return true;
}

void Engine::Impl::string_advance(const StringRun& s, uint64_t iterations)
{
    auto& gpr = context->gpr;
    const uint64_t distance = uint64_t(s.step) * iterations;
    const bool narrow = s.address_mask == UINT32_MAX;
    const auto add = [&](int reg, uint64_t n) { gpr[reg] = narrow ? uint32_t(gpr[reg] + n) : gpr[reg] + n; };
    if (s.kind == Kind::movs || s.kind == Kind::cmps || s.kind == Kind::lods) add(rsi, distance);
    if (s.kind != Kind::lods) add(rdi, distance);
    if (s.repeated) add(rcx, 0 - iterations);
}

/// How many iterations, up to `limit`, were done at once: forward moves and fills inside one page each.
uint64_t Engine::Impl::string_bulk(const StringRun& s, uint64_t limit)
{
    if (s.step < 0 || s.address_mask == UINT32_MAX || (s.kind != Kind::movs && s.kind != Kind::stos))
        return 0;
    auto& gpr = context->gpr;
    const auto to_page_end = [](uint64_t ea) { return page_size - (ea & page_mask); };
    const uint64_t source = gpr[rsi] + s.source_base, target = gpr[rdi];
    uint64_t bytes = to_page_end(target);
    if (s.kind == Kind::movs) bytes = std::min(bytes, to_page_end(source));
    const uint64_t n = std::min(limit, bytes / s.size);
    if (n < 2) return 0;
    const uint32_t size = uint32_t(n * s.size);
    Touched from, to;
    if (s.kind == Kind::movs && !touch(source, size, false, false, from)) return 0;
    if (!touch(target, size, true, false, to) || !to.cached) return 0;
    // Stores may have given the source page another frame.
    if (s.kind == Kind::movs && !touch(source, size, false, false, from)) return 0;
    uint8_t* d = to.host[0];
    if (s.kind == Kind::movs) {
        const uint8_t* f = from.host[0];
        if (d > f && d < f + size) return 0;
        std::memmove(d, f, size);
    } else {
        for (uint64_t i = 0; i < n; ++i) std::memcpy(d + i * s.size, &gpr[rax], s.size);
    }
    string_advance(s, n);
    return n;
}

bool Engine::Impl::do_string(const Instruction& insn, uint64_t rip)
{
    StringRun s{};
    s.kind = kind_of(insn.opcode);
    s.size = insn.opcode & 1 ? insn.opsize : 1;
    s.address_mask = insn.address32 ? UINT32_MAX : ~0ull;
    s.source_base = insn.segment == 4 ? context->fs_base : insn.segment == 5 ? context->gs_base : 0;
    s.repeated = insn.rep || insn.repne;
    s.while_equal = insn.rep;
    s.step = context->direction ? -int64_t(s.size) : int64_t(s.size);
    const bool compares = s.kind == Kind::cmps || s.kind == Kind::scas;

    // The dispatcher has charged one instruction already.
    const uint64_t limit = stepping || !s.repeated ? 1 : uint64_t(left_in_chunk()) + 1;
    uint64_t done = 0;
    bool ok = true, finished = false;
    for (;;) {
        if (s.repeated && (context->gpr[rcx] & s.address_mask) == 0) {
            finished = true;
            break;
        }
        if (done == limit) break;
        const uint64_t count = context->gpr[rcx] & s.address_mask;
        const uint64_t bulk = s.repeated ? string_bulk(s, std::min(limit - done, count)) : 0;
        if (bulk) {
            done += bulk;
            continue;
        }
        pending = {};
        ok = string_iteration(s);
        if (!ok) break;
        ++done;
        finished = !s.repeated;
        if (finished) break;
        if (compares && bool(context->flags & flag::zf << 8) != s.while_equal) {
            finished = true;
            break;
        }
        if (code_changed) break;
    }
    // A REP that has nothing to do is an instruction as well.
    const uint64_t retired = ok && finished ? std::max<uint64_t>(done, 1) : done;
    charge(int64_t(retired) - 1);
    context->rip = finished ? rip + insn.length : rip;
    return ok;
}

}  // namespace norn::x86
