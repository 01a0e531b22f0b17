#include "x86/decode.h"

#include <cstdlib>
#include <cstring>

#include "x86/forms.h"

namespace norn::x86 {

namespace {

enum PrefixClass : uint8_t { no_prefix, prefix_66, prefix_f3, prefix_f2 };

/// Form numbers plus one, by everything that selects a form: map, opcode, prefix class, ModRM.reg and
/// whether ModRM names memory.
struct Index {
    uint16_t form[4][256][4][16] = {};
};

struct Tables {
    std::vector<Form> forms;
    Index index;
};

uint8_t parse_size(char c, Form& form)
{
    switch (c) {
        case 'b':
            return 1;
        case 'w':
            return 2;
        case 'd':
            return 4;
        case 'q':
            return 8;
        case 'v':
            return size_v;
        case 'y':
            return size_y;
        case 't':
            return 10;
        case 'x':
            return 16;
        case 'X':
            form.aligned = true;
            return 16;
        case 'e':
            return 28;
        case 's':
            return 108;
        case 'i':
            form.aligned = true;
            return 0;
        default:
            return 0;
    }
}

void set_rm(Form& form, Where where, uint8_t reg_size, uint8_t mem_size, uint8_t access, bool reg, bool mem)
{
    form.modrm = true;
    form.rm = where;
    form.rm_size = reg_size;
    form.mem_size = mem_size;
    form.rm_access = access;
    form.allows_reg = reg;
    form.allows_mem = mem;
}

void set_reg(Form& form, Where where, uint8_t size, uint8_t access)
{
    form.modrm = true;
    form.reg = where;
    form.reg_size = size;
    form.reg_access = access;
}

void set_immediate(Form& form, char size)
{
    form.imm = size == 'b' ? 1 : size == 'w' ? 2 : size == 'd' ? 4 : size == 'z' ? size_v : imm_full;
}

void parse_operand(const char* token, size_t length, Form& form)
{
    const char kind = token[0];
    const char size_letter = length > 1 ? token[1] : ' ';
    if (kind == 'I') return set_immediate(form, size_letter);
    const uint8_t size = parse_size(size_letter, form);
    const char last = token[length - 1];
    const uint8_t access = last == '=' ? writes : last == '+' ? reads | writes : reads;
    switch (kind) {
        case 'E':
            return set_rm(form, Where::gpr, size, size, access, true, true);
        case 'L':
            return set_rm(form, Where::gpr, 4, size, access, true, true);
        case 'R':
            return set_rm(form, Where::none, 0, 0, access, true, false);
        case 'M':
            return set_rm(form, Where::none, 0, size, access, false, true);
        case 'W':
            return set_rm(form, Where::xmm, 0, size, access, true, true);
        case 'U':
            return set_rm(form, Where::xmm, 0, 0, access, true, false);
        case 'Q':
            form.uses_x87 = true;
            return set_rm(form, Where::mmx, 0, size, access, true, true);
        case 'N':
            form.uses_x87 = true;
            return set_rm(form, Where::mmx, 0, 0, access, true, false);
        case 'F':
            form.uses_x87 = true;
            return set_rm(form, Where::x87, 0, size, access, false, true);
        case 'T':
            form.uses_x87 = true;
            return set_rm(form, Where::x87, 0, 0, access, true, false);
        case 'G':
            return set_reg(form, Where::gpr, size, access);
        case 'V':
            return set_reg(form, Where::xmm, 0, access);
        case 'P':
            form.uses_x87 = true;
            return set_reg(form, Where::mmx, 0, access);
        case 'Z':
            form.opreg_size = size;
            form.opreg_access = access;
            return;
        case '!':
            form.lockable = true;
            return;
        case 'c':
            form.reads_cl = true;
            return;
        case 'r':
            form.writes_rcx = true;
            return;
        case '6':
            form.stack64 = true;
            return;
        case 'm':
            form.uses_x87 = true;
            return;
        default:
            std::abort();
    }
}

Form parse_operands(const Row& row)
{
    Form form;
    form.code = row.code;
    form.name = row.name;
    form.operands = row.operands;
    form.op = row.op;
    for (const char* p = row.operands; *p;) {
        const size_t length = std::strcspn(p, " ");
        if (length) parse_operand(p, length, form);
        p += length + (p[length] == ' ');
    }
    return form;
}

struct Code {
    uint8_t classes = 0;  ///< bit for each PrefixClass
    uint8_t map = 0, opcode = 0, count = 1;
    int8_t extension = -1;
};

Code parse_code(const char* p)
{
    Code code;
    for (;;) {
        if (!std::strncmp(p, "np", 2))
            code.classes |= 1 << no_prefix;
        else if (!std::strncmp(p, "66", 2) && (p[2] == ' ' || p[2] == ','))
            code.classes |= 1 << prefix_66;
        else if (!std::strncmp(p, "f3", 2) && (p[2] == ' ' || p[2] == ','))
            code.classes |= 1 << prefix_f3;
        else if (!std::strncmp(p, "f2", 2) && (p[2] == ' ' || p[2] == ','))
            code.classes |= 1 << prefix_f2;
        else
            break;
        p += 3;
    }
    if (!std::strncmp(p, "0f38 ", 5))
        code.map = 2, p += 5;
    else if (!std::strncmp(p, "0f3a ", 5))
        code.map = 3, p += 5;
    else if (!std::strncmp(p, "0f ", 3))
        code.map = 1, p += 3;
    char* end = nullptr;
    code.opcode = uint8_t(std::strtoul(p, &end, 16));
    if (end[0] == '+') code.count = 8;
    if (end[0] == '/') code.extension = int8_t(end[1] - '0');
    return code;
}

void enter_form(Tables& tables, const Code& code, const Form& form, uint16_t number)
{
    for (int prefix = 0; prefix < 4; ++prefix) {
        if (code.classes && !(code.classes >> prefix & 1)) continue;
        for (int group = 0; group < 16; ++group) {
            if (code.extension >= 0 && (group & 7) != code.extension) continue;
            const bool memory = group < 8;
            if (form.modrm && !(memory ? form.allows_mem : form.allows_reg)) continue;
            for (int i = 0; i < code.count; ++i) {
                uint16_t& slot = tables.index.form[code.map][code.opcode + i][prefix][group];
                if (!slot || code.classes) slot = number;
            }
        }
    }
}

Tables parse_rows()
{
    Tables tables;
    for (const Row& row : form_rows()) {
        Form form = parse_operands(row);
        const Code code = parse_code(row.code);
        form.mandatory_prefix = code.classes != 0;
        // A form with only a register in ModRM.reg still has a register or memory in ModRM.rm.
        tables.forms.push_back(form);
        enter_form(tables, code, form, uint16_t(tables.forms.size()));
    }
    return tables;
}

const Tables& tables()
{
    static const Tables parsed = parse_rows();
    return parsed;
}

/// Register forms of x87 that exist, one bit for each ModRM byte from C0 to FF, by opcode from D8 on.
constexpr uint64_t bits(int first, int last)
{
    uint64_t mask = 0;
    for (int i = first; i <= last; ++i) mask |= 1ull << (i - 0xc0);
    return mask;
}
constexpr uint64_t x87_registers[8] = {
    bits(0xc0, 0xff),
    bits(0xc0, 0xd0) | bits(0xe0, 0xe1) | bits(0xe4, 0xe5) | bits(0xe8, 0xee) | bits(0xf0, 0xff),
    bits(0xc0, 0xdf) | bits(0xe9, 0xe9),
    bits(0xc0, 0xdf) | bits(0xe2, 0xe3) | bits(0xe8, 0xf7),
    bits(0xc0, 0xcf) | bits(0xe0, 0xff),
    bits(0xc0, 0xc7) | bits(0xd0, 0xdf) | bits(0xe0, 0xef),
    bits(0xc0, 0xcf) | bits(0xd9, 0xd9) | bits(0xe0, 0xff),
    bits(0xc0, 0xc7) | bits(0xe0, 0xe0) | bits(0xe8, 0xf7),
};

/// Reads bytes of one instruction; past the end it reads zeros and remembers that it did.
struct Reader {
    const uint8_t* code;
    size_t available;
    size_t at = 0;
    bool over = false;

    uint8_t byte()
    {
        if (at < available) return code[at++];
        over = true;
        ++at;
        return 0;
    }
    uint64_t little(int size)
    {
        uint64_t value = 0;
        for (int i = 0; i < size; ++i) value |= uint64_t(byte()) << (8 * i);
        return value;
    }
    int64_t signed_little(int size)
    {
        const int shift = 64 - 8 * size;
        return int64_t(little(size) << shift) >> shift;
    }
};

void read_prefixes(Reader& in, Instruction& out)
{
    for (;;) {
        const uint8_t b = in.byte();
        switch (b) {
            case 0x66:
                out.operand16 = true;
                break;
            case 0x67:
                out.address32 = true;
                break;
            case 0xf0:
                out.lock = true;
                break;
            case 0xf2:
                out.repne = true;
                out.rep = false;
                break;
            case 0xf3:
                out.rep = true;
                out.repne = false;
                break;
            case 0x64:
                out.segment = 4;
                break;
            case 0x65:
                out.segment = 5;
                break;
            case 0x26:
            case 0x2e:
            case 0x36:
            case 0x3e:
                break;
            default:
                if ((b & 0xf0) == 0x40) {
                    out.rex = b;
                    out.opcode = in.byte();
                    // A REX that another prefix follows does nothing.
                    switch (out.opcode) {
                        case 0x66:
                        case 0x67:
                        case 0xf0:
                        case 0xf2:
                        case 0xf3:
                        case 0x64:
                        case 0x65:
                        case 0x26:
                        case 0x2e:
                        case 0x36:
                        case 0x3e:
                            out.rex = 0;
                            --in.at;
                            continue;
                        default:
                            if ((out.opcode & 0xf0) == 0x40 && in.at < 16) {
                                out.rex = 0;
                                --in.at;
                                continue;
                            }
                    }
                    return;
                }
                out.opcode = b;
                return;
        }
        if (in.at > 15) return;
    }
}

void read_opcode(Reader& in, Instruction& out)
{
    if (out.opcode != 0x0f) return;
    out.map = 1;
    out.opcode = in.byte();
    if (out.opcode == 0x38)
        out.map = 2, out.opcode = in.byte();
    else if (out.opcode == 0x3a)
        out.map = 3, out.opcode = in.byte();
}

void read_memory(Reader& in, Instruction& out)
{
    const int mod = out.modrm >> 6;
    int base = out.modrm & 7;
    out.has_mem = true;
    if (base == 4) {
        const uint8_t sib = in.byte();
        const int index = (sib >> 3 & 7) | (out.rex & 2) << 2;
        if (index != 4) {
            out.index = int8_t(index);
            out.scale = sib >> 6;
        }
        base = sib & 7;
        if (mod == 0 && base == 5) {
            out.disp = int32_t(in.signed_little(4));
            return;
        }
    } else if (mod == 0 && base == 5) {
        out.rip_relative = true;
        out.disp = int32_t(in.signed_little(4));
        return;
    }
    out.base = int8_t(base | (out.rex & 1) << 3);
    if (mod == 1) out.disp = int32_t(in.signed_little(1));
    if (mod == 2) out.disp = int32_t(in.signed_little(4));
}

PrefixClass prefix_class(const Instruction& insn)
{
    return insn.rep ? prefix_f3 : insn.repne ? prefix_f2 : insn.operand16 ? prefix_66 : no_prefix;
}

void read_immediate(Reader& in, Instruction& out)
{
    const Form& form = *out.form;
    uint8_t size = form.imm;
    if (size == size_v) size = out.opsize == 2 ? 2 : 4;
    if (size == imm_full) size = out.opsize;
    if (form.op == Op::moffs) size = out.address32 ? 4 : 8;
    if (!size) return;
    out.imm_size = size;
    out.imm = form.op == Op::moffs ? in.little(size) : uint64_t(in.signed_little(size));
    if (form.op == Op::enter) out.imm = (out.imm & 0xffff) | uint64_t(in.byte()) << 16;
}

}  // namespace

DecodeStatus decode(const uint8_t* code, size_t available, Instruction& out)
{
    out = {};
    Reader in{code, available};
    read_prefixes(in, out);
    read_opcode(in, out);
    const Tables& t = tables();
    const PrefixClass prefix = prefix_class(out);
    const auto& groups = t.index.form[out.map][out.opcode][prefix];
    // Without a look at ModRM: is any form here one that has it?
    const uint16_t first = groups[0] ? groups[0] : groups[8];
    uint16_t number = first;
    bool modrm = first ? t.forms[first - 1].modrm : false;
    for (int i = 0; !first && i < 16; ++i) modrm |= groups[i] != 0;
    if (modrm) {
        out.modrm = in.byte();
        number = groups[(out.modrm >= 0xc0 ? 8 : 0) + (out.modrm >> 3 & 7)];
    }
    if (in.over) return in.at > 15 ? DecodeStatus::too_long : DecodeStatus::truncated;
    if (!number) return DecodeStatus::unknown;
    out.form = &t.forms[number - 1];
    const Form& form = *out.form;
    const bool w = out.rex & 8;
    if (form.mandatory_prefix)
        out.mandatory = prefix == prefix_66   ? 0x66
                        : prefix == prefix_f3 ? 0xf3
                        : prefix == prefix_f2 ? 0xf2
                                              : 0;
    out.opsize = w ? 8 : out.operand16 && out.mandatory != 0x66 ? 2 : form.stack64 ? 8 : 4;
    if (modrm && out.modrm < 0xc0) read_memory(in, out);
    // With a 66 prefix the x87 environment has its 16-bit format, which nobody uses.
    if (form.mem_size >= 28 && form.mem_size <= 108 && out.operand16) return DecodeStatus::unknown;
    if (form.rm == Where::x87 && !out.has_mem &&
        !(x87_registers[out.opcode - 0xd8] >> (out.modrm - 0xc0) & 1))
        return DecodeStatus::unknown;
    read_immediate(in, out);
    if (in.at > 15) return DecodeStatus::too_long;
    if (in.over) return DecodeStatus::truncated;
    out.length = uint8_t(in.at);
    if (out.lock && !(form.lockable && out.has_mem)) return DecodeStatus::undefined;
    return DecodeStatus::ok;
}

const std::vector<Form>& admitted_forms()
{
    return tables().forms;
}

}  // namespace norn::x86
