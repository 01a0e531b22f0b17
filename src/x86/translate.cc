#include "x86/translate.h"

#include "x86/context.h"
#include "x86/engine.h"

namespace norn::x86 {

namespace {

bool ends_block(const Instruction& insn)
{
    switch (insn.form->op) {
        case Op::jcc:
        case Op::jmp:
        case Op::call:
        case Op::jmp_ind:
        case Op::call_ind:
        case Op::ret:
        case Op::loop:
        case Op::loope:
        case Op::loopne:
        case Op::jrcxz:
        case Op::syscall:
        case Op::rdtsc:
        case Op::popf:
        case Op::undefined:
        case Op::breakpoint:
        case Op::interrupt:
        case Op::debug_trap:
        case Op::privileged:
        case Op::string:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool is_structured(Op op)
{
    return op != Op::generic;
}

Translator::Translator(CodeCache& cache, TranslateScratch& scratch, const TranslateRequest& request)
    : cache_(cache),
      request_(request),
      rip_(request.rip),
      kind_(request.kind),
      e_(cache.writable(cache.used()), cache.exec_delta()),
      start_(e_.here()),
      block_(cache.next_block()),
      insns_(scratch.insns),
      guest_offset_(scratch.guest_offset),
      host_offset_(scratch.host_offset),
      cold_(scratch.cold)
{
    guest_offset_[0] = 0;
}

/// Fills `insns_`. False: not even the first instruction is complete.
bool Translator::decode_all()
{
    const uint32_t limit = kind_ == BlockKind::normal && !request_.crosses
                               ? std::min(request_.max_instructions, max_instructions)
                               : 1;
    size_t at = 0;
    while (count_ < limit) {
        Instruction& insn = insns_[count_];
        stop_ = decode(request_.code.data() + at, request_.code.size() - at, insn);
        if (stop_ == DecodeStatus::truncated && !request_.crosses) return count_ > 0;
        if (stop_ != DecodeStatus::ok) return true;
        uses_x87_ |= insn.form->uses_x87;
        at += insn.length;
        guest_offset_[++count_] = uint16_t(at);
        if (ends_block(insn)) break;
    }
    return true;
}

uint32_t Translator::site(SiteKind kind)
{
    Site s;
    s.block = block_;
    s.kind = kind;
    s.insn = uint8_t(current_);
    return cache_.add_site(s);
}

void Translator::exit(uint32_t site_number)
{
    e_.mov_imm32(host_t0, site_number);
    e_.jmp_to(cache_.leave());
}

void Translator::exit_to(SiteKind kind, uint64_t target)
{
    e_.mov_imm(host_t1, target);
    exit(site(kind));
}

void Translator::emit_head()
{
    if (kind_ == BlockKind::normal) {
        uint8_t* stub = e_.here();
        exit(site(SiteKind::budget));
        entry_ = e_.here();
        e_.shrx(host_t0, host_budget, host_budget);
        e_.jrcxz(int8_t(stub - (e_.here() + 2)));
    } else {
        entry_ = e_.here();
    }
    body_ = e_.here();
    if (uses_x87_) {
        e_.load_slot(host_t0, NORN_CTX_X87_ABSENT);
        uint8_t* there = e_.jrcxz_short();
        exit(site(SiteKind::load_x87));
        e_.aim_short(there);
    }
    if (count_) e_.lea(host_budget, {host_budget, -1, 0, -int32_t(count_ << budget_shift), false});
}

void Translator::helper(const Instruction& insn, bool last)
{
    const uint32_t number = site(last ? SiteKind::helper_end : SiteKind::helper);
    cache_.site(number).special = cache_.add_special(insn);
    exit(number);
    cache_.site(number).host = uint32_t(e_.here() - cache_.writable(0));
    ended_ = last;
}

void Translator::emit_special(const Instruction& insn)
{
    const bool wide = insn.opsize != 2;
    switch (insn.form->op) {
        case Op::lea:
            return load_effective_address(insn);
        case Op::jcc:
            ended_ = true;
            return jump_if(insn);
        case Op::loop:
        case Op::loope:
        case Op::loopne:
        case Op::jrcxz:
            ended_ = true;
            return loop(insn);
        case Op::jmp:
            ended_ = true;
            return link(next_rip() + insn.imm);
        case Op::call:
            ended_ = true;
            return call(insn);
        case Op::jmp_ind:
            ended_ = true;
            return jump_indirect(insn);
        case Op::call_ind:
            ended_ = true;
            return call_indirect(insn);
        case Op::ret:
            ended_ = true;
            return ret(insn);
        case Op::push_reg:
        case Op::push_imm:
        case Op::push_mem:
            return wide ? push(insn) : helper(insn, false);
        case Op::pop_reg:
            return wide ? pop(insn) : helper(insn, false);
        case Op::leave:
            return wide ? leave() : helper(insn, false);
        case Op::syscall:
            ended_ = true;
            return exit(site(SiteKind::syscall));
        case Op::rdtsc:
            ended_ = true;
            return exit(site(SiteKind::rdtsc));
        case Op::undefined:
        case Op::breakpoint:
        case Op::interrupt:
        case Op::debug_trap:
        case Op::privileged: {
            ended_ = true;
            const uint32_t number = site(SiteKind::exception);
            cache_.site(number).special = cache_.add_special(insn);
            return exit(number);
        }
        case Op::string:
        case Op::popf:
            return helper(insn, true);
        case Op::bit_string:
            return insn.has_mem ? helper(insn, false) : generic(insn);
        default:
            return helper(insn, false);
    }
}

void Translator::emit_instruction(const Instruction& insn)
{
    switch (insn.form->op) {
        case Op::generic:
            return generic(insn);
        case Op::nop:
            return;
        case Op::cld:
        case Op::std:
            e_.mov_imm32(host_t0, insn.form->op == Op::std);
            return e_.store_slot(NORN_CTX_DIRECTION, host_t0);
        default:
            return emit_special(insn);
    }
}

void Translator::emit_tail()
{
    if (ended_) return;
    current_ = count_;
    if (stop_ == DecodeStatus::ok || stop_ == DecodeStatus::truncated) {
        // The next instruction: in this page, in the next one, or across both.
        const uint64_t next = rip_of(count_);
        const bool may_cross = stop_ == DecodeStatus::truncated;
        if (may_cross && !request_.crosses && kind_ == BlockKind::normal && request_.chain)
            return page_link(next);
        return link(next);
    }
    const uint32_t number = site(SiteKind::exception);
    Instruction bad;
    cache_.site(number).special = cache_.add_special(bad);
    cache_.site(number).aligned = stop_ == DecodeStatus::unknown;
    exit(number);
}

void Translator::emit_cold()
{
    for (uint32_t i = 0; i < cold_count_; ++i) {
        const Cold& cold = cold_[i];
        e_.aim_here(cold.rel);
        if (cold.link) {
            const uint32_t known = cache_.find(request_.stamp, cold.target, BlockKind::normal);
            if (known != CodeCache::none) {
                e_.aim(cold.rel, cache_.exec(cache_.block(known).entry));
                continue;
            }
            e_.mov_imm(host_t1, cold.target);
        } else if (cold.ea.base >= 0) {
            e_.lea(host_t1, cold.ea);
        }
        exit(cold.site);
    }
}

uint32_t Translator::finish()
{
    Block b;
    b.stamp = request_.stamp;
    b.second_stamp = request_.crosses ? request_.second_stamp : 0;
    b.rip = rip_;
    const uint8_t* region = cache_.writable(0);
    b.start = uint32_t(start_ - region);
    b.entry = uint32_t(entry_ - region);
    b.body = uint32_t(body_ - region);
    b.size = uint32_t(e_.here() - start_);
    b.positions = uint32_t(cache_.positions().size());
    b.instructions = uint16_t(count_);
    b.guest_size = guest_offset_[count_];
    b.kind = kind_;
    for (uint32_t i = 0; i < count_; ++i) cache_.positions().push_back({guest_offset_[i], host_offset_[i]});
    cache_.positions().push_back({guest_offset_[count_], uint16_t(b.size)});
    cache_.take((b.size + 15) & ~15u);
    return cache_.add_block(b);
}

uint32_t Translator::run()
{
    if (!decode_all()) return CodeCache::none;
    emit_head();
    for (current_ = 0; current_ < count_; ++current_) {
        host_offset_[current_] = uint16_t(e_.here() - start_);
        emit_instruction(insns_[current_]);
    }
    emit_tail();
    emit_cold();
    return finish();
}

}  // namespace norn::x86
