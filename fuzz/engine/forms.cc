#include "forms.h"

#include <algorithm>
#include <cstring>

namespace norn::fuzz {

namespace {

const ZydisDecoder& decoder()
{
    static const ZydisDecoder instance = [] {
        ZydisDecoder d;
        ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
        return d;
    }();
    return instance;
}

constexpr uint8_t operand_size_prefix = 0x66, address_size_prefix = 0x67, lock_prefix = 0xf0,
                  repne_prefix = 0xf2, rep_prefix = 0xf3, rex_base = 0x40, rex_w_bit = 0x08;

/// Builds bytes front to back; what does not fit is dropped, and the decoder then refuses the rest.
struct Writer {
    std::array<uint8_t, 32> bytes{};
    size_t size = 0;

    void put(uint8_t byte)
    {
        if (size < bytes.size()) bytes[size++] = byte;
    }
    void put_random(Rng& rng, size_t count)
    {
        for (size_t i = 0; i < count; ++i) put(static_cast<uint8_t>(rng.next()));
    }
    void opcode(const Template& form)
    {
        if (form.map != OpcodeMap::one_byte) put(0x0f);
        if (form.map == OpcodeMap::three_byte_38) put(0x38);
        if (form.map == OpcodeMap::three_byte_3a) put(0x3a);
        put(form.opcode);
    }
};

bool is_prefix(unsigned byte)
{
    switch (byte) {
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
        case 0x64:
        case 0x65:
        case operand_size_prefix:
        case address_size_prefix:
        case lock_prefix:
        case repne_prefix:
        case rep_prefix:
            return true;
        default:
            return (byte & 0xf0) == rex_base;
    }
}

uint8_t modrm(unsigned mod, unsigned reg, unsigned rm)
{
    return static_cast<uint8_t>(mod << 6 | (reg & 7) << 3 | (rm & 7));
}

bool is_x87(const Template& form)
{
    return form.map == OpcodeMap::one_byte && (form.opcode & 0xf8) == 0xd8;
}

/// In these groups the rm field of a register form selects the instruction.
bool rm_selects(const Template& form)
{
    return is_x87(form) || (form.map == OpcodeMap::two_byte && (form.opcode == 0x01 || form.opcode == 0xae ||
                                                                form.opcode == 0xc7 || form.opcode == 0x1e));
}

std::optional<Instruction> try_template(const Template& form)
{
    Writer w;
    if (form.mandatory_prefix != 0) w.put(form.mandatory_prefix);
    if (form.rex_w) w.put(rex_base | rex_w_bit);
    w.opcode(form);
    w.put(modrm(form.memory ? 0 : 3, form.reg, form.rm < 0 ? 1u : static_cast<unsigned>(form.rm)));
    w.size = max_instruction;
    auto instruction = decode({w.bytes.data(), w.size});
    if (instruction && instruction->info.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY) return std::nullopt;
    return instruction;
}

void add_modrm_variants(Template form, std::vector<Template>& out)
{
    for (const bool memory : {true, false}) {
        form.memory = memory;
        for (uint8_t reg = 0; reg < 8; ++reg) {
            form.reg = reg;
            const bool each_rm = !memory && rm_selects(form);
            for (int8_t rm = 0; rm < (each_rm ? 8 : 1); ++rm) {
                form.rm = each_rm ? rm : int8_t{-1};
                const auto instruction = try_template(form);
                if (instruction && (instruction->info.attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0) {
                    out.push_back(form);
                }
            }
        }
        form.rm = -1;
    }
}

void add_variants(Template form, std::vector<Template>& out)
{
    form.has_modrm = true;
    const size_t before = out.size();
    add_modrm_variants(form, out);
    if (out.size() != before) return;
    form.has_modrm = false;
    form.memory = false;
    form.reg = 0;
    if (try_template(form)) out.push_back(form);
}

void put_memory_operand(Writer& w, unsigned reg, const Shape& shape, uint8_t& rex, Rng& rng)
{
    if (shape.memory_base < 0) {  // anything at all
        const unsigned mod = static_cast<unsigned>(rng.below(3));
        const unsigned rm = rng.one_in(3) ? 4 : static_cast<unsigned>(rng.below(8));
        rex |= static_cast<uint8_t>(rng.below(4));
        w.put(modrm(mod, reg, rm));
        return;
    }
    const auto base = static_cast<unsigned>(shape.memory_base);
    const bool index = shape.memory_index >= 0 && rng.one_in(3);
    const bool wide = rng.one_in(3);
    rex |= static_cast<uint8_t>(base >> 3);
    if (index || (base & 7) == 4) {
        const unsigned x = index ? static_cast<unsigned>(shape.memory_index) : 4;
        rex |= static_cast<uint8_t>((x >> 3) << 1);
        w.put(modrm(wide ? 2 : 1, reg, 4));
        w.put(static_cast<uint8_t>(rng.below(4) << 6 | (x & 7) << 3 | (base & 7)));
    } else {
        w.put(modrm(wide ? 2 : 1, reg, base));
    }
    if (wide) {
        const auto displacement = static_cast<int32_t>(rng.between(-1024, 1024));
        std::array<uint8_t, 4> raw;
        std::memcpy(raw.data(), &displacement, raw.size());
        for (const uint8_t byte : raw) w.put(byte);
    } else {
        w.put(static_cast<uint8_t>(rng.next()));
    }
}

void put_prefixes(Writer& w, const Template& form, const Shape& shape, Rng& rng)
{
    static constexpr uint8_t segments[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    if (shape.odd_prefixes) {
        if (rng.one_in(10)) w.put(segments[rng.below(std::size(segments))]);
        if (rng.one_in(16)) w.put(address_size_prefix);
        if (form.memory && rng.one_in(6)) w.put(lock_prefix);
        if (form.mandatory_prefix == 0 && rng.one_in(40)) w.put(operand_size_prefix);
        if (form.mandatory_prefix == 0 && rng.one_in(40)) w.put(rng.one_in(2) ? rep_prefix : repne_prefix);
    }
    if (form.mandatory_prefix != 0) w.put(form.mandatory_prefix);
}

std::string with_size(char kind, const ZydisDecodedOperand& operand)
{
    std::string text(1, kind);
    text += std::to_string(operand.size);
    return text;
}

std::string operand_kind(const ZydisDecodedOperand& operand)
{
    switch (operand.type) {
        case ZYDIS_OPERAND_TYPE_REGISTER:
            switch (ZydisRegisterGetClass(operand.reg.value)) {
                case ZYDIS_REGCLASS_X87:
                    return "st";
                case ZYDIS_REGCLASS_MMX:
                    return "mm";
                case ZYDIS_REGCLASS_XMM:
                    return "xmm";
                case ZYDIS_REGCLASS_SEGMENT:
                    return "sreg";
                default:
                    return with_size('r', operand);
            }
        case ZYDIS_OPERAND_TYPE_MEMORY:
            return with_size('m', operand);
        case ZYDIS_OPERAND_TYPE_IMMEDIATE:
            return operand.imm.is_relative ? "rel" : "imm";
        default:
            return "ptr";
    }
}

}  // namespace

std::optional<Instruction> decode(std::span<const uint8_t> bytes)
{
    Instruction out;
    const size_t size = std::min(bytes.size(), max_instruction);
    if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder(), bytes.data(), size, &out.info, out.operands.data()))) {
        return std::nullopt;
    }
    std::memcpy(out.bytes.data(), bytes.data(), out.info.length);
    return out;
}

std::string form_name(const Instruction& instruction)
{
    const auto& info = instruction.info;
    std::string name;
    if ((info.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0) name += "lock ";
    if ((info.attributes & ZYDIS_ATTRIB_HAS_REP) != 0) name += "rep ";
    if ((info.attributes & ZYDIS_ATTRIB_HAS_REPE) != 0) name += "repe ";
    if ((info.attributes & ZYDIS_ATTRIB_HAS_REPNE) != 0) name += "repne ";
    name += ZydisMnemonicGetString(info.mnemonic);
    for (unsigned i = 0; i < info.operand_count_visible; ++i) {
        name += i == 0 ? " " : ", ";
        name += operand_kind(instruction.operands[i]);
    }
    return name;
}

uint64_t form_key(const Instruction& instruction)
{
    constexpr ZydisInstructionAttributes named =
        ZYDIS_ATTRIB_HAS_LOCK | ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;
    const auto& info = instruction.info;
    uint64_t key = info.mnemonic;
    auto add = [&key](uint64_t value) { key = (key ^ value) * 0x9e37'79b9'7f4a'7c15 + (key >> 29); };
    add(info.attributes & named);
    for (unsigned i = 0; i < info.operand_count_visible; ++i) {
        const auto& operand = instruction.operands[i];
        add(operand.type);
        if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
            const auto kind = ZydisRegisterGetClass(operand.reg.value);
            const bool named_class = kind == ZYDIS_REGCLASS_X87 || kind == ZYDIS_REGCLASS_MMX ||
                                     kind == ZYDIS_REGCLASS_XMM || kind == ZYDIS_REGCLASS_SEGMENT;
            add(named_class ? 1000u + static_cast<unsigned>(kind) : operand.size);
        } else if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY) {
            add(operand.size);
        } else if (operand.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
            add(operand.imm.is_relative ? 1 : 0);
        }
    }
    return key;
}

std::string disassemble(const Instruction& instruction, uint64_t rip)
{
    static const ZydisFormatter formatter = [] {
        ZydisFormatter f;
        ZydisFormatterInit(&f, ZYDIS_FORMATTER_STYLE_INTEL);
        return f;
    }();
    std::array<char, 256> text{};
    ZydisFormatterFormatInstruction(&formatter, &instruction.info, instruction.operands.data(),
                                    instruction.info.operand_count_visible, text.data(), text.size(), rip,
                                    nullptr);
    return text.data();
}

std::vector<Template> Forms::all()
{
    std::vector<Template> out;
    for (const OpcodeMap map :
         {OpcodeMap::one_byte, OpcodeMap::two_byte, OpcodeMap::three_byte_38, OpcodeMap::three_byte_3a}) {
        for (unsigned opcode = 0; opcode < 256; ++opcode) {
            if (map == OpcodeMap::one_byte && is_prefix(opcode)) continue;
            for (const uint8_t prefix : {uint8_t{0}, operand_size_prefix, repne_prefix, rep_prefix}) {
                for (const bool wide : {false, true}) {
                    Template form;
                    form.map = map;
                    form.opcode = static_cast<uint8_t>(opcode);
                    form.mandatory_prefix = prefix;
                    form.rex_w = wide;
                    add_variants(form, out);
                }
            }
        }
    }
    return out;
}

std::optional<Instruction> Forms::instance(const Template& form, Rng& rng, const Shape& shape)
{
    Writer w;
    put_prefixes(w, form, shape, rng);
    const size_t rex_at = w.size;
    uint8_t rex = form.rex_w ? rex_w_bit : 0;
    const bool free_registers = form.has_modrm && !is_x87(form);
    if (free_registers && rng.one_in(2)) rex |= static_cast<uint8_t>(rng.below(2) << 2);
    if (!form.has_modrm && rng.one_in(3)) rex |= static_cast<uint8_t>(rng.below(2));
    w.put(0);  // room for REX
    w.opcode(form);
    if (form.has_modrm) {
        if (form.memory) {
            put_memory_operand(w, form.reg, shape, rex, rng);
        } else {
            const unsigned rm =
                form.rm >= 0 ? static_cast<unsigned>(form.rm) : static_cast<unsigned>(rng.below(8));
            if (form.rm < 0 && rng.one_in(2)) rex |= static_cast<uint8_t>(rng.below(2));
            w.put(modrm(3, form.reg, rm));
        }
    }
    w.put_random(rng, 12);
    if (rex != 0 || rng.one_in(12)) {
        w.bytes[rex_at] = rex | rex_base;
    } else {
        std::copy(w.bytes.begin() + static_cast<ptrdiff_t>(rex_at) + 1, w.bytes.end(),
                  w.bytes.begin() + static_cast<ptrdiff_t>(rex_at));
    }
    auto instruction = decode({w.bytes.data(), max_instruction});
    if (instruction && instruction->info.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY) return std::nullopt;
    return instruction;
}

}  // namespace norn::fuzz
