// Jumps, calls, returns and the stack.
#include "x86/context.h"
#include "x86/engine.h"
#include "x86/translate.h"

namespace norn::x86 {

namespace {

constexpr int32_t jump_tag = offsetof(Context, jump_tag);
constexpr int32_t jump_host = offsetof(Context, jump_host);

}  // namespace

/// Goes on at a known address.
void Translator::link(uint64_t target)
{
    ended_ = true;
    if (!may_link()) return exit_to(SiteKind::next, target);
    if (!may_link_to(target)) return page_link(target);
    cold_link(e_.jmp(), target, 0);
}

/// The jump at `rel` goes on at `target`: by way of an exit at first, directly once it is patched.
void Translator::cold_link(uint8_t* rel, uint64_t target, uint32_t refund)
{
    Cold cold;
    cold.rel = rel;
    cold.link = true;
    cold.target = target;
    cold.refund = refund;
    cold.site = site(SiteKind::link);
    cold_[cold_count_++] = cold;
}

/// Another page may hold other code in another address space, so the space is asked.
void Translator::page_link(uint64_t target)
{
    const uint32_t number = cache_.link_number(target);
    if (!number) {
        e_.mov_imm(host_t1, target);
        return indirect();
    }
    e_.load_slot(host_t0, slot_of_link(number));
    uint8_t* absent = e_.jrcxz_short();
    e_.jmp_scratch();
    e_.aim_short(absent);
    Cold cold;
    cold.rel = e_.jmp();
    cold.place = true;
    cold.target = target;
    cold.site = site(SiteKind::page_link);
    cache_.site(cold.site).link = number;
    cold_[cold_count_++] = cold;
}

/// Goes on behind the jump that it returns if the jump cache has the address in r15.
uint8_t* Translator::ask_jump_cache()
{
    e_.movzx16(host_t0, host_t1);
    e_.load(host_t0, Emitter::table(jump_tag, host_t0));
    e_.lea(host_t0, {host_t1, host_t0, 0, 0, false});
    return e_.jump_over();
}

/// Goes on at the address in r15.
void Translator::indirect()
{
    ended_ = true;
    if (!may_link()) return exit(site(SiteKind::next));
    uint8_t* rel = ask_jump_cache();
    cold_[cold_count_++] = {rel, site(SiteKind::jump), {}, false, 0, 0};
    e_.movzx16(host_t0, host_t1);
    e_.jmp_mem(Emitter::table(jump_host, host_t0));
}

void Translator::jump_if(const Instruction& insn)
{
    const uint64_t target = next_rip() + insn.imm;
    if (!is_last() && target != next_rip() && rip_of(current_ + 1) == target)
        return cold_link(e_.jcc((insn.opcode & 15) ^ 1), next_rip(), count_ - current_ - 1);
    uint8_t* taken = e_.jcc(insn.opcode & 15);
    if (!is_last()) return cold_link(taken, target, count_ - current_ - 1);
    link(next_rip());
    if (may_link_to(target)) return cold_link(taken, target, 0);
    e_.aim_here(taken);
    link(target);
}

void Translator::loop(const Instruction& insn)
{
    const uint64_t target = next_rip() + insn.imm;
    const Op op = insn.form->op;
    if (op == Op::jrcxz) {
        if (insn.address32)
            e_.op_mem(0x8d, host_t0, {host_rcx_home, -1, 0, 0, false}, false);
        else
            e_.mov(host_t0, host_rcx_home);
        uint8_t* zero = e_.jrcxz_short();
        uint8_t* over = e_.jmp();
        e_.aim_short(zero);
        link(target);
        e_.aim_here(over);
        return link(next_rip());
    }
    e_.op_mem(0x8d, host_rcx_home, {host_rcx_home, -1, 0, -1, false}, !insn.address32);
    e_.mov(host_t0, host_rcx_home);
    uint8_t* zero = e_.jrcxz_short();
    uint8_t* stop = nullptr;
    if (op == Op::loope) stop = e_.jcc(5);
    if (op == Op::loopne) stop = e_.jcc(4);
    uint8_t* again = e_.jmp();
    e_.aim_short(zero);
    if (stop) e_.aim_here(stop);
    link(next_rip());
    e_.aim_here(again);
    link(target);
}

void Translator::push_return_address()
{
    const HostMem m = check(stack(-8), 8, true, false, true);
    const uint64_t value = next_rip();
    if (value <= INT32_MAX) {
        e_.op_mem(0xc7, 0, m);
        e_.word32(uint32_t(value));
    } else {
        e_.mov_imm(host_t0, value);
        e_.store(m, host_t0);
    }
    e_.lea(rsp, {rsp, -1, 0, -8, false});
}

void Translator::call(const Instruction& insn)
{
    const uint64_t target = next_rip() + insn.imm;
    if (!is_canonical(target)) return helper(insn, true);
    push_return_address();
    link(target);
}

/// The operand of an indirect jump, call or push, in a scratch register.
void Translator::value_to(int scratch, const Instruction& insn)
{
    if (insn.has_mem) {
        const HostMem m = check(operand(insn), 8, false, false, false);
        e_.load(scratch, m);
        if (scratch == host_t1) hold(-1);
        return;
    }
    hold(-1);
    const int guest = insn.rm_field();
    if (in_slot(guest))
        e_.load_slot(scratch, slot_of(guest));
    else
        e_.mov(scratch, host_of(guest));
}

void Translator::jump_indirect(const Instruction& insn)
{
    value_to(host_t1, insn);
    indirect();
}

/// The jump cache is asked before anything is pushed: it has no address that no code can have, and a call
/// to such a one stores nothing. C++ does the whole call where it misses.
void Translator::call_indirect(const Instruction& insn)
{
    if (!may_link()) return helper(insn, true);
    ended_ = true;
    const uint8_t* start = e_.here();
    const int guest = insn.rm_field();
    const bool direct = !insn.has_mem && !in_slot(guest) && guest != rsp;
    value_to(host_t1, insn);
    if (!direct) e_.store_slot(NORN_CTX_TMP, host_t1);
    uint8_t* rel = ask_jump_cache();
    cold_[cold_count_++] = {rel, helper_site(insn, SiteKind::helper_end), {}, false, 0, 0};
    push_return_address();
    retry_at(start);
    if (!direct) e_.load_slot(host_t1, NORN_CTX_TMP);
    e_.movzx16(host_t0, direct ? host_of(guest) : host_t1);
    e_.jmp_mem(Emitter::table(jump_host, host_t0));
}

void Translator::ret(const Instruction& insn)
{
    const HostMem m = check(stack(0), 8, false, false, true);
    e_.load(host_t1, m);
    e_.lea(rsp, {rsp, -1, 0, int32_t(8 + (insn.imm & 0xffff)), false});
    indirect();
}

/// 64-bit pushes; the 16-bit ones are done in C++.
void Translator::push(const Instruction& insn)
{
    const Op op = insn.form->op;
    if (op == Op::push_mem) {
        value_to(host_t0, insn);
        e_.store_slot(NORN_CTX_TMP, host_t0);
    }
    const HostMem m = check(stack(-8), 8, true, false, true);
    const int guest = insn.opreg_field();
    if (op == Op::push_imm) {
        e_.op_mem(0xc7, 0, m);
        e_.word32(uint32_t(insn.imm));
    } else if (op == Op::push_reg && !in_slot(guest)) {
        e_.store(m, host_of(guest));
    } else {
        e_.load_slot(host_t0, op == Op::push_mem ? NORN_CTX_TMP : slot_of(guest));
        e_.store(m, host_t0);
    }
    e_.lea(rsp, {rsp, -1, 0, -8, false});
}

void Translator::pop(const Instruction& insn)
{
    const HostMem m = check(stack(0), 8, false, false, true);
    const int guest = insn.opreg_field();
    const int to = in_slot(guest) ? host_t0 : host_of(guest);
    e_.load(to, m);
    if (in_slot(guest)) e_.store_slot(slot_of(guest), host_t0);
    if (guest != rsp) e_.lea(rsp, {rsp, -1, 0, 8, false});
}

/// C++ does the instruction when it goes downwards.
void Translator::string_is_upward(const Instruction& insn)
{
    e_.load_slot(host_t0, NORN_CTX_DIRECTION);
    cold_[cold_count_++] = {e_.jump_over(), helper_site(insn, SiteKind::helper_end), {}, false, 0, 0};
}

/// movs, stos or lods, once.
void Translator::string(const Instruction& insn)
{
    string_is_upward(insn);
    string_step(insn);
}

/// rep movs or rep stos: a step at a time if they are few, else C++ does them at once.
void Translator::string_loop(const Instruction& insn)
{
    if (current_ == 0) {
        string_is_upward(insn);
        // 4096 / 128 steps and more leave something behind the shift.
        e_.lea(host_t0, {-1, host_rcx_home, 3, 0, false});
        e_.lea(host_t0, {-1, host_t0, 3, 0, false});
        e_.lea(host_t0, {host_t0, host_t0, 0, 0, false});
        e_.shrx(host_t0, host_t0, host_budget);
        cold_[cold_count_++] = {e_.jump_over(), helper_site(insn, SiteKind::helper_end), {}, false, 0, 0};
        link_if_rcx_is_zero(next_rip(), count_ - 1);
    }
    string_step(insn);
    e_.lea(host_rcx_home, {host_rcx_home, -1, 0, -1, false});
    if (!is_last()) return link_if_rcx_is_zero(next_rip(), count_ - current_ - 1);
    link_if_rcx_is_zero(next_rip(), 0);
    link(rip_);
}

void Translator::link_if_rcx_is_zero(uint64_t target, uint32_t refund)
{
    e_.mov(host_t0, host_rcx_home);
    uint8_t* zero = e_.jrcxz_short();
    uint8_t* over = e_.jmp_short();
    e_.aim_short(zero);
    if (refund || may_link_to(target))
        cold_link(e_.jmp(), target, refund);
    else
        page_link(target);
    e_.aim_short(over);
}

/// One step of movs, stos or lods upwards.
void Translator::string_step(const Instruction& insn)
{
    const uint32_t size = insn.opcode & 1 ? insn.opsize : 1;
    const bool from_memory = (insn.opcode & 0xfe) != 0xaa, to_memory = (insn.opcode & 0xfe) != 0xac;
    const auto move = [&](uint8_t opcode, int reg, const HostMem& m) {
        if (size == 2) e_.byte(0x66);
        e_.op_mem(uint8_t(size == 1 ? opcode - 1 : opcode), reg, m, size == 8);
    };
    int value = rax;
    if (from_memory) {
        const HostMem m = check({rsi, -1, 0, 0, 0, false, false, 0}, size, false, false, true);
        value = to_memory ? host_t0 : int(rax);
        move(0x8b, value, m);
        if (to_memory) e_.store_slot(NORN_CTX_TMP, host_t0);
    }
    if (to_memory) {
        const HostMem m = check({rdi, -1, 0, 0, 0, false, false, 0}, size, true, false, true);
        if (from_memory) e_.load_slot(host_t0, NORN_CTX_TMP);
        move(0x89, value, m);
        e_.lea(rdi, {rdi, -1, 0, int32_t(size), false});
    }
    if (from_memory) e_.lea(rsi, {rsi, -1, 0, int32_t(size), false});
}

void Translator::leave()
{
    const HostMem m = check({rbp, -1, 0, 0, 0, false, false, 0}, 8, false, false, true);
    e_.load(host_t0, m);
    e_.lea(rsp, {rbp, -1, 0, 8, false});
    e_.mov(rbp, host_t0);
}

}  // namespace norn::x86
