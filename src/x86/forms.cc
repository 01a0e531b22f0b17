// The allow-list. A row is: code, name, operands, treatment.
//
// Code: mandatory prefixes ("np" for none; none given: 66 is the operand size, F2 and F3 do nothing),
// opcode map, opcode, then /n for an opcode extension or +r for a register in the opcode.
//
// Operands: a letter, a size, an access (none: read, '=': write, '+': both):
//   E general register or memory (ModRM.rm)   R general register only    M memory only
//   L 32-bit general register or memory       G general register (ModRM.reg)   Z in the opcode
//   W xmm or memory   U xmm only   V xmm (ModRM.reg)
//   Q mmx or memory   N mmx only   P mmx (ModRM.reg)   F x87 memory   T x87 register form
//   I immediate
// Sizes: b w d q (1, 2, 4, 8 bytes), v (operand size), y (4 or 8), t (10), x (16, any alignment),
//   X (16, aligned), e (28: x87 environment), s (108: x87 state), i (512: FXSAVE image)
//   Iz: 2 or 4 bytes, IV: 2, 4 or 8 bytes
// Marks: '!' may be locked, 'c' reads CL, 'r' writes RCX, '6' operand size 64 without REX.W,
//   'm' uses MMX or x87 state
#include "x86/forms.h"

namespace norn::x86 {

namespace {

// clang-format off
constexpr Row rows[] = {
    // Arithmetic and logic.
#define ALU(base, name, rw, mark)                                                                    \
    {base "0", name, "Eb" rw " Gb" mark}, {base "1", name, "Ev" rw " Gv" mark},                      \
    {base "2", name, "Gb" rw " Eb"}, {base "3", name, "Gv" rw " Ev"},                                \
    {base "4", name, "Ib"}, {base "5", name, "Iz"}
#define ALU8(base, name, rw, mark)                                                                   \
    {base "8", name, "Eb" rw " Gb" mark}, {base "9", name, "Ev" rw " Gv" mark},                      \
    {base "a", name, "Gb" rw " Eb"}, {base "b", name, "Gv" rw " Ev"},                                \
    {base "c", name, "Ib"}, {base "d", name, "Iz"}
    ALU("0", "add", "+", " !"), ALU8("0", "or", "+", " !"), ALU("1", "adc", "+", " !"),
    ALU8("1", "sbb", "+", " !"), ALU("2", "and", "+", " !"), ALU8("2", "sub", "+", " !"),
    ALU("3", "xor", "+", " !"), ALU8("3", "cmp", "", ""),
#undef ALU
#undef ALU8
#define GROUP1(op, e, i)                                                                             \
    {op "/0", "add", e "+ " i " !"}, {op "/1", "or", e "+ " i " !"}, {op "/2", "adc", e "+ " i " !"}, \
    {op "/3", "sbb", e "+ " i " !"}, {op "/4", "and", e "+ " i " !"}, {op "/5", "sub", e "+ " i " !"}, \
    {op "/6", "xor", e "+ " i " !"}, {op "/7", "cmp", e " " i}
    GROUP1("80", "Eb", "Ib"), GROUP1("81", "Ev", "Iz"), GROUP1("83", "Ev", "Ib"),
#undef GROUP1
    {"84", "test", "Eb Gb"}, {"85", "test", "Ev Gv"}, {"a8", "test", "Ib"}, {"a9", "test", "Iz"},
    {"f6/0", "test", "Eb Ib"}, {"f6/1", "test", "Eb Ib"}, {"f7/0", "test", "Ev Iz"}, {"f7/1", "test", "Ev Iz"},
    {"f6/2", "not", "Eb+ !"}, {"f7/2", "not", "Ev+ !"}, {"f6/3", "neg", "Eb+ !"}, {"f7/3", "neg", "Ev+ !"},
    {"f6/4", "mul", "Eb"}, {"f7/4", "mul", "Ev"}, {"f6/5", "imul", "Eb"}, {"f7/5", "imul", "Ev"},
    {"f6/6", "div", "Eb"}, {"f7/6", "div", "Ev"}, {"f6/7", "idiv", "Eb"}, {"f7/7", "idiv", "Ev"},
    {"fe/0", "inc", "Eb+ !"}, {"ff/0", "inc", "Ev+ !"}, {"fe/1", "dec", "Eb+ !"}, {"ff/1", "dec", "Ev+ !"},
    {"69", "imul", "Gv= Ev Iz"}, {"6b", "imul", "Gv= Ev Ib"}, {"0f af", "imul", "Gv+ Ev"},
#define SHIFTS(op, e, tail)                                                                          \
    {op "/0", "rol", e "+ " tail}, {op "/1", "ror", e "+ " tail}, {op "/2", "rcl", e "+ " tail},     \
    {op "/3", "rcr", e "+ " tail}, {op "/4", "shl", e "+ " tail}, {op "/5", "shr", e "+ " tail},     \
    {op "/6", "shl", e "+ " tail}, {op "/7", "sar", e "+ " tail}
    SHIFTS("c0", "Eb", "Ib"), SHIFTS("c1", "Ev", "Ib"), SHIFTS("d0", "Eb", ""), SHIFTS("d1", "Ev", ""),
    SHIFTS("d2", "Eb", "c"), SHIFTS("d3", "Ev", "c"),
#undef SHIFTS
    {"0f a4", "shld", "Ev+ Gv Ib"}, {"0f a5", "shld", "Ev+ Gv c"},
    {"0f ac", "shrd", "Ev+ Gv Ib"}, {"0f ad", "shrd", "Ev+ Gv c"},
    {"98", "cbw/cwde/cdqe", ""}, {"99", "cwd/cdq/cqo", ""},
    {"f5", "cmc", ""}, {"f8", "clc", ""}, {"f9", "stc", ""}, {"fc", "cld", "", Op::cld}, {"fd", "std", "", Op::std},
    {"9e", "sahf", ""}, {"9f", "lahf", ""},
    // Moves.
    {"88", "mov", "Eb= Gb"}, {"89", "mov", "Ev= Gv"}, {"8a", "mov", "Gb= Eb"}, {"8b", "mov", "Gv= Ev"},
    {"8c", "mov", "Ev=", Op::mov_from_segment},
    {"b0+r", "mov", "Zb= Ib"}, {"b8+r", "mov", "Zv= IV"}, {"c6/0", "mov", "Eb= Ib"}, {"c7/0", "mov", "Ev= Iz"},
    {"a0", "mov", "", Op::moffs}, {"a1", "mov", "", Op::moffs},
    {"a2", "mov", "", Op::moffs}, {"a3", "mov", "", Op::moffs},
    {"63", "movsxd", "Gv= Ed"}, {"0f b6", "movzx", "Gv= Eb"}, {"0f b7", "movzx", "Gv= Ew"},
    {"0f be", "movsx", "Gv= Eb"}, {"0f bf", "movsx", "Gv= Ew"},
    {"86", "xchg", "Eb+ Gb+ !"}, {"87", "xchg", "Ev+ Gv+ !"}, {"90+r", "xchg", "Zv+"},
    {"0f b0", "cmpxchg", "Eb+ Gb !"}, {"0f b1", "cmpxchg", "Ev+ Gv !"},
    {"0f c0", "xadd", "Eb+ Gb+ !"}, {"0f c1", "xadd", "Ev+ Gv+ !"},
    {"0f c7/1", "cmpxchg8b/16b", "Mq+ !", Op::cmpxchg16}, {"0f c8+r", "bswap", "Zy+"},
    {"np 0f c3", "movnti", "My= Gy"}, {"8d", "lea", "Gv= M", Op::lea}, {"d7", "xlat", "", Op::xlat},
#define CC(n, cc)                                                                                    \
    {"0f 4" n, "cmov" cc, "Gv+ Ev"}, {"0f 9" n, "set" cc, "Eb="}, {"7" n, "j" cc, "Ib", Op::jcc},    \
    {"0f 8" n, "j" cc, "Id", Op::jcc}
    CC("0", "o"), CC("1", "no"), CC("2", "b"), CC("3", "ae"), CC("4", "e"), CC("5", "ne"), CC("6", "be"),
    CC("7", "a"), CC("8", "s"), CC("9", "ns"), CC("a", "p"), CC("b", "np"), CC("c", "l"), CC("d", "ge"),
    CC("e", "le"), CC("f", "g"),
#undef CC
    // Bits.
    {"0f ba/4", "bt", "Ev Ib"}, {"0f ba/5", "bts", "Ev+ Ib !"}, {"0f ba/6", "btr", "Ev+ Ib !"},
    {"0f ba/7", "btc", "Ev+ Ib !"}, {"0f a3", "bt", "Ev Gv", Op::bit_string},
    {"0f ab", "bts", "Ev+ Gv !", Op::bit_string}, {"0f b3", "btr", "Ev+ Gv !", Op::bit_string},
    {"0f bb", "btc", "Ev+ Gv !", Op::bit_string},
    {"0f bc", "bsf", "Gv+ Ev"}, {"0f bd", "bsr", "Gv+ Ev"}, {"f3 0f b8", "popcnt", "Gv= Ev"},
    {"f2 0f38 f0", "crc32", "Gy+ Eb"}, {"f2 0f38 f1", "crc32", "Gy+ Ev"},
    // Control flow.
    {"e8", "call", "Id 6", Op::call}, {"e9", "jmp", "Id 6", Op::jmp}, {"eb", "jmp", "Ib 6", Op::jmp},
    {"ff/2", "call", "Ev 6", Op::call_ind}, {"ff/4", "jmp", "Ev 6", Op::jmp_ind},
    {"c3", "ret", "6", Op::ret}, {"c2", "ret", "Iw 6", Op::ret},
    {"e0", "loopne", "Ib", Op::loopne}, {"e1", "loope", "Ib", Op::loope}, {"e2", "loop", "Ib", Op::loop},
    {"e3", "jrcxz", "Ib", Op::jrcxz},
    // Stack.
    {"50+r", "push", "Zv 6", Op::push_reg}, {"58+r", "pop", "Zv= 6", Op::pop_reg},
    {"68", "push", "Iz 6", Op::push_imm}, {"6a", "push", "Ib 6", Op::push_imm},
    {"ff/6", "push", "Ev 6", Op::push_mem}, {"8f/0", "pop", "Ev= 6", Op::pop_mem},
    {"c8", "enter", "Iw 6", Op::enter}, {"c9", "leave", "6", Op::leave},
    {"9c", "pushf", "6", Op::pushf}, {"9d", "popf", "6", Op::popf},
    // Strings.
    {"a4", "movsb", "", Op::string}, {"a5", "movs", "", Op::string}, {"a6", "cmpsb", "", Op::string},
    {"a7", "cmps", "", Op::string}, {"aa", "stosb", "", Op::string}, {"ab", "stos", "", Op::string},
    {"ac", "lodsb", "", Op::string}, {"ad", "lods", "", Op::string}, {"ae", "scasb", "", Op::string},
    {"af", "scas", "", Op::string},
    // System.
    {"0f 05", "syscall", "", Op::syscall}, {"0f a2", "cpuid", "", Op::cpuid}, {"0f 31", "rdtsc", "", Op::rdtsc},
    {"0f 0b", "ud2", "", Op::undefined}, {"cc", "int3", "", Op::breakpoint}, {"cd", "int", "Ib", Op::interrupt},
    {"f1", "int1", "", Op::debug_trap}, {"f4", "hlt", "", Op::privileged}, {"fa", "cli", "", Op::privileged},
    {"fb", "sti", "", Op::privileged}, {"e4", "in", "Ib", Op::privileged}, {"e5", "in", "Ib", Op::privileged},
    {"e6", "out", "Ib", Op::privileged}, {"e7", "out", "Ib", Op::privileged}, {"ec", "in", "", Op::privileged},
    {"ed", "in", "", Op::privileged}, {"ee", "out", "", Op::privileged}, {"ef", "out", "", Op::privileged},
    {"6c", "ins", "", Op::privileged}, {"6d", "ins", "", Op::privileged}, {"6e", "outs", "", Op::privileged},
    {"6f", "outs", "", Op::privileged}, {"0f 06", "clts", "", Op::privileged}, {"0f 08", "invd", "", Op::privileged},
    {"0f 09", "wbinvd", "", Op::privileged}, {"0f 30", "wrmsr", "", Op::privileged},
    {"0f 32", "rdmsr", "", Op::privileged}, {"0f 33", "rdpmc", "", Op::privileged},
    {"0f 20", "mov from cr", "R", Op::privileged}, {"0f 21", "mov from dr", "R", Op::privileged},
    {"0f 22", "mov to cr", "R", Op::privileged}, {"0f 23", "mov to dr", "R", Op::privileged},
    // Hints: prefetches and the multi-byte nops, where endbr64 and rdssp live.
    {"0f 0d", "prefetchw", "Mb", Op::nop}, {"0f 18", "prefetch", "Ev", Op::nop}, {"0f 19", "nop", "Ev", Op::nop},
    {"0f 1a", "nop", "Ev", Op::nop}, {"0f 1b", "nop", "Ev", Op::nop}, {"0f 1c", "nop", "Ev", Op::nop},
    {"0f 1d", "nop", "Ev", Op::nop}, {"0f 1e", "nop/endbr64/rdssp", "Ev", Op::nop}, {"0f 1f", "nop", "Ev", Op::nop},
    {"np 0f ae/5", "lfence", "R", Op::nop}, {"np 0f ae/6", "mfence", "R", Op::nop},
    {"np 0f ae/7", "sfence", "R", Op::nop},
    {"np 0f ae/7", "clflush", "Mb"},
    // State.
    {"np 0f ae/0", "fxsave", "Mi= m", Op::fxsave}, {"np 0f ae/1", "fxrstor", "Mi m", Op::fxrstor},
    {"np 0f ae/2", "ldmxcsr", "Md"}, {"np 0f ae/3", "stmxcsr", "Md="}, {"np 0f 77", "emms", "m"},
    // SSE moves.
    {"np,66 0f 10", "movup", "V= Wx"}, {"np,66 0f 11", "movup", "Wx= V"},
    {"f3 0f 10", "movss", "V= Wd"}, {"f3 0f 11", "movss", "Wd= V"},
    {"f2 0f 10", "movsd", "V= Wq"}, {"f2 0f 11", "movsd", "Wq= V"},
    {"np 0f 12", "movlps/movhlps", "V= Wq"}, {"66 0f 12", "movlpd", "V= Mq"}, {"np,66 0f 13", "movlp", "Mq= V"},
    {"np 0f 16", "movhps/movlhps", "V= Wq"}, {"66 0f 16", "movhpd", "V= Mq"}, {"np,66 0f 17", "movhp", "Mq= V"},
    {"f3 0f 12", "movsldup", "V= WX"}, {"f2 0f 12", "movddup", "V= Wq"}, {"f3 0f 16", "movshdup", "V= WX"},
    {"np,66 0f 14", "unpcklp", "V+ WX"}, {"np,66 0f 15", "unpckhp", "V+ WX"},
    {"np,66 0f 28", "movap", "V= WX"}, {"np,66 0f 29", "movap", "WX= V"}, {"np,66 0f 2b", "movntp", "MX= V"},
    {"np 0f 6e", "movd/q", "P= Ey m"}, {"66 0f 6e", "movd/q", "V= Ey"}, {"np 0f 7e", "movd/q", "Ey= P m"},
    {"66 0f 7e", "movd/q", "Ey= V"}, {"f3 0f 7e", "movq", "V= Wq"}, {"66 0f d6", "movq", "Wq= V"},
    {"np 0f 6f", "movq", "P= Qq"}, {"66 0f 6f", "movdqa", "V= WX"}, {"f3 0f 6f", "movdqu", "V= Wx"},
    {"np 0f 7f", "movq", "Qq= P"}, {"66 0f 7f", "movdqa", "WX= V"}, {"f3 0f 7f", "movdqu", "Wx= V"},
    {"f3 0f d6", "movq2dq", "V= N"}, {"f2 0f d6", "movdq2q", "P= U m"}, {"np 0f e7", "movntq", "Mq= P m"},
    {"66 0f e7", "movntdq", "MX= V"}, {"f2 0f f0", "lddqu", "V= Mx"}, {"66 0f38 2a", "movntdqa", "V= MX"},
    {"np,66 0f 50", "movmskp", "Gd= U"}, {"np 0f d7", "pmovmskb", "Gd= N"}, {"66 0f d7", "pmovmskb", "Gd= U"},
    {"np 0f f7", "maskmovq", "P N", Op::maskmov}, {"66 0f f7", "maskmovdqu", "V U", Op::maskmov},
    {"np 0f c4", "pinsrw", "P+ Lw Ib m"}, {"66 0f c4", "pinsrw", "V+ Lw Ib"},
    {"np 0f c5", "pextrw", "Gd= N Ib"}, {"66 0f c5", "pextrw", "Gd= U Ib"},
    {"66 0f3a 14", "pextrb", "Lb= V Ib"}, {"66 0f3a 15", "pextrw", "Lw= V Ib"}, {"66 0f3a 16", "pextrd/q", "Ey= V Ib"},
    {"66 0f3a 17", "extractps", "Ed= V Ib"}, {"66 0f3a 20", "pinsrb", "V+ Lb Ib"},
    {"66 0f3a 21", "insertps", "V+ Wd Ib"}, {"66 0f3a 22", "pinsrd/q", "V+ Ey Ib"},
    // SSE floating point.
#define FP4(op, name)                                                                                \
    {"np,66 0f " op, name "p", "V+ WX"}, {"f3 0f " op, name "ss", "V+ Wd"}, {"f2 0f " op, name "sd", "V+ Wq"}
    FP4("51", "sqrt"), FP4("58", "add"), FP4("59", "mul"), FP4("5c", "sub"), FP4("5d", "min"), FP4("5e", "div"),
    FP4("5f", "max"),
#undef FP4
    {"np,66 0f c2", "cmpp", "V+ WX Ib"}, {"f3 0f c2", "cmpss", "V+ Wd Ib"}, {"f2 0f c2", "cmpsd", "V+ Wq Ib"},
    {"np,66 0f c6", "shufp", "V+ WX Ib"}, {"np,66 0f 54", "andp", "V+ WX"}, {"np,66 0f 55", "andnp", "V+ WX"},
    {"np,66 0f 56", "orp", "V+ WX"}, {"np,66 0f 57", "xorp", "V+ WX"},
    {"np 0f 2e", "ucomiss", "V Wd"}, {"66 0f 2e", "ucomisd", "V Wq"}, {"np 0f 2f", "comiss", "V Wd"},
    {"66 0f 2f", "comisd", "V Wq"},
    {"np 0f 52", "rsqrtps", "V+ WX", Op::reciprocal}, {"f3 0f 52", "rsqrtss", "V+ Wd", Op::reciprocal},
    {"np 0f 53", "rcpps", "V+ WX", Op::reciprocal}, {"f3 0f 53", "rcpss", "V+ Wd", Op::reciprocal},
    {"np 0f 2a", "cvtpi2ps", "V+ Qq"}, {"66 0f 2a", "cvtpi2pd", "V+ Qq"}, {"f3,f2 0f 2a", "cvtsi2s", "V+ Ey"},
    {"np 0f 2c", "cvttps2pi", "P= Wq m"}, {"66 0f 2c", "cvttpd2pi", "P= WX m"}, {"np 0f 2d", "cvtps2pi", "P= Wq m"},
    {"66 0f 2d", "cvtpd2pi", "P= WX m"}, {"f3 0f 2c", "cvttss2si", "Gy= Wd"}, {"f2 0f 2c", "cvttsd2si", "Gy= Wq"},
    {"f3 0f 2d", "cvtss2si", "Gy= Wd"}, {"f2 0f 2d", "cvtsd2si", "Gy= Wq"},
    {"np 0f 5a", "cvtps2pd", "V= Wq"}, {"66 0f 5a", "cvtpd2ps", "V= WX"}, {"f3 0f 5a", "cvtss2sd", "V+ Wd"},
    {"f2 0f 5a", "cvtsd2ss", "V+ Wq"}, {"np,66,f3 0f 5b", "cvtdq2ps/cvtps2dq", "V= WX"},
    {"66 0f e6", "cvttpd2dq", "V= WX"}, {"f3 0f e6", "cvtdq2pd", "V= Wq"}, {"f2 0f e6", "cvtpd2dq", "V= WX"},
    {"66,f2 0f 7c", "haddp", "V+ WX"}, {"66,f2 0f 7d", "hsubp", "V+ WX"}, {"66,f2 0f d0", "addsubp", "V+ WX"},
    {"66 0f3a 08", "roundps", "V= WX Ib"}, {"66 0f3a 09", "roundpd", "V= WX Ib"},
    {"66 0f3a 0a", "roundss", "V+ Wd Ib"}, {"66 0f3a 0b", "roundsd", "V+ Wq Ib"},
    {"66 0f3a 0c", "blendps", "V+ WX Ib"}, {"66 0f3a 0d", "blendpd", "V+ WX Ib"},
    {"66 0f3a 40", "dpps", "V+ WX Ib"}, {"66 0f3a 41", "dppd", "V+ WX Ib"},
    {"66 0f38 14", "blendvps", "V+ WX"}, {"66 0f38 15", "blendvpd", "V+ WX"},
    // SSE and MMX integers.
#define INT2(op, name) {"np 0f " op, name, "P+ Qq"}, {"66 0f " op, name, "V+ WX"}
    {"np 0f 60", "punpcklbw", "P+ Qd"}, {"66 0f 60", "punpcklbw", "V+ WX"}, {"np 0f 61", "punpcklwd", "P+ Qd"},
    {"66 0f 61", "punpcklwd", "V+ WX"}, {"np 0f 62", "punpckldq", "P+ Qd"}, {"66 0f 62", "punpckldq", "V+ WX"},
    INT2("63", "packsswb"), INT2("64", "pcmpgtb"), INT2("65", "pcmpgtw"), INT2("66", "pcmpgtd"),
    INT2("67", "packuswb"), INT2("68", "punpckhbw"), INT2("69", "punpckhwd"), INT2("6a", "punpckhdq"),
    INT2("6b", "packssdw"), {"66 0f 6c", "punpcklqdq", "V+ WX"}, {"66 0f 6d", "punpckhqdq", "V+ WX"},
    {"np 0f 70", "pshufw", "P= Qq Ib"}, {"66 0f 70", "pshufd", "V= WX Ib"}, {"f3 0f 70", "pshufhw", "V= WX Ib"},
    {"f2 0f 70", "pshuflw", "V= WX Ib"},
#define SHIFT2(op, name) {"np 0f " op, name, "N+ Ib"}, {"66 0f " op, name, "U+ Ib"}
    SHIFT2("71/2", "psrlw"), SHIFT2("71/4", "psraw"), SHIFT2("71/6", "psllw"), SHIFT2("72/2", "psrld"),
    SHIFT2("72/4", "psrad"), SHIFT2("72/6", "pslld"), SHIFT2("73/2", "psrlq"), SHIFT2("73/6", "psllq"),
    {"66 0f 73/3", "psrldq", "U+ Ib"}, {"66 0f 73/7", "pslldq", "U+ Ib"},
#undef SHIFT2
    INT2("74", "pcmpeqb"), INT2("75", "pcmpeqw"), INT2("76", "pcmpeqd"), INT2("d1", "psrlw"), INT2("d2", "psrld"),
    INT2("d3", "psrlq"), INT2("d4", "paddq"), INT2("d5", "pmullw"), INT2("d8", "psubusb"), INT2("d9", "psubusw"),
    INT2("da", "pminub"), INT2("db", "pand"), INT2("dc", "paddusb"), INT2("dd", "paddusw"), INT2("de", "pmaxub"),
    INT2("df", "pandn"), INT2("e0", "pavgb"), INT2("e1", "psraw"), INT2("e2", "psrad"), INT2("e3", "pavgw"),
    INT2("e4", "pmulhuw"), INT2("e5", "pmulhw"), INT2("e8", "psubsb"), INT2("e9", "psubsw"), INT2("ea", "pminsw"),
    INT2("eb", "por"), INT2("ec", "paddsb"), INT2("ed", "paddsw"), INT2("ee", "pmaxsw"), INT2("ef", "pxor"),
    INT2("f1", "psllw"), INT2("f2", "pslld"), INT2("f3", "psllq"), INT2("f4", "pmuludq"), INT2("f5", "pmaddwd"),
    INT2("f6", "psadbw"), INT2("f8", "psubb"), INT2("f9", "psubw"), INT2("fa", "psubd"), INT2("fb", "psubq"),
    INT2("fc", "paddb"), INT2("fd", "paddw"), INT2("fe", "paddd"),
#undef INT2
#define INT2(op, name) {"np 0f38 " op, name, "P+ Qq"}, {"66 0f38 " op, name, "V+ WX"}
    INT2("00", "pshufb"), INT2("01", "phaddw"), INT2("02", "phaddd"), INT2("03", "phaddsw"), INT2("04", "pmaddubsw"),
    INT2("05", "phsubw"), INT2("06", "phsubd"), INT2("07", "phsubsw"), INT2("08", "psignb"), INT2("09", "psignw"),
    INT2("0a", "psignd"), INT2("0b", "pmulhrsw"), INT2("1c", "pabsb"), INT2("1d", "pabsw"), INT2("1e", "pabsd"),
#undef INT2
    {"np 0f3a 0f", "palignr", "P+ Qq Ib"}, {"66 0f3a 0f", "palignr", "V+ WX Ib"},
    {"66 0f38 10", "pblendvb", "V+ WX"}, {"66 0f3a 0e", "pblendw", "V+ WX Ib"}, {"66 0f38 17", "ptest", "V WX"},
    {"66 0f38 20", "pmovsxbw", "V= Wq"}, {"66 0f38 21", "pmovsxbd", "V= Wd"}, {"66 0f38 22", "pmovsxbq", "V= Ww"},
    {"66 0f38 23", "pmovsxwd", "V= Wq"}, {"66 0f38 24", "pmovsxwq", "V= Wd"}, {"66 0f38 25", "pmovsxdq", "V= Wq"},
    {"66 0f38 30", "pmovzxbw", "V= Wq"}, {"66 0f38 31", "pmovzxbd", "V= Wd"}, {"66 0f38 32", "pmovzxbq", "V= Ww"},
    {"66 0f38 33", "pmovzxwd", "V= Wq"}, {"66 0f38 34", "pmovzxwq", "V= Wd"}, {"66 0f38 35", "pmovzxdq", "V= Wq"},
#define INT(op, name) {"66 0f38 " op, name, "V+ WX"}
    INT("28", "pmuldq"), INT("29", "pcmpeqq"), INT("2b", "packusdw"), INT("37", "pcmpgtq"), INT("38", "pminsb"),
    INT("39", "pminsd"), INT("3a", "pminuw"), INT("3b", "pminud"), INT("3c", "pmaxsb"), INT("3d", "pmaxsd"),
    INT("3e", "pmaxuw"), INT("3f", "pmaxud"), INT("40", "pmulld"), INT("41", "phminposuw"),
#undef INT
    {"66 0f3a 42", "mpsadbw", "V+ WX Ib"}, {"66 0f3a 60", "pcmpestrm", "V Wx Ib"},
    {"66 0f3a 61", "pcmpestri", "V Wx Ib r"}, {"66 0f3a 62", "pcmpistrm", "V Wx Ib"},
    {"66 0f3a 63", "pcmpistri", "V Wx Ib r"},
    // x87. Which register forms exist is in decode.cc.
    {"9b", "fwait", "m"},
#define REGS(op) {op, "x87 register form", "T"}
    REGS("d8"), REGS("d9"), REGS("da"), REGS("db"), REGS("dc"), REGS("dd"), REGS("de"), REGS("df"),
#undef REGS
#define ARITH(op, m)                                                                                 \
    {op "/0", "fadd", m}, {op "/1", "fmul", m}, {op "/2", "fcom", m}, {op "/3", "fcomp", m},         \
    {op "/4", "fsub", m}, {op "/5", "fsubr", m}, {op "/6", "fdiv", m}, {op "/7", "fdivr", m}
    ARITH("d8", "Fd"), ARITH("da", "Fd"), ARITH("dc", "Fq"), ARITH("de", "Fw"),
#undef ARITH
    {"d9/0", "fld", "Fd"}, {"d9/2", "fst", "Fd="}, {"d9/3", "fstp", "Fd="}, {"d9/4", "fldenv", "Fe"},
    {"d9/5", "fldcw", "Fw"}, {"d9/6", "fnstenv", "Fe=", Op::fnstenv}, {"d9/7", "fnstcw", "Fw="},
    {"db/0", "fild", "Fd"}, {"db/1", "fisttp", "Fd="}, {"db/2", "fist", "Fd="}, {"db/3", "fistp", "Fd="},
    {"db/5", "fld", "Ft"}, {"db/7", "fstp", "Ft="},
    {"dd/0", "fld", "Fq"}, {"dd/1", "fisttp", "Fq="}, {"dd/2", "fst", "Fq="}, {"dd/3", "fstp", "Fq="},
    {"dd/4", "frstor", "Fs"}, {"dd/6", "fnsave", "Fs=", Op::fnsave}, {"dd/7", "fnstsw", "Fw="},
    {"df/0", "fild", "Fw"}, {"df/1", "fisttp", "Fw="}, {"df/2", "fist", "Fw="}, {"df/3", "fistp", "Fw="},
    {"df/4", "fbld", "Ft"}, {"df/5", "fild", "Fq"}, {"df/6", "fbstp", "Ft="}, {"df/7", "fistp", "Fq="},
};
// clang-format on

}  // namespace

std::span<const Row> form_rows()
{
    return rows;
}

}  // namespace norn::x86
