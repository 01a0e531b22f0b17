// How hot units look at memory. An access has a window of its own (Context::windows), so that its host
// address does not wait for a look-up in a table; accesses by the same register or sum of two registers, of
// which it is known how it has changed in between, share the check of the first. Where a window has not been
// right often enough, that check asks the table and keeps the addend (Context::held). Accesses to known
// addresses share one window for each page.
#include <algorithm>
#include <cstddef>

#include "x86/context.h"
#include "x86/translate.h"

namespace norn::x86 {

namespace {

constexpr uint32_t largest_access = 64;
/// How far apart accesses may lie that share a check.
constexpr int64_t largest_group = 512;
/// Displacements and distances stay so small that twice their sum is a displacement.
constexpr int64_t far_away = 1 << 28;

int32_t tag_of(uint32_t window)
{
    return int32_t(offsetof(Context, windows) + window * sizeof(Window) + offsetof(Window, tag));
}
int32_t addend_of(uint32_t window)
{
    return int32_t(offsetof(Context, windows) + window * sizeof(Window) + offsetof(Window, addend));
}

int32_t held_at(int number)
{
    return int32_t(offsetof(Context, held) + size_t(number) * sizeof(uint64_t));
}

/// Whether the instruction goes to memory by way of `base` alone.
bool goes_by_register(const Instruction& insn, int base)
{
    switch (insn.form->op) {
        case Op::push_reg:
        case Op::push_imm:
        case Op::pop_reg:
        case Op::call:
        case Op::ret:
            return base == rsp;
        case Op::leave:
            return base == rbp;
        case Op::generic:
            return insn.has_mem && insn.base == base && insn.index < 0 && !insn.segment && !insn.address32;
        default:
            return false;
    }
}

/// Whether the instruction writes no general register that its operands do not name.
bool writes_only_named(const Instruction& insn)
{
    const uint8_t op = insn.opcode, extension = insn.modrm >> 3 & 7;
    switch (insn.map) {
        case 0:
            if (op < 0x40) return (op & 7) < 4;
            if (op >= 0x80 && op <= 0x8b) return true;
            if ((op >= 0xb0 && op <= 0xc1) || (op >= 0xd0 && op <= 0xd3)) return true;
            if (op == 0xf6 || op == 0xf7) return extension < 4;
            return op == 0x63 || op == 0x69 || op == 0x6b || op == 0xa8 || op == 0xa9 || op == 0xc6 ||
                   op == 0xc7 || op == 0xfe || op == 0xff;
        case 1:
            return op != 0xb0 && op != 0xb1 && op != 0xc7;
        case 2:
            return true;
        default:
            return op < 0x60;
    }
}

}  // namespace

uint8_t Translator::shunned_here() const
{
    const uint8_t always = request_.windows ? uint8_t{0} : uint8_t{shun_window};
    if (!request_.shunned) return always;
    const auto found = request_.shunned->find(rip_of(current_));
    return found == request_.shunned->end() ? always : uint8_t(found->second | always);
}

/// An access to [mem, mem + size) by way of a window. Nothing: it has to be checked by the tables.
/// `in_scratch`: the group whose addend r15 has so far.
std::optional<HostMem> Translator::through_window(const GuestMem& mem, uint32_t size, bool write,
                                                  int in_scratch, bool t0_free)
{
    // A register that is lent while the instruction runs would be lost if it had to be done again.
    if (size > largest_access || insns_[current_].form->reads_cl) return std::nullopt;
    if (mem.absolute) return through_fixed(mem, size, write, in_scratch);
    if (std::abs(int64_t{mem.disp}) > far_away) return std::nullopt;
    if (const Member* known = member_of(mem); known && join(*known, mem.disp, size, write))
        return use_group(mem, known->group, in_scratch, t0_free);
    const int group = open_group(mem, size, write);
    if (group < 0) return std::nullopt;
    if (groups_[group].held < 0) return check_window(mem, group, t0_free);
    return is_direct(mem) ? check_shared(mem, group) : check_shared_sum(mem, group, t0_free);
}

/// An access to a known address, or to one that is known but for the base of fs.
std::optional<HostMem> Translator::through_fixed(const GuestMem& mem, uint32_t size, bool write,
                                                 int in_scratch)
{
    FixedPlace place;
    place.after_fs = mem.segment == 4;
    place.write = write;
    place.at = mem.address & ~uint64_t(place.size() - 1);
    const uint64_t offset = mem.address - place.at;
    const bool fits = offset + size <= place.size();
    if (!fits || mem.segment == 5 || (mem.segment && mem.address32)) return std::nullopt;
    if (shunned_here() & shun_window) return std::nullopt;
    const uint32_t number = cache_.fixed_window(place);
    if (!number) return std::nullopt;
    const auto end = fixed_.begin() + fixed_count_;
    if (std::find(fixed_.begin(), end, number) == end) {
        const uint8_t* retry = e_.here();
        e_.load_slot(host_t0, tag_of(number));
        miss(e_.jump_over(), {}, size, write, false, false);
        Cold& cold = cold_[cold_count_ - 1];
        cold.place = true;
        cold.after_fs = place.after_fs;
        cold.target = mem.address;
        cache_.site(cold.site).window = number;
        retry_at(retry);
        if (fixed_count_ < fixed_.size()) fixed_[fixed_count_++] = number;
    }
    load_addend(addend_of(number), int(groups_.size() + number), in_scratch);
    return HostMem{host_t1, -1, 0, int32_t(offset), false};
}

/// What is known of the register, or the sum of two, that the access goes by.
Translator::Member* Translator::member_of(const GuestMem& mem)
{
    if (mem.segment || mem.address32) return nullptr;
    if (mem.index < 0) return &members_[mem.base];
    for (IndexedMember& m : indexed_)
        if (m.base == mem.base && m.index == mem.index && m.scale == mem.scale) return &m.as;
    return nullptr;
}

void Translator::enter_member(const GuestMem& mem, int group)
{
    if (mem.segment || mem.address32) return;
    Member* member = member_of(mem);
    if (!member) {
        IndexedMember& next = indexed_[next_indexed_++ % indexed_.size()];
        next = {mem.base, mem.index, mem.scale, {}};
        member = &next.as;
    }
    *member = {group, 0};
}

/// Whether the access is one that the check of its group vouches for.
bool Translator::join(const Member& member, int64_t at, uint32_t size, bool write)
{
    if (member.group < 0) return false;
    TranslateScratch::Group& group = groups_[member.group];
    const int64_t low = std::min(group.low, at + member.moved);
    const int64_t high = std::max(group.high, at + member.moved + size);
    // A page may be asked for writing only by who writes to it.
    if (group.closed || (write && !group.write) || high - low > largest_group) return false;
    extend(group, low, high);
    return true;
}

/// From now on the group's check vouches for all of [low, high).
void Translator::extend(TranslateScratch::Group& group, int64_t low, int64_t high)
{
    group.low = low;
    group.high = high;
    cache_.site(cold_[group.cold].site).size = uint16_t(high - low);
    const int64_t from = low - group.origin;
    const auto as_emitted = int32_t(group.held < 0 ? 2 * from : from);
    for (uint8_t* at : group.low_at)
        if (at) std::memcpy(at, &as_emitted, 4);
    cold_[group.cold].ea.disp = int32_t(from);
    if (group.held < 0) {
        cache_.window(group.window).shared = true;
    } else {
        const auto last = int32_t(high - group.origin - 1);
        std::memcpy(group.last_at, &last, 4);
    }
}

/// Whether what it goes by is something else behind the instruction.
bool Translator::changes_address(const Instruction& insn, const GuestMem& mem)
{
    const bool whole = insn.form->op == Op::generic || insn.form->op == Op::lea;
    if (!whole || !(insn.form->reg_access & writes)) return false;
    return insn.reg_field() == mem.base || insn.reg_field() == mem.index;
}

/// Whether it is worth the while to keep an addend for accesses by what this one goes by, and there is room.
bool Translator::may_hold(const GuestMem& mem, bool write) const
{
    constexpr uint32_t look_ahead = 16;
    if (mem.segment || mem.address32 || held_count_ == held_count) return false;
    if (mem.index < 0 && in_slot(mem.base)) return false;
    const auto goes_by = [&](const Instruction& insn) {
        if (mem.index < 0) return goes_by_register(insn, mem.base);
        return insn.form->op == Op::generic && insn.has_mem && insn.base == mem.base &&
               insn.index == mem.index && insn.scale == mem.scale && !insn.segment && !insn.address32;
    };
    const uint32_t end = std::min(count_, current_ + std::max(look_ahead, round_ + 1));
    for (uint32_t i = current_; i < end; ++i) {
        const Instruction& insn = insns_[i];
        const bool stores = insn.form->rm_access & writes || insn.form->op == Op::push_reg ||
                            insn.form->op == Op::push_imm || insn.form->op == Op::call;
        if (i > current_ && goes_by(insn) && (write || !stores)) return true;
        if (changes_address(insn, mem)) return false;
    }
    return false;
}

int Translator::open_group(const GuestMem& mem, uint32_t size, bool write)
{
    const uint8_t shunned = shunned_here();
    const bool holds = shunned == shun_window && may_hold(mem, write);
    if (shunned & shun_window && !holds) return -1;
    const uint32_t window = holds ? 0 : cache_.add_window();
    if (!window && !holds) return -1;
    const int number = int(group_count_++);
    TranslateScratch::Group& group = groups_[number];
    group = {};
    group.low = mem.disp;
    group.high = mem.disp + int64_t{size};
    group.origin = is_direct(mem) ? 0 : mem.disp;
    group.write = write;
    group.closed = shunned & shun_sharing;
    group.window = window;
    if (holds) group.held = int(held_count_++);
    enter_member(mem, number);
    return number;
}

/// rcx: zero on a hit. So far it is what the tag and the address make.
void Translator::look_through(uint32_t window)
{
    e_.load_slot(host_t0, tag_of(window));
}

void Translator::window_miss(int number, const HostMem& ea, const uint8_t* retry)
{
    TranslateScratch::Group& group = groups_[number];
    e_.shrx(host_t0, host_t0, host_budget);
    group.cold = cold_count_;
    miss(e_.jump_over(), ea, uint32_t(group.high - group.low), group.write, false, false);
    cache_.site(cold_[group.cold].site).window = group.window;
    retry_at(retry);
}

HostMem Translator::sum_of_scratch(int32_t disp, bool t0_free)
{
    if (!t0_free) return {host_t1, host_t0, 0, disp, false};
    e_.lea(host_t1, {host_t1, host_t0, 0, 0, false});
    return {host_t1, -1, 0, disp, false};
}

/// One look-up in the table for all accesses of the group.
HostMem Translator::check_shared(const GuestMem& mem, int number)
{
    TranslateScratch::Group& group = groups_[number];
    const uint8_t* retry = e_.here();
    const int base = host_of(mem.base);
    group.low_at[0] = e_.lea_wide(host_t0, {base, -1, 0, int32_t(group.low), false});
    e_.shrx32(host_t1, host_t0, host_budget);
    e_.load(host_t0, Emitter::table(tag_in_table(group.write), host_t1));
    group.last_at = e_.lea_wide(host_t0, {base, host_t0, 0, int32_t(group.high - 1), false});
    e_.shrx(host_t0, host_t0, host_budget);
    group.cold = cold_count_;
    miss(e_.jump_over(), {base, -1, 0, mem.disp, false}, uint32_t(group.high - group.low), group.write, false,
         false);
    cache_.site(cold_[group.cold].site).shared = true;
    retry_at(retry);
    e_.load(host_t1, Emitter::table(addend_in_table(group.write), host_t1));
    e_.store_slot(held_at(group.held), host_t1);
    addend_of_ = number;
    return {base, host_t1, 0, mem.disp, false};
}

/// The same where the address is the sum of two registers.
HostMem Translator::check_shared_sum(const GuestMem& mem, int number, bool t0_free)
{
    TranslateScratch::Group& group = groups_[number];
    const uint8_t* retry = e_.here();
    address_to_t1(mem);
    const int32_t last = int32_t(group.high - group.origin - 1);
    group.low_at[0] = e_.lea_wide(host_t0, {host_t1, -1, 0, 0, false});
    e_.shrx32(host_t0, host_t0, host_budget);
    e_.load(host_t0, Emitter::table(tag_in_table(group.write), host_t0));
    group.last_at = e_.lea_wide(host_t0, {host_t1, host_t0, 0, last, false});
    e_.shrx(host_t0, host_t0, host_budget);
    group.cold = cold_count_;
    miss(e_.jump_over(), {host_t1, -1, 0, 0, false}, uint32_t(group.high - group.low), group.write, false,
         false);
    cache_.site(cold_[group.cold].site).shared = true;
    retry_at(retry);
    group.low_at[1] = e_.lea_wide(host_t0, {host_t1, -1, 0, 0, false});
    e_.shrx32(host_t0, host_t0, host_budget);
    e_.load(host_t0, Emitter::table(addend_in_table(group.write), host_t0));
    e_.store_slot(held_at(group.held), host_t0);
    return sum_of_scratch(0, t0_free);
}

HostMem Translator::check_window(const GuestMem& mem, int number, bool t0_free)
{
    TranslateScratch::Group& group = groups_[number];
    const uint8_t* retry = e_.here();
    if (is_direct(mem)) {
        const bool lent = in_slot(mem.base);
        const int base = lent ? host_t1 : host_of(mem.base);
        if (lent) e_.load_slot(host_t1, slot_of(mem.base));
        look_through(group.window);
        if (base == rsp) {
            group.low_at[0] = e_.lea_wide(host_t0, {rsp, host_t0, 0, 2 * mem.disp, false});
            e_.lea(host_t0, {rsp, host_t0, 0, 0, false});
        } else {
            group.low_at[0] = e_.lea_wide(host_t0, {host_t0, base, 1, 2 * mem.disp, false});
        }
        window_miss(number, {base, -1, 0, mem.disp, false}, retry);
        if (!lent) {
            load_addend(addend_of(group.window), number, -1);
            return {base, host_t1, 0, mem.disp, false};
        }
        e_.load_slot(host_t0, addend_of(group.window));
        return sum_of_scratch(mem.disp, t0_free);
    }
    address_to_t1(mem);
    look_through(group.window);
    group.low_at[0] = e_.lea_wide(host_t0, {host_t0, host_t1, 1, 0, false});
    window_miss(number, {host_t1, -1, 0, 0, false}, retry);
    e_.load_slot(host_t0, addend_of(group.window));
    return sum_of_scratch(0, t0_free);
}

/// The host operand after a check that vouches for it.
HostMem Translator::use_group(const GuestMem& mem, int number, int in_scratch, bool t0_free)
{
    const TranslateScratch::Group& group = groups_[number];
    const int32_t addend = group.held < 0 ? addend_of(group.window) : held_at(group.held);
    if (!is_direct(mem)) {
        address_to_t1(mem);
        e_.load_slot(host_t0, addend);
        return sum_of_scratch(0, t0_free);
    }
    if (!in_slot(mem.base)) {
        load_addend(addend, number, in_scratch);
        return {host_of(mem.base), host_t1, 0, mem.disp, false};
    }
    e_.load_slot(host_t1, slot_of(mem.base));
    e_.load_slot(host_t0, addend);
    return sum_of_scratch(mem.disp, t0_free);
}

/// r15: the group's addend, which the slot at `at` has.
void Translator::load_addend(int32_t at, int number, int in_scratch)
{
    if (in_scratch != number) e_.load_slot(host_t1, at);
    addend_of_ = number;
}

void Translator::move_base(int reg, int64_t distance)
{
    copy_base(reg, reg, distance);
}

void Translator::forget(int reg)
{
    members_[reg] = {};
    for (IndexedMember& m : indexed_)
        if (m.uses(reg)) m = {};
}

/// A register is `distance` more than what another one was.
void Translator::copy_base(int to, int from, int64_t distance)
{
    const auto moved = [](Member member, int64_t by) {
        if (std::abs(member.moved + by) > far_away) return Member{};
        member.moved = int32_t(member.moved + by);
        return member;
    };
    members_[to] = moved(members_[from], distance);
    for (IndexedMember& m : indexed_) {
        if (!m.uses(to)) continue;
        const int64_t by = (m.base == to ? distance : 0) + (m.index == to ? distance * (1 << m.scale) : 0);
        if (to == from && std::abs(by) <= far_away)
            m.as = moved(m.as, by);
        else
            m = {};
    }
}

/// What is known of the base registers behind the instruction.
void Translator::track(const Instruction& insn)
{
    switch (insn.form->op) {
        case Op::generic:
            return track_generic(insn);
        case Op::nop:
        case Op::cld:
        case Op::std:
        case Op::jcc:
        case Op::jmp:
            return;
        case Op::lea:
            if (insn.opsize == 8 && insn.base >= 0 && insn.index < 0 && !insn.address32 && !insn.rip_relative)
                return copy_base(insn.reg_field(), insn.base, insn.disp);
            return forget(insn.reg_field());
        case Op::push_reg:
        case Op::push_imm:
        case Op::push_mem:
            return insn.opsize == 2 ? forget_all() : move_base(rsp, -8);
        case Op::pop_reg:
            if (insn.opsize == 2) return forget_all();
            move_base(rsp, 8);
            return forget(insn.opreg_field());
        case Op::string: {
            const int64_t size = insn.opcode & 1 ? insn.opsize : 1;
            if ((insn.opcode & 0xfe) != 0xac) move_base(rdi, size);
            if ((insn.opcode & 0xfe) != 0xaa) move_base(rsi, size);
            return;
        }
        case Op::leave:
            if (insn.opsize == 2) return forget_all();
            copy_base(rsp, rbp, 8);
            return forget(rbp);
        default:
            return forget_all();
    }
}

void Translator::track_generic(const Instruction& insn)
{
    const Form& f = *insn.form;
    const bool whole = insn.map == 0 && insn.opsize == 8 && !insn.has_mem && f.modrm;
    const uint8_t op = insn.opcode, extension = insn.modrm >> 3 & 7;
    if (whole && op == 0x89) return copy_base(insn.rm_field(), insn.reg_field(), 0);
    if (whole && op == 0x8b) return copy_base(insn.reg_field(), insn.rm_field(), 0);
    if (whole && (op == 0x81 || op == 0x83) && extension == 0)
        return move_base(insn.rm_field(), int64_t(insn.imm));
    if (whole && (op == 0x81 || op == 0x83) && extension == 5)
        return move_base(insn.rm_field(), -int64_t(insn.imm));
    if (whole && op == 0xff) return move_base(insn.rm_field(), extension == 0 ? 1 : -1);
    if (f.reg == Where::gpr && f.reg_access & writes) forget(insn.reg_field());
    if (f.rm == Where::gpr && !insn.has_mem && f.rm_access & writes) forget(insn.rm_field());
    if (f.opreg_access & writes) forget(insn.opreg_field());
    if (names_high_byte(insn) || !writes_only_named(insn))
        for (const int reg : {rax, rcx, rdx, rbx}) forget(reg);
}

}  // namespace norn::x86
