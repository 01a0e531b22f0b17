// What the engine promises at its interface: control flow, exact counts, precise faults, code that
// changes. Whether single instructions compute what the processor does is the fuzzer's business.
#include "x86/engine.h"

#include <gtest/gtest.h>

#include "x86/flat_memory.h"
#include "x86/guest_code.h"

GUEST_CODE(sum, "xor eax, eax; mov ecx, 100; 1: add rax, rcx; dec rcx; jnz 1b; syscall")
GUEST_CODE(calls,
           "xor r13d, r13d; mov r14d, 7; lea r15, [rip + 2f]; 1: call r15; dec r14; jnz 1b; syscall;"
           "2: push rbp; mov rbp, rsp; inc r13; leave; ret")
GUEST_CODE(bad_call, "mov rax, 0x123456789abcdef0; push rax; pop rbx; mov [rdi], rax; call [rdi]")
GUEST_CODE(store, "mov rax, 0x1122334455667788; mov [rdi], rax; mov rbx, [rdi]; syscall")
GUEST_CODE(stolen,
           "mov r13, 5; mov r14, 6; mov r15, 7; lea rax, [r13 + r14 * 2 + 1]; add r15, r13;"
           "xchg r13, r14; mov rcx, 3; shl r15, cl; mov [rdi + rcx * 8], r15; add r14, [rdi + rcx * 8];"
           "mov ch, 9; mov [rdi], ch; movzx edx, byte ptr [rdi]; mov r13b, 0x55; syscall")
GUEST_CODE(stolen_too,
           "mov r9, 5; mov r10, 6; mov r11, 7; lea rax, [r9 + r10 * 2 + 1]; add r11, r9;"
           "xchg r9, r10; mov rcx, 3; shl r11, cl; mov [rdi + rcx * 8], r11; add r10, [rdi + rcx * 8];"
           "mov ch, 9; mov [rdi], ch; movzx edx, byte ptr [rdi]; mov r9b, 0x55; not r10d; not r10d;"
           "lea r8, [r10 + 1]; xadd r9, r10; imul r11, r9, 3; cmovne r11, r8; shld r9, r10, 4; mov rbx, r11; "
           "syscall")
GUEST_CODE(self_move, "mov r13, 5; mov r13, r13; mov r14d, r14d; add r13, r14; syscall")
GUEST_CODE(flags_over_memory,
           "xor eax, eax; cmp rax, 1; mov rbx, [rdi]; mov [rdi + 8], rbx; mov rcx, [rsi + 4096];"
           "adc rax, 0; syscall")
GUEST_CODE(divide, "mov eax, 1; xor edx, edx; mov r14d, 0; stc; div r14; syscall")
GUEST_CODE(misaligned, "mov eax, 5; movaps xmm0, [rdi + 8]; syscall")
GUEST_CODE(fill, "rep stosb; syscall")
GUEST_CODE(compare, "repe cmpsb; syscall")
GUEST_CODE(compare_once, "cmpsb; syscall")
GUEST_CODE(patch, "mov byte ptr [rip + 1f + 1], 42; 1: mov al, 7; syscall")
GUEST_CODE(
    patch_loop,
    "mov ecx, 2; 1: mov edx, 1; add esi, edx; mov dword ptr [rip + 1b + 1], 10; dec ecx; jnz 1b; syscall")
GUEST_CODE(alias, "call rsi; mov byte ptr [rdi + 1], 9; call rsi; syscall")
GUEST_CODE(return_seven, "mov al, 7; ret")
GUEST_CODE(return_nine, "mov al, 9; ret")
GUEST_CODE(popf_trap, "push 0x102; popf; nop; nop; syscall")
GUEST_CODE(avx, "mov eax, 1; vaddps ymm0, ymm1, ymm2")
GUEST_CODE(tzcnt, "xor eax, eax; mov edx, 77; tzcnt edx, eax; syscall")
GUEST_CODE(x87, "fld1; fldpi; fadd st, st(1); fstp qword ptr [rdi]; fstp st(0); syscall")
GUEST_CODE(pending_x87, "fldcw [rdi]; fldz; fld1; fdiv st, st(1); maskmovq mm6, mm5; syscall")
GUEST_CODE(direction, "std; pushf; pop rax; cld; pushf; pop rbx; syscall")
GUEST_CODE(spin, "1: jmp 1b")
GUEST_CODE(segment, "mov rax, fs:[8]; mov fs:[16], rax; syscall")

namespace norn::x86 {
namespace {

using test::FlatMemory;

constexpr uint64_t code_at = 0x400000, data_at = 0x600000, stack_top = 0x700000;

class EngineTest : public testing::Test {
  protected:
    explicit EngineTest(const EngineOptions& options = {}) : engine(options)
    {
        memory.map(code_at, page_size, FlatMemory::r | FlatMemory::w | FlatMemory::x);
        memory.map(data_at, 4 * page_size, FlatMemory::r | FlatMemory::w);
        memory.map(stack_top - page_size, page_size, FlatMemory::r | FlatMemory::w);
        cpu.gpr[rdi] = cpu.gpr[rsi] = data_at;
        cpu.gpr[rsp] = stack_top;
        engine.switch_space(1);
    }
    void put(const uint8_t* begin, const uint8_t* end, uint64_t at = code_at)
    {
        memory.poke(at, begin, uint64_t(end - begin));
        cpu.rip = code_at;
    }
    Exit run(uint64_t budget = 1'000'000) { return engine.run(cpu, fpu, memory, budget); }

    FlatMemory memory;
    Engine engine;
    Cpu cpu;
    Fpu fpu = initial_fpu();
};
#define LOAD(name) put(code_##name, code_##name##_end)

TEST_F(EngineTest, CountsWhatRetires)
{
    LOAD(sum);
    const Exit e = run();
    EXPECT_EQ(e.kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rax], 5050u);
    EXPECT_EQ(e.retired, 2 + 300 + 1u);
    EXPECT_EQ(cpu.gpr[rcx], cpu.rip);
}

TEST_F(EngineTest, StopsAtEveryInstruction)
{
    LOAD(sum);
    Cpu whole = cpu;
    Fpu whole_fpu = fpu;
    engine.run(whole, whole_fpu, memory, 1'000'000);
    for (uint64_t slice : {1, 2, 63, 64, 65}) {
        cpu = Cpu{};
        LOAD(sum);
        cpu.gpr[rdi] = cpu.gpr[rsi] = data_at;
        cpu.gpr[rsp] = stack_top;
        uint64_t total = 0;
        for (;;) {
            const Exit e = run(slice);
            total += e.retired;
            if (e.kind != ExitKind::budget) break;
            ASSERT_EQ(e.retired, slice);
        }
        EXPECT_EQ(total, 303u);
        EXPECT_EQ(cpu, whole);
    }
}

TEST_F(EngineTest, CallsThroughStolenRegisters)
{
    LOAD(calls);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[r13], 7u);
    EXPECT_EQ(cpu.gpr[r14], 0u);
    EXPECT_EQ(cpu.gpr[rsp], stack_top);
}

TEST_F(EngineTest, StolenRegistersComputeLikeOthers)
{
    LOAD(stolen);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rax], 18u);
    EXPECT_EQ(cpu.gpr[r15], 12u << 3);
    EXPECT_EQ(cpu.gpr[r14], 5u + 96);
    EXPECT_EQ(cpu.gpr[r13], 0x55u);
    EXPECT_EQ(cpu.gpr[rdx], 9u);
}

/// These live in memory, those in registers of another name.
TEST_F(EngineTest, RegistersInMemoryComputeLikeOthers)
{
    LOAD(stolen_too);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rax], 18u);
    EXPECT_EQ(cpu.gpr[r8], 102u);
    EXPECT_EQ(cpu.gpr[r9], (0x55u + 101) << 4);
    EXPECT_EQ(cpu.gpr[r10], 0x55u);
    EXPECT_EQ(cpu.gpr[rbx], 102u);
    EXPECT_EQ(cpu.gpr[rdx], 9u);
}

TEST_F(EngineTest, AStolenRegisterMayBeMovedToItself)
{
    LOAD(self_move);
    cpu.gpr[r14] = 0xffff'ffff'0000'0002;
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[r13], 7u);
}

TEST_F(EngineTest, AccessesMayCrossPages)
{
    LOAD(store);
    cpu.gpr[rdi] = data_at + page_size - 3;
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rbx], 0x1122334455667788u);
    EXPECT_EQ(memory.peek<uint64_t>(data_at + page_size - 3), 0x1122334455667788u);
}

TEST_F(EngineTest, CrossingStoreThatFaultsChangesNothing)
{
    LOAD(store);
    cpu.gpr[rdi] = data_at + 4 * page_size - 3;
    const Exit e = run();
    EXPECT_EQ(e.kind, ExitKind::fault);
    EXPECT_EQ(e.vector, Vector::page_fault);
    EXPECT_EQ(e.address, data_at + 4 * page_size);
    EXPECT_EQ(e.error, 6u);
    EXPECT_EQ(e.retired, 1u);
    EXPECT_EQ(cpu.rip, code_at + 10);
    EXPECT_EQ(memory.peek<uint8_t>(data_at + 4 * page_size - 3), 0);
}

TEST_F(EngineTest, AddressesThatNoMemoryHas)
{
    struct {
        uint64_t address;
        Vector vector;
        bool noncanonical;
    } cases[] = {{0x0000'8000'0000'0000, Vector::general_protection, true},
                 {0xffff'8000'0000'0000, Vector::page_fault, false},
                 {user_end, Vector::page_fault, false},
                 {0, Vector::page_fault, false},
                 {~0ull, Vector::general_protection, false}};
    for (const auto& c : cases) {
        LOAD(store);
        cpu.gpr[rdi] = c.address;
        const Exit e = run();
        EXPECT_EQ(e.kind, ExitKind::fault);
        if (c.address == ~0ull) continue;  // wraps around: which fault it is does not matter here
        EXPECT_EQ(e.vector, c.vector) << std::hex << c.address;
        EXPECT_EQ(e.noncanonical, c.noncanonical);
    }
}

TEST_F(EngineTest, FlagsSurviveMisses)
{
    LOAD(flags_over_memory);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rax], 1u);
}

TEST_F(EngineTest, DivisionByZeroIsPrecise)
{
    LOAD(divide);
    const Exit e = run();
    EXPECT_EQ(e.kind, ExitKind::fault);
    EXPECT_EQ(e.vector, Vector::divide);
    EXPECT_EQ(e.retired, 4u);
    EXPECT_TRUE(cpu.rflags & flag::cf);
    EXPECT_EQ(cpu.gpr[rax], 1u);
}

TEST_F(EngineTest, MisalignedVectorIsGeneralProtection)
{
    for (uint64_t at : {data_at, data_at + page_size - 16}) {
        LOAD(misaligned);
        cpu.gpr[rdi] = at;
        const Exit e = run();
        EXPECT_EQ(e.kind, ExitKind::fault);
        EXPECT_EQ(e.vector, Vector::general_protection);
        EXPECT_EQ(e.retired, 1u);
    }
}

TEST_F(EngineTest, EveryIterationRetires)
{
    LOAD(fill);
    cpu.gpr[rax] = 'x';
    cpu.gpr[rcx] = 3 * page_size;
    Exit e = run(page_size + 5);
    EXPECT_EQ(e.kind, ExitKind::budget);
    EXPECT_EQ(e.retired, page_size + 5);
    EXPECT_EQ(cpu.rip, code_at);
    EXPECT_EQ(cpu.gpr[rcx], 2 * page_size - 5);
    EXPECT_EQ(cpu.gpr[rdi], data_at + page_size + 5);
    e = run();
    EXPECT_EQ(e.kind, ExitKind::syscall);
    EXPECT_EQ(e.retired, 2 * page_size - 5 + 1);
    EXPECT_EQ(memory.peek<uint8_t>(data_at + 3 * page_size - 1), 'x');
}

TEST_F(EngineTest, RepeatFaultsInTheMiddle)
{
    LOAD(fill);
    cpu.gpr[rcx] = 5 * page_size;
    const Exit e = run();
    EXPECT_EQ(e.vector, Vector::page_fault);
    EXPECT_EQ(e.address, data_at + 4 * page_size);
    EXPECT_EQ(e.retired, 4 * page_size);
    EXPECT_EQ(cpu.gpr[rcx], page_size);
    EXPECT_EQ(cpu.rip, code_at);
}

TEST_F(EngineTest, ARepeatedComparisonLooksAtItsFirstOperandFirst)
{
    LOAD(compare);
    cpu.gpr[rsi] = 0x32;
    cpu.gpr[rdi] = 0x64;
    cpu.gpr[rcx] = 3;
    EXPECT_EQ(run().address, 0x32u);
}

TEST_F(EngineTest, ASingleComparisonLooksAtItsSecondOperandFirst)
{
    LOAD(compare_once);
    cpu.gpr[rsi] = 0x32;
    cpu.gpr[rdi] = 0x64;
    EXPECT_EQ(run().address, 0x64u);
}

TEST_F(EngineTest, CompareStopsAtTheDifference)
{
    LOAD(compare);
    const uint8_t byte = 1;
    memory.poke(data_at + page_size + 10, &byte, 1);
    cpu.gpr[rsi] = data_at + page_size;
    cpu.gpr[rcx] = 100;
    const Exit e = run();
    EXPECT_EQ(e.kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rcx], cpu.rip);  // as syscall leaves it
    EXPECT_EQ(cpu.gpr[rdi], data_at + 11);
    EXPECT_EQ(e.retired, 11 + 1u);
    EXPECT_FALSE(cpu.rflags & flag::zf);
}

TEST_F(EngineTest, CodeMayPatchTheNextInstruction)
{
    LOAD(patch);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rax] & 0xff, 42u);
    EXPECT_GE(memory.voided, 1);
}

TEST_F(EngineTest, CodeMayPatchWhatItRanBefore)
{
    LOAD(patch_loop);
    cpu.gpr[rsi] = 0;
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rsi], 11u);
}

TEST_F(EngineTest, StoresThroughAnAliasChangeCode)
{
    constexpr uint64_t function_at = 0x500000, writable_at = 0x510000;
    memory.map(function_at, page_size, FlatMemory::r | FlatMemory::x);
    memory.alias(function_at, writable_at, FlatMemory::r | FlatMemory::w);
    LOAD(alias);
    memory.poke(function_at, code_return_seven, 3);
    cpu.gpr[rsi] = function_at;
    cpu.gpr[rdi] = writable_at;
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rax] & 0xff, 9u);
}

TEST_F(EngineTest, TrapFlagStopsAfterOneInstruction)
{
    LOAD(popf_trap);
    const Exit e = run();
    EXPECT_EQ(e.kind, ExitKind::fault);
    EXPECT_EQ(e.vector, Vector::debug);
    EXPECT_EQ(e.retired, 3u);
    EXPECT_EQ(cpu.rip, code_at + 5 + 1 + 1);
    EXPECT_TRUE(cpu.rflags & flag::tf);
}

TEST_F(EngineTest, WhatTheTableDoesNotListIsUndefined)
{
    LOAD(avx);
    const Exit e = run();
    EXPECT_EQ(e.vector, Vector::invalid_opcode);
    EXPECT_TRUE(e.unknown_instruction);
    EXPECT_EQ(e.retired, 1u);
}

TEST_F(EngineTest, TzcntIsBsfWithoutBmi)
{
    LOAD(tzcnt);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rdx], 77u);
}

TEST_F(EngineTest, X87StateMovesWithTheImage)
{
    LOAD(x87);
    for (uint64_t slice : {1000, 1}) {
        cpu.rip = code_at;
        fpu = initial_fpu();
        while (run(slice).kind == ExitKind::budget) {
        }
        EXPECT_DOUBLE_EQ(memory.peek<double>(data_at), 4.14159265358979311600);
    }
    for (int i = 6; i < 24; ++i) EXPECT_EQ(fpu.fxsave[i], 0);
}

TEST_F(EngineTest, CallToNowherePushesNothing)
{
    LOAD(bad_call);
    const Exit e = run();
    EXPECT_EQ(e.kind, ExitKind::fault);
    EXPECT_EQ(e.vector, Vector::general_protection);
    EXPECT_EQ(e.retired, 4u);
    EXPECT_EQ(cpu.gpr[rsp], stack_top);
    EXPECT_EQ(memory.peek<uint64_t>(stack_top - 8), cpu.gpr[rax]);
}

TEST_F(EngineTest, PendingX87ExceptionStopsMmx)
{
    LOAD(pending_x87);
    const uint16_t zero_divide_unmasked = 0x037b;
    memory.poke(data_at, &zero_divide_unmasked, sizeof zero_divide_unmasked);
    const Exit e = run();
    EXPECT_EQ(e.kind, ExitKind::fault);
    EXPECT_EQ(e.vector, Vector::x87);
    EXPECT_EQ(e.retired, 4u);
    EXPECT_EQ(memory.peek<uint16_t>(data_at), zero_divide_unmasked);
}

TEST_F(EngineTest, DirectionFlagIsSeenAndHostIsNot)
{
    LOAD(direction);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_TRUE(cpu.gpr[rax] & flag::df);
    EXPECT_FALSE(cpu.gpr[rbx] & flag::df);
}

TEST_F(EngineTest, SegmentBasesAreAdded)
{
    LOAD(segment);
    cpu.fs_base = data_at;
    const uint64_t value = 0x1234;
    memory.poke(data_at + 8, &value, 8);
    EXPECT_EQ(run().kind, ExitKind::syscall);
    EXPECT_EQ(memory.peek<uint64_t>(data_at + 16), value);
}

TEST_F(EngineTest, AnEndlessLoopEndsWithItsBudget)
{
    LOAD(spin);
    for (uint64_t budget : {1ull, 63ull, 64ull, 1000ull, 123457ull}) {
        const Exit e = run(budget);
        EXPECT_EQ(e.kind, ExitKind::budget);
        EXPECT_EQ(e.retired, budget);
    }
}

/// A loop of two pieces, the second of which is at `second_at`; the jumps there and back are direct.
class TwoPieces : public EngineTest {
  protected:
    static constexpr uint64_t rounds = 10'000;

    /// At code_at: mov ecx, rounds ; jmp second. At second_at: lea rax, [rax + step] ; dec ecx ; jnz third.
    /// There: jmp second. Behind the jnz: syscall.
    void lay(FlatMemory& to, uint64_t second_at, uint64_t third_at, uint8_t step)
    {
        std::vector<uint8_t> first = {0xb9, 0x10, 0x27, 0, 0};
        jump(first, code_at, second_at);
        to.poke(code_at, first.data(), first.size());
        std::vector<uint8_t> second = {0x48, 0x8d, 0x40, step, 0xff, 0xc9, 0x0f, 0x85};
        append(second, int32_t(third_at - (second_at + second.size() + 4)));
        second.insert(second.end(), {0x0f, 0x05});
        to.poke(second_at, second.data(), second.size());
        std::vector<uint8_t> third;
        jump(third, third_at, second_at);
        to.poke(third_at, third.data(), third.size());
    }
    Exit go(Memory& in)
    {
        cpu.rip = code_at;
        cpu.gpr[rax] = 0;
        return engine.run(cpu, fpu, in, 1'000'000);
    }

  private:
    static void append(std::vector<uint8_t>& code, int32_t distance)
    {
        for (int i = 0; i < 4; ++i) code.push_back(uint8_t(uint32_t(distance) >> 8 * i));
    }
    static void jump(std::vector<uint8_t>& code, uint64_t at, uint64_t target)
    {
        code.push_back(0xe9);
        append(code, int32_t(target - (at + code.size() + 4)));
    }
};

TEST_F(TwoPieces, DirectJumpsStayInEmittedCode)
{
    constexpr int rwx = FlatMemory::r | FlatMemory::w | FlatMemory::x;
    memory.map(code_at, 2 * page_size, rwx);
    memory.map(0x10500000, page_size, rwx);
    const uint64_t crossing = code_at + page_size - 2;
    const std::pair<uint64_t, uint64_t> places[] = {{code_at + 64, code_at + 128},
                                                    {code_at + page_size + 64, code_at + 128},
                                                    {0x10500040, code_at + page_size + 8},
                                                    {code_at + 64, crossing},
                                                    {crossing, code_at + 64}};
    for (const auto& [second, third] : places) {
        lay(memory, second, third, 3);
        engine.invalidate_all();
        for (auto& [va, page] : memory.pages) memory.void_code(va);
        const uint64_t exits = engine.stats().exits;
        EXPECT_EQ(go(memory).kind, ExitKind::syscall);
        EXPECT_EQ(cpu.gpr[rax], 3 * rounds);
        EXPECT_LT(engine.stats().exits - exits, 100u) << std::hex << second << ' ' << third;
    }
}

TEST_F(TwoPieces, EachSpaceHasItsOwnSecondPiece)
{
    constexpr int rwx = FlatMemory::r | FlatMemory::w | FlatMemory::x;
    constexpr uint64_t second_at = 0x500040, third_at = code_at + 128;
    memory.map(second_at, page_size, rwx);
    lay(memory, second_at, third_at, 3);
    FlatMemory other = memory;  // the first page is the same
    other.map(second_at, page_size, rwx);
    lay(other, second_at, third_at, 5);
    for (int round = 0; round < 3; ++round) {
        engine.switch_space(1);
        EXPECT_EQ(go(memory).kind, ExitKind::syscall);
        EXPECT_EQ(cpu.gpr[rax], 3 * rounds);
        engine.switch_space(2);
        EXPECT_EQ(go(other).kind, ExitKind::syscall);
        EXPECT_EQ(cpu.gpr[rax], 5 * rounds);
    }
    // Another second piece in the same space.
    other.map(second_at, page_size, rwx);
    lay(other, second_at, third_at, 7);
    engine.invalidate(2, second_at & ~page_mask, (second_at & ~page_mask) + page_size);
    EXPECT_EQ(go(other).kind, ExitKind::syscall);
    EXPECT_EQ(cpu.gpr[rax], 7 * rounds);
}

TEST_F(EngineTest, AddressSpacesDoNotMix)
{
    FlatMemory other;
    other.map(code_at, page_size, FlatMemory::r | FlatMemory::w | FlatMemory::x);
    other.map(data_at, page_size, FlatMemory::r | FlatMemory::w);
    other.poke(code_at, code_store, uint64_t(code_store_end - code_store));
    LOAD(store);
    run();
    Cpu second = cpu;
    second.rip = code_at;
    engine.switch_space(2);
    EXPECT_EQ(engine.run(second, fpu, other, 1000).kind, ExitKind::syscall);
    EXPECT_EQ(other.peek<uint64_t>(data_at), 0x1122334455667788u);
}

/// Shares its frames with another until it writes to them, as a forked process does.
class CopiedMemory : public FlatMemory {
  public:
    explicit CopiedMemory(const FlatMemory& from) : FlatMemory(from) {}
    WritePage write_page(uint64_t va) override
    {
        auto& frame = pages.at(va).frame;
        if (frame.use_count() > 1) {
            frame = std::make_shared<Frame>(*frame);
            frame->stamp = frame->code_lines = 0;
        }
        return FlatMemory::write_page(va);
    }
};

/// Space 1 has called code in another page when it is copied to space 2.
class CopiedSpaceTest : public EngineTest {
  protected:
    CopiedSpaceTest() : EngineTest(EngineOptions{.cache_bytes = 1 << 20})
    {
        memory.map(far_at, page_size, FlatMemory::r | FlatMemory::w | FlatMemory::x);
        memory.poke(far_at, code_return_seven, uint64_t(code_return_seven_end - code_return_seven));
        LOAD(alias);
        cpu.gpr[rsi] = far_at;
        cpu.gpr[rdi] = data_at;
        EXPECT_EQ(run().kind, ExitKind::syscall);
        child = std::make_unique<CopiedMemory>(memory);
        engine.copy_space(1, 2);
    }
    uint64_t call(uint64_t space, Memory& in, uint64_t target, uint64_t stored = data_at)
    {
        engine.switch_space(space);
        cpu.rip = code_at;
        cpu.gpr[rax] = 0;
        cpu.gpr[rsi] = target;
        cpu.gpr[rdi] = stored;
        EXPECT_EQ(engine.run(cpu, fpu, in, 1000).kind, ExitKind::syscall);
        return cpu.gpr[rax];
    }
    static void write(FlatMemory& to, uint64_t at, const uint8_t* begin, const uint8_t* end)
    {
        to.pages[at] = {std::make_shared<FlatMemory::Frame>(), FlatMemory::r | FlatMemory::w | FlatMemory::x};
        to.poke(at, begin, uint64_t(end - begin));
    }

    static constexpr uint64_t far_at = 0x500000, later_at = 0x510000;
    static constexpr uint64_t filler_at = 0x10000000, filler_size = 0x400000;
    std::unique_ptr<CopiedMemory> child;
};

TEST_F(CopiedSpaceTest, KnowsWhereJumpsLead)
{
    const uint64_t looked_up = engine.stats().exec_lookups;
    EXPECT_EQ(call(2, *child, far_at), 7u);
    EXPECT_EQ(engine.stats().exec_lookups, looked_up);
}

TEST_F(CopiedSpaceTest, SeesItsOwnStoresToCode)
{
    EXPECT_EQ(call(2, *child, far_at), 7u);
    EXPECT_EQ(call(2, *child, far_at, far_at), 9u);
    EXPECT_EQ(call(1, memory, far_at), 7u);
    EXPECT_EQ(call(2, *child, far_at), 9u);
}

TEST_F(CopiedSpaceTest, KeepsCodeThatTheOriginalLoses)
{
    write(memory, far_at, code_return_nine, code_return_nine_end);
    engine.invalidate(1, far_at, far_at + page_size);
    EXPECT_EQ(call(1, memory, far_at), 9u);
    EXPECT_EQ(call(2, *child, far_at), 7u);
    EXPECT_EQ(call(1, memory, far_at), 9u);
}

TEST_F(CopiedSpaceTest, LearnsNothingThatTheOriginalFindsLater)
{
    write(memory, later_at, code_return_seven, code_return_seven_end);
    write(*child, later_at, code_return_nine, code_return_nine_end);
    EXPECT_EQ(call(1, memory, later_at), 7u);
    EXPECT_EQ(call(2, *child, later_at), 9u);
    EXPECT_EQ(call(1, memory, later_at), 7u);
}

TEST_F(CopiedSpaceTest, ForgetsWhatWasMappedAnew)
{
    write(*child, far_at, code_return_nine, code_return_nine_end);
    engine.invalidate(2, far_at, far_at + page_size);
    EXPECT_EQ(call(2, *child, far_at), 9u);
    EXPECT_EQ(call(1, memory, far_at), 7u);
}

TEST_F(CopiedSpaceTest, DoesNotGoWhereUnitsWereBeforeTheCacheWasFull)
{
    memory.map(filler_at, filler_size, FlatMemory::r | FlatMemory::w | FlatMemory::x);
    child = std::make_unique<CopiedMemory>(memory);
    const uint64_t flushes = engine.stats().flushes;
    int after = 0;
    for (uint64_t at = filler_at; after < 50; at += 16) {
        ASSERT_LT(at, filler_at + filler_size);
        memory.poke(at, code_return_nine, uint64_t(code_return_nine_end - code_return_nine));
        EXPECT_EQ(call(1, memory, at), 9u);
        if (engine.stats().flushes > flushes) ++after;
    }
    EXPECT_EQ(call(2, *child, far_at), 7u);
}

TEST_F(CopiedSpaceTest, OutlivesTheOriginal)
{
    engine.forget_space(1);
    FlatMemory stranger = memory;
    write(stranger, far_at, code_return_nine, code_return_nine_end);
    EXPECT_EQ(call(3, stranger, far_at), 9u);
    EXPECT_EQ(call(2, *child, far_at), 7u);
}

TEST_F(EngineTest, InvalidatedPagesAreAskedForAgain)
{
    LOAD(store);
    run();
    memory.pages[data_at].permissions = FlatMemory::r;
    engine.invalidate(1, data_at, data_at + page_size);
    cpu.rip = code_at;
    const Exit e = run();
    EXPECT_EQ(e.vector, Vector::page_fault);
    EXPECT_EQ(e.error, 7u);
}

}  // namespace
}  // namespace norn::x86
