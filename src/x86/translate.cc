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
            return true;
        case Op::string:
            return !is_simple_string(insn);
        default:
            return false;
    }
}

}  // namespace

bool is_simple_string(const Instruction& insn)
{
    const uint8_t kind = insn.opcode & 0xfe;
    const bool moves = kind == 0xa4 || kind == 0xaa || kind == 0xac;
    return insn.form->op == Op::string && moves && !insn.rep && !insn.repne && !insn.segment &&
           !insn.address32;
}

/// Whether it is a loop of such steps of movs or stos.
bool is_string_loop(const Instruction& insn)
{
    const uint8_t kind = insn.opcode & 0xfe;
    const bool moves = kind == 0xa4 || kind == 0xaa;
    return insn.form->op == Op::string && moves && (insn.rep || insn.repne) && !insn.segment &&
           !insn.address32;
}

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
      first_site_(cache.next_site()),
      insns_(scratch.insns),
      guest_offset_(scratch.guest_offset),
      host_offset_(scratch.host_offset),
      cold_(scratch.cold),
      groups_(scratch.groups)
{
}

/// Whether the unit goes on behind a jump: at the target of a direct one, behind a conditional one that
/// goes forward (a loop's goes backward). A hot unit that is a loop has several rounds of it. `next` is
/// behind the jump at first.
bool Translator::follow(const Instruction& insn, uint64_t& next)
{
    if (!may_link() || request_.crosses) return false;
    const uint64_t target = next + insn.imm;
    const bool is_direct = insn.form->op == Op::jcc || insn.form->op == Op::jmp;
    if (is_direct && kind_ == BlockKind::hot && target == rip_) {
        if (!round_) round_ = count_;
        if (count_ + round_ > std::min(most_rounds * round_, request_.max_instructions)) return false;
        next = target;
        return true;
    }
    if (insn.form->op == Op::jcc) return int64_t(insn.imm) >= 0 && (next & ~page_mask) == page();
    if (insn.form->op != Op::jmp || count_ > max_instructions / 2 || !may_link_to(target)) return false;
    for (uint32_t i = 0; i < count_; ++i)
        if (rip_of(i) == target) return false;
    next = target;
    return true;
}

/// A hot unit has several steps of a repeated string instruction, a normal one has one.
bool Translator::repeat_string(uint32_t limit)
{
    const uint32_t rounds = kind_ == BlockKind::hot && may_link() ? std::min(most_rounds, limit) : 1;
    for (; count_ < rounds; ++count_) {
        insns_[count_] = insns_[0];
        guest_offset_[count_] = guest_offset_[0];
    }
    return true;
}

/// Fills `insns_`. False: not even the first instruction is complete.
bool Translator::decode_all()
{
    const uint32_t limit =
        is_whole() && !request_.crosses ? std::min(request_.max_instructions, max_instructions) : 1;
    const uint8_t* page_bytes = request_.code.data() - (rip_ & page_mask);
    const uint64_t end = rip_ + request_.code.size();
    end_rip_ = rip_;
    bool straight = true;
    while (count_ < limit) {
        Instruction& insn = insns_[count_];
        stop_ = decode(page_bytes + (end_rip_ - page()), end - end_rip_, insn);
        if (stop_ == DecodeStatus::truncated && !request_.crosses) return count_ > 0;
        const uint64_t looked_at = stop_ == DecodeStatus::ok ? insn.length : 15;
        const uint64_t first = end_rip_ & page_mask, last = first + looked_at - 1;
        lines_ |= 1ull << (first / 64);
        if (last < page_size) lines_ |= 1ull << (last / 64);
        if (stop_ != DecodeStatus::ok) return true;
        // Its steps go on at its own unit's entry.
        if (count_ > 0 && is_string_loop(insn) && may_link()) return true;
        uses_x87_ |= insn.form->uses_x87;
        guest_offset_[count_++] = uint16_t(end_rip_ - page());
        end_rip_ += insn.length;
        if (straight) straight_bytes_ += insn.length;
        if (!ends_block(insn)) continue;
        if (is_string_loop(insn)) return repeat_string(limit);
        const uint64_t behind = end_rip_;
        if (!follow(insn, end_rip_)) break;
        straight &= end_rip_ == behind;
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
    if (is_whole()) {
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

uint32_t Translator::helper_site(const Instruction& insn, SiteKind kind)
{
    const uint32_t number = site(kind);
    cache_.site(number).special = cache_.add_special(insn);
    return number;
}

void Translator::helper(const Instruction& insn, bool last)
{
    const uint32_t number = helper_site(insn, last ? SiteKind::helper_end : SiteKind::helper);
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
            return jump_if(insn);
        case Op::loop:
        case Op::loope:
        case Op::loopne:
        case Op::jrcxz:
            ended_ = true;
            return loop(insn);
        case Op::jmp:
            if (!is_last()) return;
            return link(next_rip() + insn.imm);
        case Op::call:
            ended_ = true;
            return call(insn);
        case Op::jmp_ind:
            ended_ = true;
            return jump_indirect(insn);
        case Op::call_ind:
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
            return exit(helper_site(insn, SiteKind::exception));
        }
        case Op::string:
            if (is_string_loop(insn) && may_link() && !request_.crosses) return string_loop(insn);
            return is_simple_string(insn) && is_whole() ? string(insn) : helper(insn, true);
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
        const bool may_cross = stop_ == DecodeStatus::truncated;
        if (may_cross && !request_.crosses && may_link()) return page_link(end_rip_);
        return link(end_rip_);
    }
    const uint32_t number = helper_site(Instruction(), SiteKind::exception);
    cache_.site(number).aligned = stop_ == DecodeStatus::unknown;
    exit(number);
}

/// The way out of a jump whose target is known: straight into its unit once there is one.
void Translator::emit_link_stub(const Cold& cold)
{
    uint8_t* rel = cold.rel;
    if (cold.refund) {
        e_.aim_here(rel);
        e_.lea(host_budget, {host_budget, -1, 0, int32_t(cold.refund << budget_shift), false});
        if (!may_link_to(cold.target)) return page_link(cold.target);
        rel = e_.jmp();
    }
    cache_.site(cold.site).host = uint32_t(rel - cache_.writable(0));
    cache_.site(cold.site).target = uint16_t(cold.target & page_mask);
    if (cold.target == rip_) return e_.aim(rel, e_.exec(entry_));
    const uint32_t known = cache_.find(request_.stamp, cold.target, BlockKind::normal);
    if (known != CodeCache::none) return e_.aim(rel, cache_.exec(cache_.entry_of(known)));
    e_.aim_here(rel);
    e_.mov_imm(host_t1, cold.target);
    exit(cold.site);
}

void Translator::emit_cold()
{
    for (uint32_t i = 0; i < cold_count_; ++i) {
        const Cold cold = cold_[i];
        if (cold.link) {
            emit_link_stub(cold);
            continue;
        }
        e_.aim_here(cold.rel);
        if (cold.keeps_carry) e_.carry_from_scratch();
        const bool there = cold.ea.base == host_t1 && cold.ea.disp == 0;
        if (cold.ea.base >= 0 && !there) e_.lea(host_t1, cold.ea);
        if (cold.place) e_.mov_imm(host_t1, cold.target);
        if (cold.after_fs) {
            e_.load_slot(host_t0, NORN_CTX_FS_BASE);
            e_.lea(host_t1, {host_t1, host_t0, 0, 0, false});
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
    b.first_site = first_site_;
    b.end_site = cache_.next_site();
    b.start = uint32_t(start_ - region);
    b.entry = uint32_t(entry_ - region);
    b.body = uint32_t(body_ - region);
    b.size = uint32_t(e_.here() - start_);
    b.positions = uint32_t(cache_.positions().size());
    b.instructions = uint16_t(count_);
    b.guest_size = uint16_t(straight_bytes_);
    b.kind = kind_;
    for (uint32_t i = 0; i < count_; ++i)
        cache_.positions().push_back({guest_offset_[i], host_offset_[i], insns_[i].length});
    cache_.positions().push_back({uint16_t(end_rip_ - page()), uint16_t(b.size), 0});
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
        if (!leaves_scratch(insns_[current_].form->op)) hold(-1);
        if (kind_ == BlockKind::hot) track(insns_[current_]);
    }
    emit_tail();
    emit_cold();
    return finish();
}

}  // namespace norn::x86
