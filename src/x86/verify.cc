#include "x86/verify.h"

#include <capstone/capstone.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "x86/context.h"
#include "x86/emit.h"
#include "x86/verify_decode.h"
#include "x86/verify_rules.h"
#include "x86/verify_state.h"

namespace norn::x86 {

using namespace verify;

/// What is known where jumps lead, by offset in the unit. Kept, since making it anew would cost more than
/// a short unit.
class Arrivals {
  public:
    void clear(uint32_t size)
    {
        number_.assign(size, 0);
        used_ = 0;
    }
    /// One more way to `offset`, in `state`.
    void add(uint32_t offset, const State& state)
    {
        if (number_[offset] != 0) {
            states_[number_[offset] - 1].join(state, symbols_at(offset) + join_symbols);
            return;
        }
        if (used_ == states_.size()) states_.emplace_back();
        states_[used_] = state;
        number_[offset] = ++used_;
    }
    [[nodiscard]] const State* at(uint32_t offset) const
    {
        return number_[offset] == 0 ? nullptr : &states_[number_[offset] - 1];
    }
    [[nodiscard]] bool any_in(uint32_t first, uint32_t end) const
    {
        return std::any_of(&number_[first], &number_[0] + end, [](uint32_t n) { return n != 0; });
    }

  private:
    std::vector<uint32_t> number_;  ///< of a state, from 1
    std::vector<State> states_;
    uint32_t used_ = 0;
};

struct Verifier::Decoder {
    InstructionReader reader;
    Arrivals arrivals;
};

namespace {

/// The unit that has `host` in it.
const VerifiedUnit* unit_at(const Units& units, uint64_t host)
{
    const auto after = units.upper_bound(host);
    if (after == units.begin()) return nullptr;
    const VerifiedUnit& unit = std::prev(after)->second;
    return host < unit.end ? &unit : nullptr;
}

/// "" when a unit for the page of content `stamp` may jump to `host` directly.
const char* link_violation(const Units& units, uint64_t guest_page, uint64_t stamp, uint64_t host)
{
    const VerifiedUnit* to = unit_at(units, host);
    if (to == nullptr || to->entry != host) return "a jump out of the unit reaches no entry of another";
    return to->guest_page == guest_page && to->stamp == stamp ? "" : "a link to another page";
}

constexpr int32_t jump_tag_at = offsetof(Context, jump_tag), jump_host_at = offsetof(Context, jump_host);
constexpr int64_t page_offset_bits = 12;

int32_t tag_at(Table table)
{
    return static_cast<int32_t>(table == Table::read ? offsetof(Context, read) : offsetof(Context, write)) +
           static_cast<int32_t>(offsetof(TlbTable, tag));
}
int32_t addend_at(Table table)
{
    return tag_at(table) - static_cast<int32_t>(offsetof(TlbTable, tag)) +
           static_cast<int32_t>(offsetof(TlbTable, addend));
}

/// The proof for one unit: every instruction is looked at once, in the order of addresses, with what is
/// known on all paths to it. All jumps inside a unit go forward, so that suffices.
class Proof {
  public:
    Proof(InstructionReader& reader, Arrivals& arrivals, const BlockView& block, const Units& units)
        : reader_(reader), arrivals_(arrivals), block_(block), units_(units), limit_(block.constants_offset)
    {
    }

    std::string run()
    {
        arrivals_.clear(limit_ + 1);
        if (!add_entries()) return error_;
        for (uint32_t at = 0; at < limit_;) {
            const cs_insn* insn = reader_.read(block_.host + at, limit_ - at);
            if (insn == nullptr) return "does not decode to its end";
            if (!arrive(*insn) || (live_ && !step(*insn))) return error_ + where(at);
            at += insn->size;
        }
        return "";
    }

  private:
    [[nodiscard]] uint64_t host_base() const { return reinterpret_cast<uint64_t>(block_.host); }
    [[nodiscard]] uint32_t offset_of(const cs_insn& insn) const
    {
        return static_cast<uint32_t>(insn.address - host_base());
    }

    [[nodiscard]] std::string where(uint32_t offset) const
    {
        const cs_insn& insn = *reader_.decode(block_.host + offset, limit_ - offset);
        char text[256];
        std::snprintf(text, sizeof text, " at +%#x: %s %s (", offset, insn.mnemonic, insn.op_str);
        std::string out = text;
        for (uint16_t i = 0; i < insn.size; ++i) {
            std::snprintf(text, sizeof text, "%02x", insn.bytes[i]);
            out += text;
        }
        return out + ')';
    }

    bool fail(const char* what)
    {
        error_ = what;
        return false;
    }

    /// Places where C++ enters, knowing nothing. Behind the budget's charge but for the heads.
    bool add_entries()
    {
        add_entry(0, false);
        if (!add_entry(block_.entry, false) || !add_entry(block_.body, false)) return false;
        for (const uint32_t offset : block_.resumes) {
            if (offset != block_.body && !add_entry(offset, true)) return false;
        }
        return true;
    }
    bool add_entry(uint32_t offset, bool charged)
    {
        if (offset >= limit_) return fail("an entry that is not in the unit");
        State state = unknown_state(offset);
        state.budget = charged ? Budget::charged : Budget::untouched;
        arrivals_.add(offset, state);
        return true;
    }

    /// Brings together what is known on all ways to this instruction.
    bool arrive(const cs_insn& insn)
    {
        const uint32_t offset = offset_of(insn);
        if (arrivals_.any_in(offset + 1, offset + insn.size)) return fail("a jump into an instruction");
        const State* others = arrivals_.at(offset);
        if (others == nullptr) return true;
        doubled_.reset();
        if (live_) {
            state_.join(*others, symbols_at(offset) + join_symbols);
        } else {
            state_ = *others;
        }
        live_ = true;
        return true;
    }

    /// Control goes on at `target` in the state at hand.
    bool jump_to(const cs_insn& insn, uint64_t target)
    {
        if (target == reinterpret_cast<uint64_t>(block_.leave)) return leaves();
        const uint64_t offset = target - host_base();
        if (target < host_base() || offset >= limit_) {
            const char* wrong = link_violation(units_, block_.guest_rip / page_size, block_.stamp, target);
            if (*wrong != 0) return fail(wrong);
            return charged() || fail("a link before the budget is charged");
        }
        if (offset == block_.entry) return charged() || fail("a link before the budget is charged");
        if (offset == 0) return true;  // the budget stub, which assumes nothing
        if (offset <= offset_of(insn)) return fail("a jump backward inside the unit");
        arrivals_.add(static_cast<uint32_t>(offset), state_);
        return true;
    }

    bool leaves()
    {
        const Value& number = state_.registers[rcx];
        if (number.kind != Kind::linear || !number.at.constant()) return fail("an exit without a number");
        const auto site = static_cast<uint64_t>(number.at.offset);
        return (site >= block_.first_site && site < block_.end_site) ||
               fail("an exit that is not the unit's");
    }

    bool falls_through(const cs_insn& insn)
    {
        const uint32_t next = offset_of(insn) + insn.size;
        live_ = true;
        return next < limit_ || fail("runs off its end");
    }

    bool step(const cs_insn& insn)
    {
        if (!is_allowed(insn)) return fail("a forbidden instruction");
        live_ = false;
        const std::optional<Value> doubled = std::exchange(doubled_, doubled_by(insn));
        switch (insn.id) {
            case X86_INS_JMP:
                return jump(insn);
            case X86_INS_JRCXZ:
                return jump_if_zero(insn);
            default:
                break;
        }
        if (cs_insn_group(reader_.handle(), &insn, CS_GRP_JUMP)) return jump_by_flags(insn, doubled);
        next_ = offset_of(insn) + insn.size;
        return memory_is_proved(insn) && transfer(insn) && falls_through(insn);
    }

    bool jump(const cs_insn& insn)
    {
        const cs_x86_op& operand = insn.detail->x86.operands[0];
        if (operand.type == X86_OP_IMM) return jump_to(insn, static_cast<uint64_t>(operand.imm));
        if (operand.type == X86_OP_REG) return jump_to_link(operand.reg);
        if (operand.type != X86_OP_MEM || operand.mem.segment != X86_REG_GS ||
            operand.mem.base != X86_REG_INVALID) {
            return fail("an indirect jump that is not through the jump table");
        }
        if (!charged()) return fail("a jump before the budget is charged");
        if (operand.mem.index == X86_REG_INVALID)
            return fail("an indirect jump that is not through the jump table");
        const Value& index = state_.registers[register_index(operand.mem.index)];
        if (operand.mem.scale != 8 || operand.mem.disp != jump_host_at || index.kind != Kind::jump_index) {
            return fail("an indirect jump that is not through the jump table");
        }
        return state_.jump_hits(index.at) || fail("a jump through the table without a hit");
    }

    /// jmp rcx, with an entry that was there.
    bool jump_to_link(x86_reg reg)
    {
        const int number = register_index(reg);
        if (number < 0 || state_.registers[static_cast<size_t>(number)].kind != Kind::known_link)
            return fail("a jump to an address that is no known link");
        return charged() || fail("a jump before the budget is charged");
    }

    /// The value has turned out to be zero.
    void note_zero(const Value& value)
    {
        switch (value.kind) {
            case Kind::beyond:
                return state_.facts.push_back({false, value.table, value.at, value.extra});
            case Kind::window_beyond:
            case Kind::fixed_tag: {
                const int64_t last = static_cast<int64_t>(window_at(tag_of_window(value.window))->size) - 1;
                const Linear at = value.kind == Kind::fixed_tag ? Linear{} : value.at;
                return state_.facts.push_back({false, Table::read, at, last, value.window});
            }
            case Kind::jump_differ:
                return state_.facts.push_back({true, Table::read, value.at, 0});
            default:
                return;
        }
    }

    /// jrcxz: on its taken side rcx is zero.
    bool jump_if_zero(const cs_insn& insn)
    {
        const Value value = state_.registers[rcx];
        const size_t facts = state_.facts.size();
        if (!value.less_one) note_zero(value);
        if (!jump_to(insn, static_cast<uint64_t>(insn.detail->x86.operands[0].imm))) return false;
        state_.facts.resize(facts);
        if (value.kind == Kind::link) state_.registers[rcx].kind = Kind::known_link;
        return falls_through(insn);
    }

    /// jae behind adcx rcx, rcx: where it falls through, the highest bit of what rcx was is set.
    bool jump_by_flags(const cs_insn& insn, const std::optional<Value>& doubled)
    {
        if (!jump_to(insn, static_cast<uint64_t>(insn.detail->x86.operands[0].imm))) return false;
        if (insn.id == X86_INS_JAE && doubled && doubled->less_one) note_zero(*doubled);
        return falls_through(insn);
    }

    [[nodiscard]] std::optional<Value> doubled_by(const cs_insn& insn) const
    {
        const cs_x86& x86 = insn.detail->x86;
        if (insn.id != X86_INS_ADCX || x86.operands[1].type != X86_OP_REG) return std::nullopt;
        if (x86.operands[0].reg != X86_REG_RCX || x86.operands[1].reg != X86_REG_RCX) return std::nullopt;
        return state_.registers[rcx];
    }

    // --- memory ---

    bool memory_is_proved(const cs_insn& insn)
    {
        const cs_x86& x86 = insn.detail->x86;
        if (insn.id == X86_INS_LEA) return true;
        for (unsigned i = 0; i < x86.op_count; ++i) {
            const cs_x86_op& operand = x86.operands[i];
            if (operand.type != X86_OP_MEM) continue;
            const unsigned size = access_size(insn, operand);
            if (operand.mem.segment == X86_REG_GS && held_slot(operand.mem.disp) >= 0) {
                if (!held_is_proved(insn, operand.mem)) return false;
            } else if (!access_is_proved(operand.mem, size, writes_memory(insn))) {
                return false;
            }
        }
        return true;
    }

    /// mov gs:[HELD], reg of an addend, and mov scratch, gs:[HELD] of one that this unit has put there.
    bool held_is_proved(const cs_insn& insn, const x86_op_mem& mem)
    {
        const cs_x86& x86 = insn.detail->x86;
        const auto slot = slot_number(mem);
        const bool move = insn.id == X86_INS_MOV && slot && mem.base == X86_REG_INVALID &&
                          x86.operands[0].size == 8 && x86.operands[1].size == 8;
        if (!move) return fail("a kept addend is not just moved");
        const bool store = x86.operands[0].type == X86_OP_MEM;
        if (store && x86.operands[1].type != X86_OP_REG) return fail("a kept addend is not just moved");
        const int reg = register_index(x86.operands[store ? 1 : 0].reg);
        if (reg != host_t0 && reg != host_t1) return fail("a kept addend goes through a guest register");
        const Value& kept = state_.registers[store ? static_cast<size_t>(reg) : *slot];
        return kept.kind == Kind::addend || fail("what is kept is not an addend that was looked up");
    }

    bool access_is_proved(const x86_op_mem& mem, unsigned size, bool write)
    {
        if (size == 0) return fail("an access of unknown size");
        if (mem.segment == X86_REG_GS) return slot_is_allowed(mem, size, write);
        if (mem.segment != X86_REG_INVALID) return fail("a segment override");
        if (mem.base == X86_REG_RIP) return constant_is_own(mem, size, write);
        const auto host = address_of(mem);
        if (host && host->kind == Kind::bounce) {
            return (block_.bounced && host->extra == 0) || fail("a bounced operand in an ordinary unit");
        }
        if (host && host->kind == Kind::window_host) {
            if (write && !window_at(tag_of_window(host->window))->write)
                return fail("a store through a window for loads");
            return state_.window_hits(host->window, host->at, int64_t{size} - 1) ||
                   fail("an access that the window's check does not vouch for");
        }
        if (!host || host->kind != Kind::host) return fail("an address that was not looked up");
        if (write && host->table != Table::write) return fail("a store through the table of readable pages");
        return state_.hits(host->table, host->at, host->extra, host->extra + size - 1) ||
               fail("an access that was not compared for its full size");
    }

    static int64_t tag_of_window(uint32_t number)
    {
        return static_cast<int64_t>(offsetof(Context, windows) + number * sizeof(Window));
    }
    /// The unit's own window that has its tag or addend at `disp`; nullptr: there is none.
    [[nodiscard]] const WindowView* window_at(int64_t disp) const
    {
        const auto found = std::find_if(block_.windows.begin(), block_.windows.end(), [&](const auto& w) {
            return disp == tag_of_window(w.number) || disp == tag_of_window(w.number) + 8;
        });
        return found == block_.windows.end() ? nullptr : &*found;
    }

    /// Where an address in another page that the unit leads to has its entry.
    [[nodiscard]] bool is_link(int64_t disp) const
    {
        return std::any_of(block_.links.begin(), block_.links.end(),
                           [&](uint32_t number) { return disp == slot_of_link(number); });
    }

    bool slot_is_allowed(const x86_op_mem& mem, unsigned size, bool write)
    {
        if (mem.base != X86_REG_INVALID) return fail("a context access with a base");
        if (mem.index != X86_REG_INVALID) {
            const Value& index = state_.registers[static_cast<size_t>(register_index(mem.index))];
            const bool bounded = index.kind == Kind::index        ? is_table(mem.disp)
                                 : index.kind == Kind::jump_index ? mem.disp == jump_tag_at
                                                                  : false;
            return (bounded && mem.scale == 8 && size == 8 && !write) || fail("a table access out of bounds");
        }
        if (write)
            return is_written_slot(mem.disp, size) || fail("a store to a slot that is not the guest's");
        return is_read_slot(mem.disp, size, block_.bounced) ||
               (size == 8 && (window_at(mem.disp) != nullptr || is_link(mem.disp))) ||
               fail("a load from a slot that is not the guest's");
    }

    static bool is_table(int64_t disp)
    {
        for (const Table table : {Table::read, Table::write}) {
            if (disp == tag_at(table) || disp == addend_at(table)) return true;
        }
        return false;
    }

    bool constant_is_own(const x86_op_mem& mem, unsigned size, bool write)
    {
        // Capstone gives the displacement; `next_` is where it counts from.
        const int64_t at = static_cast<int64_t>(next_) + mem.disp;
        if (write) return fail("a store to the unit's own bytes");
        return (at >= block_.constants_offset && at + size <= block_.host_size) ||
               fail("an access outside of the unit's constants");
    }

    /// The value of base + index * scale + disp.
    std::optional<Value> address_of(const x86_op_mem& mem) const
    {
        Value sum;
        sum.at.offset = 0;
        if (mem.base != X86_REG_INVALID) {
            const int base = register_index(mem.base);
            if (base < 0) return std::nullopt;
            sum = state_.registers[static_cast<size_t>(base)];
        }
        if (mem.index != X86_REG_INVALID) {
            const int index = register_index(mem.index);
            if (index < 0) return std::nullopt;
            const Value& term = state_.registers[static_cast<size_t>(index)];
            const auto both = sum.kind == Kind::window_tag && mem.scale == 2
                                  ? add_twice(sum, term)
                                  : add_scaled(sum, term, mem.scale);
            if (!both) return std::nullopt;
            sum = *both;
        }
        return add_constant(sum, mem.disp);
    }

    static std::optional<Value> add_constant(Value value, int64_t disp)
    {
        switch (value.kind) {
            case Kind::window_addend:
                value.kind = Kind::window_host;
                value.at = {0, 0, disp};
                return value;
            case Kind::window_reach:
                if (disp % 2 != 0) return std::nullopt;
                value.at.offset += disp / 2;
                return value;
            case Kind::linear:
            case Kind::window_half:
            case Kind::window_host:
                value.at.offset += disp;
                return value;
            case Kind::reach:
            case Kind::host:
            case Kind::bounce:
                value.extra += disp;
                return value;
            case Kind::beyond:
                if (disp != -1 || value.less_one) return std::nullopt;
                value.less_one = true;
                return value;
            default:
                return disp == 0 ? std::optional(value) : std::nullopt;
        }
    }

    static std::optional<Value> add_twice(const Value& sum, const Value& term)
    {
        if (sum.kind != Kind::window_tag || term.kind != Kind::linear) return std::nullopt;
        Value both = sum;
        both.kind = Kind::window_reach;
        both.at = term.at;
        return both;
    }

    static std::optional<Value> add_scaled(const Value& sum, const Value& term, int scale)
    {
        if (scale == 1) return add(sum, term);
        if (sum.kind != Kind::linear || term.kind != Kind::linear) return std::nullopt;
        const auto scaled = scaled_symbol(term.at, scale);
        return scaled ? add_linear(sum.at, *scaled) : std::nullopt;
    }

    static std::optional<Value> add(const Value& one, const Value& other)
    {
        if (one.kind != Kind::linear) {
            if (other.kind != Kind::linear) return std::nullopt;
            return add(other, one);
        }
        Value sum = other;
        switch (other.kind) {
            case Kind::linear:
                return add_linear(one.at, other.at);
            case Kind::tag:
            case Kind::addend:
                if (!one.at.same_symbols(other.at)) return std::nullopt;
                sum.kind = other.kind == Kind::tag ? Kind::reach : Kind::host;
                sum.extra = one.at.offset - other.at.offset;
                return sum;
            case Kind::window_tag:
                sum.kind = Kind::window_half;
                sum.at = one.at;
                return sum;
            case Kind::window_half: {
                const int64_t twice = one.at.offset + other.at.offset;
                if (!one.at.same_symbols(other.at) || twice % 2 != 0) return std::nullopt;
                sum.kind = Kind::window_reach;
                sum.at.offset = twice / 2;
                return sum;
            }
            case Kind::window_addend:
                sum.kind = Kind::window_host;
                sum.at = one.at;
                return sum;
            case Kind::jump_tag:
                if (other.at != one.at) return std::nullopt;
                sum.kind = Kind::jump_differ;
                sum.at = one.at;
                return sum;
            default:
                return std::nullopt;
        }
    }

    static std::optional<Value> add_linear(const Linear& one, const Linear& other)
    {
        std::array<uint32_t, 4> symbols = {one.a, one.b, other.a, other.b};
        std::sort(symbols.begin(), symbols.end(), std::greater<>());
        if (symbols[2] != 0) return std::nullopt;
        Value sum;
        sum.at = {symbols[0], symbols[1], one.offset + other.offset};
        return sum;
    }

    // --- registers ---

    bool transfer(const cs_insn& insn)
    {
        const cs_x86& x86 = insn.detail->x86;
        const std::optional<Value> result = result_of(insn);
        if (!result && reads_host_address(insn) && !keeps_addend(insn))
            return fail("a host address is used as a number");
        if (!forget_written(insn)) return false;
        if (!result) {
            note_slots(insn);
            return true;
        }
        const int to = register_index(x86.operands[0].reg);
        if (result->is_host_address() && to != host_t0 && to != host_t1) {
            return fail("a host address goes into a guest register");
        }
        if (to != host_budget) state_.registers[static_cast<size_t>(to)] = *result;
        return true;
    }

    /// A store to a slot for addends (`held_is_proved` has looked at it).
    static bool keeps_addend(const cs_insn& insn)
    {
        const cs_x86_op& to = insn.detail->x86.operands[0];
        return to.type == X86_OP_MEM && to.mem.segment == X86_REG_GS && held_slot(to.mem.disp) >= 0;
    }

    /// The number that the slot at `disp` has among the registers.
    static std::optional<size_t> slot_number(const x86_op_mem& mem)
    {
        if (mem.segment != X86_REG_GS || mem.index != X86_REG_INVALID) return std::nullopt;
        if (mem.disp == NORN_CTX_TMP) return first_slot;
        if (const int held = held_slot(mem.disp); held >= 0) return first_held + static_cast<size_t>(held);
        const int64_t gpr = mem.disp - NORN_CTX_GPR;
        if (gpr < int64_t{8} * r9 || gpr >= int64_t{8} * (r11 + 1)) return std::nullopt;
        return first_slot + 1 + static_cast<size_t>(gpr / 8 - r9);
    }

    void note_slots(const cs_insn& insn)
    {
        const cs_x86& x86 = insn.detail->x86;
        for (unsigned i = 0; i < x86.op_count; ++i) {
            if (x86.operands[i].type != X86_OP_MEM) continue;
            const auto slot = slot_number(x86.operands[i].mem);
            if (!slot || !writes_memory(insn)) continue;
            forget(static_cast<int>(*slot), symbols_at(offset_of(insn)));
            if (insn.id != X86_INS_MOV || i != 0 || x86.operands[0].size != 8) continue;
            const int reg = x86.operands[1].type == X86_OP_REG ? register_index(x86.operands[1].reg) : -1;
            if (reg >= 0) state_.registers[*slot] = state_.registers[static_cast<size_t>(reg)];
        }
    }

    /// Everything that the instruction may write becomes unknown. The decoder's lists are not trusted to
    /// be complete: a first operand, and what instructions write without naming it, are added.
    bool forget_written(const cs_insn& insn)
    {
        const cs_x86& x86 = insn.detail->x86;
        cs_regs read, written;
        uint8_t read_count = 0, written_count = 0;
        if (cs_regs_access(reader_.handle(), &insn, read, &read_count, written, &written_count) !=
            CS_ERR_OK) {
            return fail("registers are not known");
        }
        // Capstone 4 takes movq between vector registers with a REX.W for one to a general register.
        const Opcode opcode = opcode_of(insn);
        if (opcode.map == 1 && opcode.byte == 0x7e && opcode.rep) return true;
        // It says of test al, imm8 and its wider form that they write what they test.
        if (opcode.map == 0 && (opcode.byte == 0xa8 || opcode.byte == 0xa9)) return true;
        std::vector<int> registers;
        for (uint8_t i = 0; i < written_count; ++i) {
            registers.push_back(register_index(static_cast<x86_reg>(written[i])));
        }
        if (x86.op_count > 0 && x86.operands[0].type == X86_OP_REG && !only_reads_first(insn)) {
            registers.push_back(register_index(x86.operands[0].reg));
        }
        if (writes_unnamed(insn)) registers.insert(registers.end(), {rax, rcx, rdx});
        for (const int reg : registers) {
            if (reg == host_budget) return charge(insn);
            if (reg >= 0) forget(reg, symbols_at(offset_of(insn)));
        }
        return true;
    }

    void forget(int reg, uint32_t symbols)
    {
        Value value;
        value.at.a = symbols + static_cast<uint32_t>(reg);
        state_.registers[static_cast<size_t>(reg)] = value;
    }

    [[nodiscard]] bool charged() const { return state_.budget != Budget::untouched; }

    /// The writes of the budget: lea r13, [r13 - 64 * n] once, and on a way out in the middle
    /// lea r13, [r13 + 64 * m] for the m instructions behind it.
    bool charge(const cs_insn& insn)
    {
        const cs_x86& x86 = insn.detail->x86;
        const bool shape = insn.id == X86_INS_LEA && x86.operands[0].reg == X86_REG_R13 &&
                           x86.operands[1].mem.base == X86_REG_R13 &&
                           x86.operands[1].mem.index == X86_REG_INVALID;
        if (!shape) return fail("a write to the budget");
        const int64_t change = x86.operands[1].mem.disp;
        const int64_t whole = static_cast<int64_t>(block_.instructions) << budget_shift;
        if (change < 0) {
            if (state_.budget != Budget::untouched) return fail("the budget is charged twice");
            state_.budget = Budget::charged;
            return change == -whole || fail("the budget is charged wrongly");
        }
        if (state_.budget != Budget::charged) return fail("a refund of what was not charged");
        state_.budget = Budget::refunded;
        const bool part = change < whole && change % (1 << budget_shift) == 0;
        return part || fail("the budget is refunded wrongly");
    }

    [[nodiscard]] bool is_host_address(x86_reg reg) const
    {
        const int i = register_index(reg);
        return i >= 0 && state_.registers[static_cast<size_t>(i)].is_host_address();
    }

    [[nodiscard]] bool reads_host_address(const cs_insn& insn) const
    {
        const cs_x86& x86 = insn.detail->x86;
        for (unsigned i = 0; i < x86.op_count; ++i) {
            const cs_x86_op& operand = x86.operands[i];
            if (operand.type == X86_OP_REG) {
                const bool read = i > 0 || !replaces_register(insn);
                if (read && is_host_address(operand.reg)) return true;
            } else if (operand.type == X86_OP_MEM && insn.id == X86_INS_LEA) {
                if (is_host_address(operand.mem.base) || is_host_address(operand.mem.index)) return true;
            }
        }
        return false;
    }

    /// What the scaffolding's own instructions compute; none for all others.
    std::optional<Value> result_of(const cs_insn& insn) const
    {
        const cs_x86& x86 = insn.detail->x86;
        if (x86.op_count < 1 || x86.operands[0].type != X86_OP_REG) return std::nullopt;
        const cs_x86_op& to = x86.operands[0];
        if (insn.id == X86_INS_INC) return moved_by(to, 1);
        if (insn.id == X86_INS_DEC) return moved_by(to, -1);
        if (x86.op_count < 2) return std::nullopt;
        const cs_x86_op& from = x86.operands[1];
        switch (insn.id) {
            case X86_INS_SHRX:
                return shifted(x86);
            case X86_INS_MOVZX:
                return zero_extended(to, from);
            case X86_INS_ADD:
                return from.type == X86_OP_IMM ? moved_by(to, from.imm) : std::nullopt;
            case X86_INS_SUB:
                return from.type == X86_OP_IMM ? moved_by(to, -from.imm) : std::nullopt;
            case X86_INS_LEA:
                return to.size == 8 ? address_of(from.mem) : std::nullopt;
            case X86_INS_MOV:
            case X86_INS_MOVABS:
                return moved(to, from);
            default:
                return std::nullopt;
        }
    }

    std::optional<Value> moved_by(const cs_x86_op& to, int64_t distance) const
    {
        const int reg = register_index(to.reg);
        if (to.size != 8 || reg < 0) return std::nullopt;
        const Value& value = state_.registers[static_cast<size_t>(reg)];
        return value.kind == Kind::linear ? add_constant(value, distance) : std::nullopt;
    }

    std::optional<Value> shifted(const cs_x86& x86) const
    {
        if (x86.operands[2].type != X86_OP_REG || register_index(x86.operands[2].reg) != host_budget)
            return std::nullopt;
        const int reg = x86.operands[1].type == X86_OP_REG ? register_index(x86.operands[1].reg) : -1;
        if (reg < 0) return std::nullopt;
        const bool narrow = x86.operands[1].size == 4;
        Value value = state_.registers[static_cast<size_t>(reg)];
        if (value.kind == Kind::window_reach && !narrow) {
            value.kind = Kind::window_beyond;
        } else if (value.kind == Kind::linear && narrow) {
            value.kind = Kind::index;
        } else if (value.kind == Kind::reach && !narrow && value.extra >= 0 &&
                   value.extra < (1 << page_offset_bits)) {
            value.kind = Kind::beyond;
        } else {
            return std::nullopt;
        }
        return value;
    }

    std::optional<Value> zero_extended(const cs_x86_op& to, const cs_x86_op& from) const
    {
        if (to.size < 4 || from.type != X86_OP_REG || from.size != 2) return std::nullopt;
        Value value = state_.registers[static_cast<size_t>(register_index(from.reg))];
        if (value.kind != Kind::linear) return std::nullopt;
        value.kind = Kind::jump_index;
        return value;
    }

    std::optional<Value> moved(const cs_x86_op& to, const cs_x86_op& from) const
    {
        if (from.type == X86_OP_IMM) {
            if (to.size < 4) return std::nullopt;
            Value value;
            value.at.offset = to.size == 4 ? static_cast<int64_t>(static_cast<uint32_t>(from.imm)) : from.imm;
            return value;
        }
        if (to.size != 8) return std::nullopt;
        if (from.type == X86_OP_REG) {
            const int reg = register_index(from.reg);
            return reg < 0 ? std::nullopt : std::optional(state_.registers[static_cast<size_t>(reg)]);
        }
        return from.mem.segment == X86_REG_GS ? looked_up(from.mem) : std::nullopt;
    }

    std::optional<Value> looked_up(const x86_op_mem& mem) const
    {
        Value value;
        if (mem.index == X86_REG_INVALID) {
            if (mem.disp == NORN_CTX_BOUNCE) {
                value.kind = Kind::bounce;
                return value;
            }
            if (const auto slot = slot_number(mem)) {
                const Value& held = state_.registers[*slot];
                return mem.disp % 8 == 0 ? std::optional(held) : std::nullopt;
            }
            if (const WindowView* window = window_at(mem.disp)) {
                const bool tag = mem.disp == tag_of_window(window->number);
                value.kind = window->fixed ? (tag ? Kind::fixed_tag : Kind::window_host)
                                           : (tag ? Kind::window_tag : Kind::window_addend);
                value.window = window->number;
                return value;
            }
            if (!is_link(mem.disp)) return std::nullopt;
            value.kind = Kind::link;
            return value;
        }
        value = state_.registers[static_cast<size_t>(register_index(mem.index))];
        if (value.kind == Kind::jump_index && mem.disp == jump_tag_at) {
            value.kind = Kind::jump_tag;
            return value;
        }
        if (value.kind != Kind::index) return std::nullopt;
        for (const Table table : {Table::read, Table::write}) {
            value.table = table;
            value.kind = mem.disp == tag_at(table) ? Kind::tag : Kind::addend;
            if (mem.disp == tag_at(table) || mem.disp == addend_at(table)) return value;
        }
        return std::nullopt;
    }

    InstructionReader& reader_;
    Arrivals& arrivals_;
    const BlockView& block_;
    const Units& units_;
    uint32_t limit_;
    std::optional<Value> doubled_;  ///< what rcx was, if the instruction before was adcx rcx, rcx
    State state_;                   ///< before the instruction at hand
    bool live_ = false;             ///< whether it is reached
    uint32_t next_ = 0;
    std::string error_;
};

}  // namespace

Verifier::Verifier(OnViolation on_violation)
    : decoder_(std::make_unique<Decoder>()), on_violation_(on_violation)
{
}
Verifier::~Verifier() = default;

std::string Verifier::check(const BlockView& block) const
{
    return Proof(decoder_->reader, decoder_->arrivals, block, units_).run();
}

void Verifier::translated(const BlockView& block)
{
    ++blocks_;
    const std::string violation = check(block);
    if (!violation.empty()) return report(block.guest_rip, violation);
    remember(block);
}

void Verifier::linked(const uint8_t* from, const uint8_t* to)
{
    const VerifiedUnit* unit = unit_at(units_, reinterpret_cast<uint64_t>(from));
    if (unit == nullptr) return;  // it broke a rule itself
    const uint64_t target = reinterpret_cast<uint64_t>(to);
    const std::string violation = link_violation(units_, unit->guest_page, unit->stamp, target);
    if (!violation.empty()) report(unit->guest_page * page_size, violation);
}

void Verifier::report(uint64_t guest_rip, const std::string& violation)
{
    if (violations_++ == 0) first_violation_ = violation;
    if (on_violation_ == OnViolation::remember) return;
    std::fprintf(stderr, "norn: the unit for %#llx breaks a rule: %s\n",
                 static_cast<unsigned long long>(guest_rip), violation.c_str());
    std::abort();
}

/// After a flush of the code cache, units come to lie where others were.
void Verifier::remember(const BlockView& block)
{
    const auto start = reinterpret_cast<uint64_t>(block.host);
    const uint64_t end = start + block.host_size;
    auto old = units_.upper_bound(start);
    if (old != units_.begin() && std::prev(old)->second.end > start) --old;
    while (old != units_.end() && old->first < end) old = units_.erase(old);
    units_[start] = {end, start + block.entry, block.guest_rip / page_size, block.stamp};
}

}  // namespace norn::x86
