#include "program.h"

#include <algorithm>
#include <array>

#include "assembler.h"
#include "single.h"
#include "state.h"

namespace norn::fuzz {

namespace {

constexpr size_t code_limit = 5000;  ///< no new statement starts behind this many bytes
constexpr int condition_not_zero = 5;

/// Registers with a job. The random instructions between do not write them.
struct Roles {
    std::array<int, 2> pointer;  ///< into the data region, 16-byte aligned
    int index;                   ///< a small multiple of 16
    int counter;                 ///< of the innermost loop
};

int gpr_index(ZydisRegister reg)
{
    const ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    return ZydisRegisterGetClass(full) == ZYDIS_REGCLASS_GPR64 ? ZydisRegisterGetId(full) : -1;
}

/// Instructions that would end most programs, or whose result is not compared bit by bit.
bool unfit_for_programs(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
        case ZYDIS_MNEMONIC_UD0:
        case ZYDIS_MNEMONIC_UD1:
        case ZYDIS_MNEMONIC_UD2:
        case ZYDIS_MNEMONIC_INT3:
        case ZYDIS_MNEMONIC_INT:
        case ZYDIS_MNEMONIC_HLT:
        case ZYDIS_MNEMONIC_DIV:
        case ZYDIS_MNEMONIC_IDIV:
        case ZYDIS_MNEMONIC_STD:
        case ZYDIS_MNEMONIC_LDMXCSR:
        case ZYDIS_MNEMONIC_FXRSTOR:
        case ZYDIS_MNEMONIC_FXRSTOR64:
        case ZYDIS_MNEMONIC_FXSAVE:
        case ZYDIS_MNEMONIC_FXSAVE64:
        case ZYDIS_MNEMONIC_FLDENV:
        case ZYDIS_MNEMONIC_FNSTENV:
        case ZYDIS_MNEMONIC_FRSTOR:
        case ZYDIS_MNEMONIC_FNSAVE:
        case ZYDIS_MNEMONIC_FLDCW:
        case ZYDIS_MNEMONIC_RCPPS:
        case ZYDIS_MNEMONIC_RCPSS:
        case ZYDIS_MNEMONIC_RSQRTPS:
        case ZYDIS_MNEMONIC_RSQRTSS:
        case ZYDIS_MNEMONIC_TZCNT:
        case ZYDIS_MNEMONIC_LZCNT:
        case ZYDIS_MNEMONIC_SHLD:
        case ZYDIS_MNEMONIC_SHRD:
            return true;
        default:
            return false;
    }
}

bool leaves_flags_open(const Instruction& instruction)
{
    const auto* flags = instruction.info.cpu_flags;
    return flags != nullptr && (flags->undefined & x86::flag::arithmetic) != 0;
}

class Generator {
  public:
    Generator(std::span<const Template* const> templates, Rng& rng, uint64_t start)
        : templates_(templates), rng_(rng), code_(start)
    {
        choose_roles();
    }

    ProgramCase generate(Arena& arena)
    {
        ProgramCase program = initial_state();
        program.start = program.cpu.rip = code_.here();
        functions_.resize(rng_.below(4));
        body(3);
        code_.jump(exit_address(0));
        emit_functions();
        arena.write(program.start, code_.code());
        program.end = code_.here();
        program.can_step = can_step_;
        return program;
    }

  private:
    struct Function {
        std::vector<size_t> callers;  ///< distances to be aimed at it
    };

    void choose_roles()
    {
        std::array<int, 15> order = {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};  // all but rsp
        for (size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[rng_.below(i + 1)]);
        if (rng_.one_in(2)) std::swap(order[3], *std::find(order.begin(), order.end(), x86::rcx));
        roles_ = {{order[0], order[1]}, order[2], order[3]};
    }

    [[nodiscard]] bool has_role(int reg) const
    {
        return reg == x86::rsp || is_pointer(reg) || reg == roles_.index || reg == roles_.counter;
    }
    [[nodiscard]] bool is_pointer(int reg) const
    {
        return reg == roles_.pointer[0] || reg == roles_.pointer[1];
    }

    int free_register()
    {
        int reg;
        do {
            reg = any_register();
        } while (has_role(reg));
        return reg;
    }
    int any_register() { return static_cast<int>(rng_.below(16)); }
    int any_pointer() { return roles_.pointer[rng_.below(2)]; }

    ProgramCase initial_state()
    {
        ProgramCase program;
        program.cpu = random_cpu(rng_);
        program.cpu.rflags &= ~x86::flag::df;
        program.cpu.fs_base = 16 * rng_.below(8);
        program.cpu.gs_base = 16 * rng_.below(8);
        program.fpu = random_fpu(rng_);
        auto& gpr = program.cpu.gpr;
        const uint64_t middle = regions[data_region].start + x86::page_size;
        for (const int pointer : roles_.pointer)
            gpr[pointer] = middle + static_cast<uint64_t>(16 * rng_.between(-100, 100));
        gpr[roles_.index] = 16 * rng_.below(4);
        const uint64_t stack = regions[stack_region].start + x86::page_size;
        gpr[x86::rsp] = stack + static_cast<uint64_t>(rng_.between(-64, 512));
        return program;
    }

    void body(unsigned depth)
    {
        const uint64_t statements = 2 + rng_.below(6);
        for (uint64_t i = 0; i < statements && code_.size() < code_limit; ++i) statement(depth);
    }

    void statement(unsigned depth)
    {
        const auto roll = static_cast<unsigned>(rng_.below(100));
        if (depth == 0 || roll < 52) return random_instruction();
        if (roll < 66) return conditional(depth - 1);
        if (roll < 76) return loop(depth - 1);
        if (roll < 83) return call();
        if (roll < 87) return switch_jump(depth - 1);
        if (roll < 90) return pushed(depth - 1);
        if (roll < 93) return string_operation();
        if (roll < 97) return rewrite();
        if (roll < 99) return flags_through_stack();
        fault();
    }

    [[nodiscard]] bool fits(const Instruction& instruction, bool wild) const
    {
        const auto& info = instruction.info;
        if (native_refuses(instruction) || unfit_for_programs(info.mnemonic)) return false;
        if (info.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE || info.meta.category == ZYDIS_CATEGORY_RET)
            return false;
        if ((info.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) != 0) return false;
        for (const auto& operand : instruction.all_operands()) {
            const bool written = (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
            const bool reg = operand.type == ZYDIS_OPERAND_TYPE_REGISTER;
            if (reg && written && has_role(gpr_index(operand.reg.value))) return false;
            const bool memory =
                operand.type == ZYDIS_OPERAND_TYPE_MEMORY && operand.mem.type != ZYDIS_MEMOP_TYPE_AGEN;
            if (memory && !wild && !is_pointer(gpr_index(operand.mem.base))) return false;
        }
        return wild || !bit_string(instruction);
    }

    /// bt and its kin with a bit number in a register reach far from their operand.
    static bool bit_string(const Instruction& instruction)
    {
        const auto mnemonic = instruction.info.mnemonic;
        const bool test = mnemonic == ZYDIS_MNEMONIC_BT || mnemonic == ZYDIS_MNEMONIC_BTS ||
                          mnemonic == ZYDIS_MNEMONIC_BTR || mnemonic == ZYDIS_MNEMONIC_BTC;
        return test && instruction.operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY &&
               instruction.operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER;
    }

    /// Vector operands mostly want 16-byte alignment: clears the low bits of the displacement.
    void align_operand(Instruction& instruction)
    {
        constexpr uint16_t vector_bits = 128;
        const auto& raw = instruction.info.raw;
        if (rng_.one_in(100) || raw.disp.size == 0) return;
        for (const auto& operand : instruction.all_operands()) {
            if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY && operand.size == vector_bits) {
                instruction.bytes[raw.disp.offset] &= 0xf0;
            }
        }
    }

    void random_instruction()
    {
        Shape shape;
        shape.odd_prefixes = rng_.one_in(8);
        const bool wild = rng_.one_in(200);
        shape.memory_base = wild ? -1 : any_pointer();
        shape.memory_index = roles_.index;
        for (unsigned tries = 0; tries < 40; ++tries) {
            auto instruction = Forms::instance(*templates_[rng_.below(templates_.size())], rng_, shape);
            if (!instruction || !fits(*instruction, wild)) continue;
            align_operand(*instruction);
            code_.put(instruction->code());
            if (leaves_flags_open(*instruction)) define_flags();
            return;
        }
    }

    /// cmp of two registers: all six flags become defined.
    void define_flags()
    {
        const int a = any_register(), b = any_register();
        code_.put({rex_byte(rng_.one_in(2), a, b), 0x39, modrm_byte(3, a, b)});
    }

    void conditional(unsigned depth)
    {
        const size_t to_else = code_.relative({0x0f, 0x80 | static_cast<int>(rng_.below(16))});
        body(depth);
        if (rng_.one_in(2)) {
            code_.aim(to_else, code_.here());
            return;
        }
        const size_t to_end = code_.relative({0xe9});
        code_.aim(to_else, code_.here());
        body(depth);
        code_.aim(to_end, code_.here());
    }

    void loop(unsigned depth)
    {
        const int counter = roles_.counter;
        code_.push(counter);
        code_.move_immediate(counter, static_cast<uint32_t>(1 + rng_.below(rng_.one_in(6) ? 60 : 5)));
        const uint64_t head = code_.here();
        body(depth);
        close_loop(counter, head);
        code_.pop(counter);
    }

    void close_loop(int counter, uint64_t head)
    {
        const auto back = static_cast<int64_t>(head - (code_.here() + 2));
        if (counter == x86::rcx && back >= -128 && rng_.one_in(2)) {
            code_.put({0xe2, static_cast<int>(back & 0xff)});  // loop
        } else if (counter == x86::rcx && rng_.one_in(2)) {    // flags stay alive around the loop
            code_.put({0x48, 0x8d, 0x49, 0xff});               // lea rcx, [rcx - 1]
            code_.put({0xe3, 5});                              // jrcxz over the jump
            code_.jump(head);
        } else if (rng_.one_in(2)) {
            code_.put({rex_byte(true, 0, counter), 0x83, modrm_byte(3, 5, counter), 1});  // sub counter, 1
            code_.jump_if(condition_not_zero, head);
        } else {
            code_.put({rex_byte(true, 0, counter), 0xff, modrm_byte(3, 1, counter)});  // dec counter
            code_.jump_if(condition_not_zero, head);
        }
    }

    void pushed(unsigned depth)
    {
        code_.push(any_register());
        body(depth);
        code_.pop(free_register());
    }

    /// lea reg, [rip + …]
    size_t load_address(int reg)
    {
        return code_.relative({rex_byte(true, reg, 0), 0x8d, modrm_byte(0, reg, 5)});
    }

    void call()
    {
        if (next_callee_ >= functions_.size()) return;
        const uint64_t callee = next_callee_ + rng_.below(functions_.size() - next_callee_);
        size_t hole;
        if (rng_.one_in(2)) {
            hole = code_.relative({0xe8});
        } else {
            const int reg = free_register();
            hole = load_address(reg);
            if (rng_.one_in(2)) {
                code_.put({rex_byte(false, 0, reg), 0xff, modrm_byte(3, 2, reg)});  // call reg
            } else {
                code_.push(reg);
                code_.put({0xff, 0x14, 0x24});              // call [rsp]
                code_.put({0x48, 0x8d, 0x64, 0x24, 0x08});  // lea rsp, [rsp + 8]
            }
        }
        functions_[callee].callers.push_back(hole);
    }

    /// Functions call only later ones, so that programs end.
    void emit_functions()
    {
        for (size_t i = 0; i < functions_.size(); ++i) {
            next_callee_ = i + 1;
            for (const size_t hole : functions_[i].callers) code_.aim(hole, code_.here());
            const uint64_t pushes = rng_.below(3);
            for (uint64_t n = 0; n < pushes; ++n) code_.push(any_register());
            body(2);
            for (uint64_t n = 0; n < pushes; ++n) code_.pop(free_register());
            code_.put({0xc3});
        }
    }

    /// jmp [table + 8 * selector], the selector from memory that changes.
    void switch_jump(unsigned depth)
    {
        constexpr unsigned arms = 4;
        const int selector = free_register();
        int table = free_register();
        while (table == selector) table = free_register();
        const int pointer = any_pointer();
        code_.put({rex_byte(false, selector, pointer), 0x0f, 0xb6});  // movzx selector, byte [pointer + …]
        code_.memory_operand(selector, pointer, static_cast<int8_t>(rng_.next()));
        code_.put({rex_byte(false, 0, selector), 0x83, modrm_byte(3, 4, selector), arms - 1});  // and
        define_flags();
        const size_t hole = load_address(table);
        const int sib = 3 << 6 | (selector & 7) << 3 | (table & 7);
        code_.put({0x40 | (selector >> 3) << 1 | table >> 3, 0xff, modrm_byte(1, 4, 4), sib, 0});
        code_.aim(hole, code_.here());
        const uint64_t entries = code_.here();
        for (unsigned i = 0; i < arms; ++i) code_.put_value(uint64_t{0});
        std::array<size_t, arms> outs{};
        for (unsigned i = 0; i < arms; ++i) {
            code_.put_at(entries + 8 * i, code_.here());
            if (i == 0) body(depth);
            random_instruction();
            outs[i] = code_.relative({0xe9});
        }
        for (const size_t out : outs) code_.aim(out, code_.here());
    }

    void string_operation()
    {
        static constexpr std::array<int, 5> opcodes = {0xa4, 0xa6, 0xaa, 0xae,
                                                       0xac};  // movs cmps stos scas lods
        const bool loads_allowed = !has_role(x86::rax);
        const int opcode = opcodes[rng_.below(loads_allowed ? 5 : 4)] | static_cast<int>(rng_.below(2));
        for (const int reg : {x86::rsi, x86::rdi, x86::rcx}) code_.push(reg);
        code_.push(roles_.pointer[1]);
        code_.push(roles_.pointer[0]);
        for (const int reg : {x86::rsi, x86::rdi}) {
            code_.pop(reg);
            code_.put({rex_byte(true, reg, reg), 0x8d});  // lea reg, [reg + …]
            code_.memory_operand(reg, reg, static_cast<int8_t>(rng_.next()));
        }
        code_.move_immediate(x86::rcx, static_cast<uint32_t>(rng_.below(rng_.one_in(8) ? 200 : 10)));
        const bool down = rng_.one_in(8);
        if (down) code_.put({0xfd});
        if (rng_.one_in(4)) code_.put({0x66});
        code_.put({rng_.one_in(3) ? 0xf2 : 0xf3});
        if (rng_.one_in(3)) code_.put({0x48});
        code_.put({opcode});
        if (down) code_.put({0xfc});
        for (const int reg : {x86::rcx, x86::rdi, x86::rsi}) code_.pop(reg);
    }

    /// A store into an instruction nearby: its immediate, or which operation it is.
    void rewrite()
    {
        const bool ahead = rng_.one_in(2);
        const bool immediate = rng_.one_in(2);
        uint64_t site = ahead ? 0 : victim(immediate);
        const uint64_t between = rng_.below(4);
        for (uint64_t i = 0; !ahead && i < between; ++i) random_instruction();
        size_t hole;
        const int source = free_register();
        if (immediate) {
            hole = code_.relative({rex_byte(false, source, 0), 0x89, modrm_byte(0, source, 5)});
        } else {
            hole = code_.relative({0xc6, modrm_byte(0, 0, 5)});
            code_.put({arithmetic_modrm(victim_register_)});
        }
        for (uint64_t i = 0; ahead && i < between; ++i) random_instruction();
        if (ahead) site = victim(immediate);
        code_.aim(hole, site, immediate ? 0 : 1);
    }

    /// mod, operation and register of `81 /n`: add, adc, sbb, sub or cmp.
    int arithmetic_modrm(int reg)
    {
        static constexpr std::array<int, 5> operations = {0, 2, 3, 5, 7};
        return modrm_byte(3, operations[rng_.below(operations.size())], reg);
    }

    /// Emits an instruction that may be rewritten; returns the address of the bytes to change.
    uint64_t victim(bool immediate)
    {
        if (immediate) {
            code_.move_immediate(free_register(), static_cast<uint32_t>(rng_.next()));
            return code_.here() - 4;
        }
        code_.put({rex_byte(rng_.one_in(2), 0, victim_register_), 0x81, arithmetic_modrm(victim_register_)});
        code_.put_value(static_cast<uint32_t>(rng_.next()));
        return code_.here() - 5;
    }

    /// pushf, some flags changed, popf.
    void flags_through_stack()
    {
        can_step_ = false;  // the pushed image has the processor's trap flag
        code_.put({0x9c});
        code_.put({0x81, modrm_byte(0, 6, 4), 0x24});  // xor dword [rsp], …
        code_.put_value(static_cast<uint32_t>(rng_.next() & x86::flag::arithmetic));
        code_.put({0x9d});
    }

    void fault()
    {
        const size_t over = code_.relative({0x0f, 0x80 | static_cast<int>(rng_.below(16))});
        const int pointer = any_pointer();
        switch (rng_.below(6)) {
            case 0:
                code_.put({0x0f, 0x0b});
                break;  // ud2
            case 1:
                code_.put({0xcc});
                break;  // int3
            case 2:     // div by whatever it is
                code_.put({rex_byte(true, 0, pointer), 0xf7,
                           modrm_byte(3, 6 + static_cast<int>(rng_.below(2)), pointer)});
                define_flags();
                break;
            case 3:  // movaps off its alignment
                code_.put({rex_byte(false, 0, pointer), 0x0f, 0x28});
                code_.memory_operand(3, pointer, 4);
                break;
            case 4:
                code_.jump(regions[data_region].start);
                break;  // no code there
            default:    // a load from nowhere
                code_.put({0x48, 0xa1});
                code_.put_value(rng_.next());
                break;
        }
        code_.aim(over, code_.here());
    }

    std::span<const Template* const> templates_;
    Rng& rng_;
    Assembler code_;
    Roles roles_{};
    std::vector<Function> functions_;
    size_t next_callee_ = 0;
    int victim_register_ = 0;
    bool can_step_ = true;
};

}  // namespace

ProgramCase make_program(std::span<const Template* const> templates, Arena& arena, Rng& rng)
{
    arena.reset(rng.next());
    // Programs of any length cross a page; the start decides where.
    const uint64_t start = regions[code_region].start + rng.below(x86::page_size);
    return Generator(templates, rng, start).generate(arena);
}

std::string list_program(const ProgramCase& program, const Arena& arena)
{
    std::string out;
    std::vector<uint8_t> bytes;
    for (uint64_t at = program.start; at < program.end; ++at) bytes.push_back(arena.guest_byte(at));
    for (size_t i = 0; i < bytes.size();) {
        const auto instruction = decode(std::span(bytes).subspan(i));
        std::array<char, 32> address{};
        std::snprintf(address.data(), address.size(), "  %llx  ",
                      static_cast<unsigned long long>(program.start + i));
        out += address.data();
        out += instruction ? disassemble(*instruction, program.start + i) : "(bad)";
        out += '\n';
        i += instruction ? instruction->info.length : 1;
    }
    return out;
}

}  // namespace norn::fuzz
