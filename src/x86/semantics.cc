// Instructions that C++ carries out: those with more than one memory operand when one of them misses, and
// those that emitted code must not contain. Every page is touched before anything changes.
#include <cstdlib>
#include <cstring>

#include "x86/engine_impl.h"

namespace norn::x86 {

bool Engine::Impl::read(uint64_t ea, void* to, uint32_t size, bool stack)
{
    Touched t;
    if (!touch(ea, size, false, stack, t)) return false;
    std::memcpy(to, t.host[0], t.size[0]);
    if (t.size[1]) std::memcpy(static_cast<uint8_t*>(to) + t.size[0], t.host[1], t.size[1]);
    return true;
}

bool Engine::Impl::write(uint64_t ea, const void* from, uint32_t size, bool stack)
{
    Touched t;
    if (!touch(ea, size, true, stack, t)) return false;
    std::memcpy(t.host[0], from, t.size[0]);
    if (t.size[1]) std::memcpy(t.host[1], static_cast<const uint8_t*>(from) + t.size[0], t.size[1]);
    stored(t);
    return true;
}

uint64_t Engine::Impl::address_of(const Instruction& insn, uint64_t next, uint64_t displacement)
{
    uint64_t ea = uint64_t(int64_t(insn.disp)) + displacement;
    if (insn.rip_relative) ea += next;
    if (insn.base >= 0) ea += context->gpr[insn.base];
    if (insn.index >= 0) ea += context->gpr[insn.index] << insn.scale;
    if (insn.address32) ea = uint32_t(ea);
    if (insn.segment) ea += insn.segment == 4 ? context->fs_base : context->gs_base;
    return ea;
}

/// As instructions write a register: 4 bytes clear the upper half, 2 and 1 leave the rest alone.
void Engine::Impl::write_gpr(int reg, uint64_t value, uint32_t size)
{
    uint64_t& to = context->gpr[reg];
    switch (size) {
        case 1:
            to = (to & ~0xffull) | (value & 0xff);
            break;
        case 2:
            to = (to & ~0xffffull) | (value & 0xffff);
            break;
        case 4:
            to = uint32_t(value);
            break;
        default:
            to = value;
    }
}

bool Engine::Impl::operand_value(const Instruction& insn, uint64_t next, uint64_t& value)
{
    value = 0;
    const uint32_t size = insn.form->op == Op::push_mem && insn.opsize == 2 ? 2 : 8;
    if (!insn.has_mem) {
        value = context->gpr[insn.rm_field()];
        return true;
    }
    return read(address_of(insn, next), &value, size, insn.in_stack_segment());
}

bool Engine::Impl::push(uint64_t value, uint32_t size)
{
    const uint64_t to = context->gpr[rsp] - size;
    if (!write(to, &value, size, true)) return false;
    context->gpr[rsp] = to;
    return true;
}

bool Engine::Impl::do_push(const Instruction& insn, uint64_t next)
{
    const uint32_t size = insn.opsize == 2 ? 2 : 8;
    uint64_t value = insn.imm;
    if (insn.form->op == Op::push_reg) value = context->gpr[insn.opreg_field()];
    if (insn.form->op == Op::push_mem && !operand_value(insn, next, value)) return false;
    return push(value, size);
}

bool Engine::Impl::do_pop(const Instruction& insn, uint64_t next)
{
    const uint32_t size = insn.opsize == 2 ? 2 : 8;
    uint64_t value = 0;
    const uint64_t old = context->gpr[rsp];
    if (!read(old, &value, size, true)) return false;
    // The address of a memory operand is computed with the new rsp.
    context->gpr[rsp] = old + size;
    if (insn.form->op == Op::pop_reg) {
        write_gpr(insn.opreg_field(), value, size);
    } else if (!insn.has_mem) {
        write_gpr(insn.rm_field(), value, size);
    } else if (!write(address_of(insn, next), &value, size, insn.in_stack_segment())) {
        context->gpr[rsp] = old;
        return false;
    }
    return true;
}

/// A jump to an address that no code can have is the jumping instruction's own fault.
bool Engine::Impl::can_jump_to(uint64_t target)
{
    if (is_canonical(target)) return true;
    pending.noncanonical = true;
    return fault(Vector::general_protection);
}

bool Engine::Impl::jump_to(uint64_t target)
{
    context->rip = target;
    return true;
}

bool Engine::Impl::do_jump(const Instruction& insn, uint64_t next)
{
    uint64_t target = 0;
    return operand_value(insn, next, target) && can_jump_to(target) && jump_to(target);
}

bool Engine::Impl::do_call(const Instruction& insn, uint64_t next)
{
    uint64_t target = next + insn.imm;
    if (insn.form->op == Op::call_ind && !operand_value(insn, next, target)) return false;
    Touched probe;
    return touch(context->gpr[rsp] - 8, 8, true, true, probe) && can_jump_to(target) && push(next, 8) &&
           jump_to(target);
}

bool Engine::Impl::do_ret(const Instruction& insn)
{
    uint64_t target = 0;
    if (!read(context->gpr[rsp], &target, 8, true) || !can_jump_to(target)) return false;
    context->gpr[rsp] += 8 + (insn.imm & 0xffff);
    return jump_to(target);
}

bool Engine::Impl::do_leave(const Instruction& insn)
{
    const uint32_t size = insn.opsize == 2 ? 2 : 8;
    uint64_t value = 0;
    if (!read(context->gpr[rbp], &value, size, true)) return false;
    context->gpr[rsp] = context->gpr[rbp] + size;
    write_gpr(rbp, value, size);
    return true;
}

bool Engine::Impl::do_enter(const Instruction& insn)
{
    const uint32_t size = insn.opsize == 2 ? 2 : 8;
    const uint32_t level = insn.imm >> 16 & 31;
    uint64_t frame[33];
    const uint64_t top = context->gpr[rsp] - size;
    frame[0] = context->gpr[rbp];
    for (uint32_t i = 1; i < level; ++i)
        if (!read(context->gpr[rbp] - uint64_t(i) * size, &frame[i], size, true)) return false;
    if (level) frame[level] = top;
    const uint64_t new_rsp = top - uint64_t(level) * size - (insn.imm & 0xffff);
    Touched probe;
    if (!touch(new_rsp, 1, true, true, probe)) return false;
    for (uint32_t i = 0; i <= level; ++i)
        if (!write(top - uint64_t(i) * size, &frame[i], size, true)) return false;
    write_gpr(rbp, top, size);
    context->gpr[rsp] = new_rsp;
    return true;
}

/// bt, bts, btr, btc with a bit offset in a register, which may reach outside the operand.
bool Engine::Impl::do_bit_string(const Instruction& insn, uint64_t next)
{
    const uint32_t size = insn.opsize;
    const int shift = size == 2 ? 48 : size == 4 ? 32 : 0;
    const int64_t offset = int64_t(context->gpr[insn.reg_field()] << shift) >> shift;
    const int bits = size == 2 ? 4 : size == 4 ? 5 : 6;
    const uint64_t ea = address_of(insn, next, uint64_t(offset >> bits) * size);
    const bool writes_back = insn.form->rm_access & writes;
    Touched t;
    if (!touch(ea, size, writes_back, insn.in_stack_segment(), t)) return false;
    uint64_t value = 0;
    if (!read(ea, &value, size)) return false;
    const uint64_t bit = 1ull << (offset & (size * 8 - 1));
    const bool was = value & bit;
    context->flags = (context->flags & ~0x100ull) | (was ? 0x100 : 0);
    if (!writes_back) return true;
    const uint8_t kind = insn.opcode >> 3 & 3;  // A3 bt, AB bts, B3 btr, BB btc
    value = kind == 1 ? value | bit : kind == 2 ? value & ~bit : value ^ bit;
    return write(ea, &value, size);
}

bool Engine::Impl::do_cmpxchg16(const Instruction& insn, uint64_t next)
{
    const bool wide = insn.rex & 8;
    const uint64_t ea = address_of(insn, next);
    const uint32_t size = wide ? 16 : 8;
    if (wide && (ea & 15)) return fault(Vector::general_protection);
    uint64_t now[2] = {};
    Touched t;
    if (!touch(ea, size, true, insn.in_stack_segment(), t) || !read(ea, now, size)) return false;
    auto& gpr = context->gpr;
    uint64_t expected[2] = {gpr[rax], gpr[rdx]}, wanted[2] = {gpr[rbx], gpr[rcx]};
    if (!wide) {
        expected[0] = uint32_t(gpr[rax]) | gpr[rdx] << 32;
        wanted[0] = uint32_t(gpr[rbx]) | gpr[rcx] << 32;
        expected[1] = wanted[1] = 0;
    }
    const bool equal = now[0] == expected[0] && now[1] == expected[1];
    context->flags = (context->flags & ~0x4000ull) | (equal ? 0x4000 : 0);
    if (!equal) {
        gpr[rax] = wide ? now[0] : uint32_t(now[0]);
        gpr[rdx] = wide ? now[1] : now[0] >> 32;
    }
    return write(ea, equal ? wanted : now, size);
}

bool Engine::Impl::do_popf(const Instruction& insn)
{
    const uint32_t size = insn.opsize == 2 ? 2 : 8;
    uint64_t value = 0;
    if (!read(context->gpr[rsp], &value, size, true)) return false;
    context->gpr[rsp] += size;
    if (size == 2) value |= rflags() & ~0xffffull;
    set_rflags(value & flag::user);
    return true;
}

bool Engine::Impl::do_moffs(const Instruction& insn)
{
    uint64_t ea = insn.imm;
    if (insn.segment) ea += insn.segment == 4 ? context->fs_base : context->gs_base;
    const uint32_t size = insn.opcode & 1 ? insn.opsize : 1;
    if (insn.opcode >= 0xa2) return write(ea, &context->gpr[rax], size);
    uint64_t value = 0;
    if (!read(ea, &value, size)) return false;
    write_gpr(rax, value, size);
    return true;
}

/// The selectors that Linux gives a 64-bit program.
bool Engine::Impl::do_segment(const Instruction& insn, uint64_t next)
{
    constexpr uint16_t selectors[6] = {0, 0x33, 0x2b, 0, 0, 0};
    const int which = insn.modrm >> 3 & 7;
    if (which > 5) return fault(Vector::invalid_opcode);
    if (insn.has_mem) return write(address_of(insn, next), &selectors[which], 2, insn.in_stack_segment());
    write_gpr(insn.rm_field(), selectors[which], insn.opsize);
    return true;
}

bool Engine::Impl::do_xlat(const Instruction& insn)
{
    uint64_t ea = context->gpr[rbx] + (context->gpr[rax] & 0xff);
    if (insn.address32) ea = uint32_t(ea);
    if (insn.segment) ea += insn.segment == 4 ? context->fs_base : context->gs_base;
    uint8_t value = 0;
    if (!read(ea, &value, 1)) return false;
    write_gpr(rax, value, 1);
    return true;
}

/// The effect of all but the string instructions; `next` is behind it.
bool Engine::Impl::take_effect(const Instruction& insn, uint64_t next)
{
    switch (insn.form->op) {
        case Op::push_reg:
        case Op::push_imm:
        case Op::push_mem:
            return do_push(insn, next);
        case Op::pop_reg:
        case Op::pop_mem:
            return do_pop(insn, next);
        case Op::call:
        case Op::call_ind:
            return do_call(insn, next);
        case Op::jmp_ind:
            return do_jump(insn, next);
        case Op::ret:
            return do_ret(insn);
        case Op::leave:
            return do_leave(insn);
        case Op::enter:
            return do_enter(insn);
        case Op::cpuid:
            cpuid();
            return true;
        case Op::pushf:
            return push(rflags(), insn.opsize == 2 ? 2 : 8);
        case Op::popf:
            return do_popf(insn);
        case Op::xlat:
            return do_xlat(insn);
        case Op::moffs:
            return do_moffs(insn);
        case Op::bit_string:
            return do_bit_string(insn, next);
        case Op::cmpxchg16:
            return do_cmpxchg16(insn, next);
        case Op::mov_from_segment:
            return do_segment(insn, next);
        case Op::fxsave:
            return do_fxsave(insn, next);
        case Op::fxrstor:
            return do_fxrstor(insn, next);
        case Op::fnsave:
            return do_fnsave(insn, next);
        case Op::fnstenv:
            return do_fnstenv(insn, next);
        case Op::maskmov:
            return do_maskmov(insn);
        case Op::reciprocal:
            return do_reciprocal(insn, next);
        default:
            std::abort();
    }
}

bool Engine::Impl::carry_out(const Instruction& insn, uint64_t rip)
{
    if (insn.form->op == Op::string) return do_string(insn, rip);
    const uint64_t next = rip + insn.length;
    context->rip = next;
    if (take_effect(insn, next)) return true;
    context->rip = rip;
    return false;
}

}  // namespace norn::x86
