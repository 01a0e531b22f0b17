#include "x86/context.h"
#include "x86/translate.h"

namespace norn::x86 {

namespace {

constexpr bool is_high(const Instruction& insn, uint8_t size, int field)
{
    return size == 1 && !insn.rex && field >= 4;
}

}  // namespace

Translator::GuestMem Translator::operand(const Instruction& insn) const
{
    GuestMem m;
    m.base = insn.base;
    m.index = insn.index;
    m.scale = insn.scale;
    m.disp = insn.disp;
    m.segment = insn.segment;
    m.address32 = insn.address32;
    if (insn.rip_relative || (insn.base < 0 && insn.index < 0)) {
        m.absolute = true;
        m.address = uint64_t(int64_t(insn.disp)) + (insn.rip_relative ? next_rip() : 0);
        if (insn.address32) m.address = uint32_t(m.address);
    }
    return m;
}

void Translator::address_to_t1(const GuestMem& mem)
{
    if (mem.absolute) {
        e_.mov_imm(host_t1, mem.address);
    } else {
        HostMem m{-1, -1, mem.scale, mem.disp, false};
        if (mem.base >= 0) {
            m.base = in_slot(mem.base) ? host_t1 : host_of(mem.base);
            if (in_slot(mem.base)) load_held(host_t1, mem.base);
        }
        if (mem.index >= 0) {
            m.index = in_slot(mem.index) ? host_t0 : host_of(mem.index);
            if (in_slot(mem.index)) e_.load_slot(host_t0, slot_of(mem.index));
        }
        const bool there = m.base == host_t1 && m.index < 0 && m.disp == 0 && !mem.address32;
        if (!there) e_.op_mem(0x8d, host_t1, m, !mem.address32);
    }
    if (!mem.segment) return;
    e_.load_slot(host_t0, mem.segment == 4 ? NORN_CTX_FS_BASE : NORN_CTX_GS_BASE);
    e_.lea(host_t1, {host_t1, host_t0, 0, 0, false});
}

void Translator::miss(uint8_t* rel, const HostMem& ea, uint32_t size, bool write, bool aligned,
                      bool stack_segment)
{
    Site s;
    s.block = block_;
    s.kind = SiteKind::memory;
    s.insn = uint8_t(current_);
    s.size = uint8_t(size);
    s.write = write;
    s.aligned = aligned;
    s.stack = stack_segment;
    cold_[cold_count_] = {rel, cache_.add_site(s), ea, false, 0, 0};
    cold_[cold_count_++].keeps_carry = request_.straight;
}

/// Where the miss of the last check comes back to.
void Translator::retry_at(const uint8_t* at)
{
    cache_.site(cold_[cold_count_ - 1].site).host = uint32_t(at - cache_.writable(0));
}

/// The guest register, which lives in a slot, in a scratch register.
void Translator::load_held(int scratch, int guest)
{
    if (scratch != host_t1 || held_ != guest) e_.load_slot(scratch, slot_of(guest));
}

/// r15 is the new value of the guest register, which lives in a slot.
void Translator::store_held(int guest)
{
    e_.store_slot(slot_of(guest), host_t1);
    hold(guest);
}

/// Whether the instruction leaves r15 alone, or has said itself what it has there.
bool Translator::leaves_scratch(Op op)
{
    switch (op) {
        case Op::generic:
        case Op::lea:
        case Op::jcc:
        case Op::nop:
        case Op::cld:
        case Op::std:
        case Op::push_reg:
        case Op::push_imm:
        case Op::pop_reg:
        case Op::leave:
            return true;
        default:
            return false;
    }
}

/// Goes on if rcx, of 52 bits, is zero; returns where it jumps from otherwise.
uint8_t* Translator::unless_zero()
{
    return request_.straight ? e_.jump_unless_zero() : e_.jump_over();
}

/// Emits the check of [mem, mem + size) and returns the host operand; with `t0_free` it leaves rcx alone.
HostMem Translator::check(const GuestMem& mem, uint32_t size, bool write, bool aligned, bool t0_free)
{
    const int in_scratch = addend_of_;
    hold(-1);
    if (kind_ == BlockKind::bounced) {
        e_.load_slot(host_t1, NORN_CTX_BOUNCE);
        return {host_t1, -1, 0, 0, false};
    }
    if (kind_ == BlockKind::hot)
        if (const auto seen = through_window(mem, size, write, in_scratch, t0_free)) return *seen;
    const int32_t tag = tag_in_table(write), addend = addend_in_table(write);
    const bool stack_segment = (mem.base == rsp || mem.base == rbp) && !mem.segment;
    const uint8_t* retry = e_.here();
    const int32_t last = int32_t(size) - 1;
    const bool is_short = !mem.absolute && !mem.segment && !mem.address32 && mem.index < 0 && mem.base >= 0 &&
                          !in_slot(mem.base) && mem.disp < INT32_MAX - 64;
    if (is_short) {
        const int base = host_of(mem.base);
        if (mem.disp) e_.lea(host_t0, {base, -1, 0, mem.disp, false});
        e_.shrx32(host_t1, mem.disp ? host_t0 : base, host_budget);
        e_.load(host_t0, Emitter::table(tag, host_t1));
        e_.lea(host_t0, {base, host_t0, 0, mem.disp + last, false});
        e_.shrx(host_t0, host_t0, host_budget);
        miss(unless_zero(), {base, -1, 0, mem.disp, false}, size, write, aligned, stack_segment);
        retry_at(retry);
        e_.load(host_t1, Emitter::table(addend, host_t1));
        return {base, host_t1, 0, mem.disp, false};
    }
    address_to_t1(mem);
    e_.shrx32(host_t0, host_t1, host_budget);
    e_.load(host_t0, Emitter::table(tag, host_t0));
    e_.lea(host_t0, {host_t1, host_t0, 0, last, false});
    e_.shrx(host_t0, host_t0, host_budget);
    miss(unless_zero(), {}, size, write, aligned, stack_segment);
    retry_at(retry);
    e_.shrx32(host_t0, host_t1, host_budget);
    e_.load(host_t0, Emitter::table(addend, host_t0));
    if (!t0_free) return {host_t1, host_t0, 0, 0, false};
    e_.lea(host_t1, {host_t1, host_t0, 0, 0, false});
    return {host_t1, -1, 0, 0, false};
}

/// The guest's instruction with other registers and another memory operand.
void Translator::encode(const Instruction& insn, int reg, int rm, const HostMem* mem, int opreg)
{
    if (insn.operand16 && insn.mandatory != 0x66) e_.byte(0x66);
    if (insn.mandatory) e_.byte(insn.mandatory);
    uint8_t rex = insn.rex ? uint8_t(0x40 | (insn.rex & 8)) : 0;
    if (insn.form->opreg_access) {
        rex |= uint8_t((opreg & 8) >> 3);
    } else if (insn.form->modrm) {
        rex |= uint8_t((reg & 8) >> 1);
        rex |= mem ? Emitter::rex_of(false, reg, *mem) : uint8_t((rm & 8) >> 3);
    }
    if (rex) e_.byte(0x40 | rex);
    if (insn.map) e_.byte(0x0f);
    if (insn.map == 2) e_.byte(0x38);
    if (insn.map == 3) e_.byte(0x3a);
    e_.byte(insn.form->opreg_access ? uint8_t((insn.opcode & ~7) | (opreg & 7)) : insn.opcode);
    if (insn.form->modrm) {
        if (mem)
            e_.memory(reg, *mem);
        else
            e_.byte(uint8_t(0xc0 | (reg & 7) << 3 | (rm & 7)));
    }
    for (int i = 0; i < insn.imm_size; ++i) e_.byte(uint8_t(insn.imm >> (8 * i)));
}

bool Translator::names_high_byte(const Instruction& insn) const
{
    const Form& f = *insn.form;
    if (f.reg == Where::gpr && is_high(insn, f.reg_size, insn.modrm >> 3 & 7)) return true;
    if (f.rm == Where::gpr && !insn.has_mem && is_high(insn, f.rm_size, insn.modrm & 7)) return true;
    return f.opreg_access && is_high(insn, f.opreg_size, insn.opcode & 7);
}

/// Forms that name ah, ch, dh or bh allow no REX prefix, so no scratch register above 7.
void Translator::high_byte(const Instruction& insn)
{
    const Form& f = *insn.form;
    if (!insn.has_mem) {
        const auto is_rcx = [&](uint8_t size, int field) {
            return size == 1 ? (field & 3) == 1 : field == 1;
        };
        bool names_rcx = f.reads_cl;
        if (f.reg == Where::gpr) names_rcx |= is_rcx(f.reg_size, insn.modrm >> 3 & 7);
        if (f.rm == Where::gpr) names_rcx |= is_rcx(f.rm_size, insn.modrm & 7);
        if (f.opreg_access) names_rcx |= is_rcx(f.opreg_size, insn.opcode & 7);
        if (names_rcx) e_.mov(host_t0, host_rcx_home);
        encode(insn, insn.reg_field(), insn.rm_field(), nullptr, insn.opreg_field());
        if (names_rcx) e_.mov(host_rcx_home, host_t0);
        return;
    }
    // The register is ModRM.reg: turn it so that the byte is the low one of a scratch register.
    const HostMem m = check(operand(insn), insn.mem_size(), f.rm_access & writes, f.aligned, true);
    const int home = host_of((insn.modrm >> 3 & 7) - 4);
    e_.rorx(host_t0, home, 8);
    encode(insn, host_t0, 0, &m, 0);
    if (f.reg_access & writes) e_.rorx(home, host_t0, 56);
}

void Translator::generic(const Instruction& insn)
{
    if (names_high_byte(insn)) return high_byte(insn);
    const Form& f = *insn.form;
    const int g_rm = f.rm == Where::gpr && !insn.has_mem ? insn.rm_field() : -1;
    const int g_reg = f.reg == Where::gpr ? insn.reg_field() : -1;
    const int g_op = f.opreg_access ? insn.opreg_field() : -1;
    int reg = g_reg < 0 ? insn.reg_field() : host_of(g_reg);
    int rm = g_rm < 0 ? insn.rm_field() : host_of(g_rm);
    int op = g_op < 0 ? 0 : host_of(g_op);

    HostMem m;
    if (insn.has_mem) {
        const bool t0_free = f.reads_cl || f.writes_rcx || (g_reg >= 0 && in_slot(g_reg));
        m = check(operand(insn), insn.mem_size(), f.rm_access & writes, f.aligned, t0_free);
    }
    if (g_rm >= 0 && in_slot(g_rm)) rm = host_t1;
    if (g_op >= 0 && in_slot(g_op)) op = host_t1;
    bool lend_rax = false;
    if (g_reg >= 0 && in_slot(g_reg)) {
        if (g_reg == g_rm || (rm != host_t1 && !insn.has_mem)) {
            reg = host_t1;
        } else if (!f.reads_cl) {
            reg = host_t0;
        } else {
            // shld and shrd by cl with two stolen registers, or with one and a memory operand.
            lend_rax = true;
            reg = rax;
            if (insn.has_mem && m.index >= 0) {
                e_.lea(host_t1, m);
                hold(-1);
                m = {host_t1, -1, 0, 0, false};
            }
        }
    }
    const auto partial = [&](uint8_t size) { return insn.size_of(size) < 4; };
    const bool rm_is_read = f.rm_access & reads || (g_reg == g_rm && f.reg_access & reads);
    if (rm == host_t1 && g_rm >= 0 && (rm_is_read || partial(f.rm_size))) load_held(host_t1, g_rm);
    if (op == host_t1 && g_op >= 0 && (f.opreg_access & reads || partial(f.opreg_size)))
        load_held(host_t1, g_op);
    const bool reg_lent = g_reg >= 0 && in_slot(g_reg);
    if (lend_rax)
        e_.op_mem(0x87, rax, Emitter::slot(slot_of(g_reg)));
    else if (reg_lent && g_reg != g_rm && (f.reg_access & reads || partial(f.reg_size)))
        load_held(reg, g_reg);
    if (f.reads_cl) e_.mov(host_t0, host_rcx_home);

    encode(insn, reg, rm, insn.has_mem ? &m : nullptr, op);

    if (lend_rax)
        e_.op_mem(0x87, rax, Emitter::slot(slot_of(g_reg)));
    else if (reg_lent && f.reg_access & writes)
        e_.store_slot(slot_of(g_reg), reg);
    if (rm == host_t1 && g_rm >= 0 && f.rm_access & writes) e_.store_slot(slot_of(g_rm), host_t1);
    if (op == host_t1 && g_op >= 0 && f.opreg_access & writes) e_.store_slot(slot_of(g_op), host_t1);
    if (f.writes_rcx) e_.mov(host_rcx_home, host_t0);
    if (insn.has_mem) return;
    if (rm == host_t1 && g_rm >= 0) hold(g_rm);
    if (op == host_t1 && g_op >= 0) hold(g_op);
    if (reg == host_t1 && reg_lent) hold(g_reg);
}

void Translator::load_effective_address(const Instruction& insn)
{
    GuestMem mem = operand(insn);
    mem.segment = 0;
    const int dest = insn.reg_field();
    const bool lent = in_slot(dest);
    const int to = lent ? host_t1 : host_of(dest);
    const bool plain = !mem.absolute && !mem.address32 && insn.opsize != 2 &&
                       !(mem.base >= 0 && in_slot(mem.base)) && !(mem.index >= 0 && in_slot(mem.index));
    if (plain) {
        const HostMem m{mem.base < 0 ? -1 : host_of(mem.base), mem.index < 0 ? -1 : host_of(mem.index),
                        mem.scale, mem.disp, false};
        e_.op_mem(0x8d, to, m, insn.opsize == 8);
        if (lent) store_held(dest);
        return;
    }
    if (mem.absolute && insn.opsize != 2) {
        e_.mov_imm(to, insn.opsize == 4 ? uint32_t(mem.address) : mem.address);
        if (lent) store_held(dest);
        return;
    }
    address_to_t1(mem);
    hold(-1);
    if (insn.opsize == 2) {
        // mov r16, r15w
        if (lent) e_.load_slot(host_t0, slot_of(dest));
        const int target = lent ? host_t0 : to;
        e_.byte(0x66), e_.byte(uint8_t(0x44 | (target & 8) >> 3)), e_.byte(0x89);
        e_.byte(uint8_t(0xc0 | (host_t1 & 7) << 3 | (target & 7)));
        if (lent) e_.store_slot(slot_of(dest), host_t0);
        return;
    }
    if (insn.opsize == 4) e_.op_mem(0x8d, host_t1, {host_t1, -1, 0, 0, false}, false);
    if (lent)
        store_held(dest);
    else
        e_.mov(to, host_t1);
}

}  // namespace norn::x86
