// Hot units look at memory through windows. What they compute, where they stop and how they fault must be
// what plain units do.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "x86/engine.h"
#include "x86/flat_memory.h"
#include "x86/guest_code.h"

GUEST_CODE(
    hot_frame,
    "mov ecx, 40; 1: push rcx; push rax; add rax, [rsp + 8]; lea r13, [rsp + 8]; add [r13], rax;"
    "sub rsp, 64; mov [rsp + 24], rcx; xor rax, [rsp + 24]; add rsp, 64; pop rdx; pop rbx; add rax, rbx;"
    "dec ecx; jnz 1b; syscall")
GUEST_CODE(hot_walk,
           "mov ecx, 1500; 1: add rax, [rdi + 1]; add rdx, [rdi + 9]; add rdi, 8; dec ecx; jnz 1b; syscall")
GUEST_CODE(
    hot_strings,
    "mov ecx, 300; mov rsi, rdi; 1: movsq; movsb; movsd; stosw; lodsb; add rdx, rax; lodsq; stosd;"
    "xor rdx, [rsi]; mov [rdi + 3], rdx; dec ecx; jnz 1b; std; movsq; movsb; stosd; lodsw; cld; syscall")
GUEST_CODE(hot_fixed,
           "mov ecx, 20; 1: add rax, ds:[0x600008]; mov ds:[0x600010], rax; xor rdx, ds:[0x600ffc];"
           "add rdx, fs:[0x28]; mov fs:[0x30], rdx; add fs:[-8], ecx; add rax, ds:[0x601000]; dec ecx;"
           "jnz 1b; syscall")
GUEST_CODE(hot_fixed_load, "mov rax, ds:[0x600008]; mov rbx, fs:[0x28]; syscall")
GUEST_CODE(hot_fixed_fault, "mov rax, fs:[0x20]; mov fs:[0x28], rax; mov rbx, ds:[0x604000]; syscall")
GUEST_CODE(
    hot_rows,
    "mov ecx, 900; xor r12d, r12d; lea rbx, [rdi + 64]; 1: mov rax, [rdi + r12 * 8 + 8];"
    "add rax, [rdi + r12 * 8]; mov r9d, [rbx + r12 * 4]; add [rbx + r12 * 4 + 4], r9d; lea r11, [rdi + 1];"
    "mov [r12 * 2 + r11 + 3], ax; adc rdx, [r11 + r12]; inc r12; add r11, 4; adc rdx, [r11 + r12];"
    "mov r12, r12; sub rbx, 4; add rdx, [rbx + r12 * 4]; dec ecx; jnz 1b; syscall")
GUEST_CODE(
    hot_repeats,
    "mov r8d, 60; 1: mov ecx, r8d; mov rsi, rdi; lea rdi, [rdi + 5]; rep movsb; mov ecx, r8d; and ecx, 7;"
    "rep stosq; lea ecx, [r8 + r8]; shr ecx, 2; sub rsi, 8; rep movsd; mov ecx, 3; rep stosw; cmp r8, rdx;"
    "adc rax, rsi; sub rdi, 64; dec r8d; jnz 1b; mov ecx, 4; std; rep movsb; cld; syscall")
GUEST_CODE(hot_repeat, "rep movsw; adc rax, 0; syscall")
GUEST_CODE(hot_repeat_stores, "rep stosd; adc rax, 0; syscall")
GUEST_CODE(
    hot_carry,
    "mov ecx, 90; 1: add rax, rdx; mov r8, [rdi]; adc rbx, r8; rcl rbx, 1; push rbx; sbb rdx, rax; pop rbp;"
    "call 2f; adc rax, 3; dec ecx; jnz 1b; syscall; 2: adc rdi, 1; cmc; ret")
GUEST_CODE(hot_moves, "1: movsd; movsb; lodsq; stosq; jmp 1b")
GUEST_CODE(hot_calls,
           "mov ecx, 30; 1: push rbx; lea r11, [rip + 2f]; mov [rsp - 64], r11; push rbp; call r11;"
           "call [rsp - 56]; pop rbp; pop rbx; dec ecx; jnz 1b; syscall; 2: push r9; push r14; inc rbx;"
           "add r9, rbx; pop r14; pop r10; ret")
GUEST_CODE(hot_load, "mov rax, [rdi]; mov rbx, [rdi + 8]; syscall")
GUEST_CODE(hot_store, "mov [rdi], rax; mov [rdi + 8], rbx; add rcx, [rdi]; syscall")
GUEST_CODE(hot_stack, "mov rax, [rsp]; mov [rsp + 8], rbx; add rcx, [rbp]; syscall")
GUEST_CODE(hot_load_and_store, "add rax, [rdi]; test rax, rax; jnz 1f; mov [rdi + 8], rax; 1: syscall")
GUEST_CODE(
    hot_patch,
    "mov ecx, 3; 1: mov edx, 1; add esi, edx; mov dword ptr [rip + 1b + 1], 10; dec ecx; jnz 1b; syscall")

namespace norn::x86 {
namespace {

using test::FlatMemory;

constexpr uint64_t code_at = 0x400000, data_at = 0x600000, stack_top = 0x700000;
constexpr uint64_t data_pages = 4;

EngineOptions with(uint32_t hot_after, bool windows, bool straight)
{
    EngineOptions options;
    options.hot_after = hot_after;
    options.windows = windows;
    options.straight_after = straight ? 0 : ~0u;
    return options;
}

/// The same code in the same memory on an engine of its own.
struct Side {
    explicit Side(uint32_t hot_after, bool windows = true, bool straight = false)
        : engine(with(hot_after, windows, straight))
    {
        memory.map(code_at, page_size, FlatMemory::r | FlatMemory::w | FlatMemory::x);
        memory.map(data_at, data_pages * page_size, FlatMemory::r | FlatMemory::w);
        memory.map(stack_top - page_size, page_size, FlatMemory::r | FlatMemory::w);
        for (uint64_t at = data_at; at < data_at + data_pages * page_size; at += 8) {
            const uint64_t value = at * 0x9e3779b97f4a7c15;
            memory.poke(at, &value, 8);
        }
        cpu.gpr[rdi] = data_at;
        cpu.gpr[rsp] = stack_top;
        engine.switch_space(1);
    }
    void put(const uint8_t* begin, const uint8_t* end)
    {
        memory.poke(code_at, begin, uint64_t(end - begin));
        memory.void_code(code_at);
        engine.invalidate(1, code_at, code_at + page_size);
        cpu.rip = code_at;
    }
    Exit run(uint64_t budget = 1'000'000) { return engine.run(cpu, fpu, memory, budget); }

    FlatMemory memory;
    Engine engine;
    Cpu cpu;
    Fpu fpu = initial_fpu();
};

class HotTest : public testing::Test {
  protected:
    void put(const uint8_t* begin, const uint8_t* end)
    {
        for (Side* side : sides) side->put(begin, end);
    }
    void both_agree(uint64_t budget = 1'000'000)
    {
        const Exit theirs = plain.run(budget);
        for (Side* side : {&hot, &tabled, &straight}) {
            const Exit ours = side->run(budget);
            EXPECT_EQ(ours.kind, theirs.kind);
            EXPECT_EQ(ours.vector, theirs.vector);
            EXPECT_EQ(ours.address, theirs.address);
            EXPECT_EQ(ours.retired, theirs.retired);
            EXPECT_EQ(side->cpu, plain.cpu);
            for (const auto& [va, page] : plain.memory.pages)
                EXPECT_EQ(std::memcmp(page.frame->bytes, side->memory.pages.at(va).frame->bytes, page_size),
                          0);
        }
    }

    /// Hot units with windows, hot ones that ask the tables, and none that are hot.
    Side hot{0}, tabled{0, false}, straight{~0u, true, true}, plain{~0u};
    Side* const sides[4] = {&hot, &tabled, &straight, &plain};
};

TEST_F(HotTest, FramesAreSharedAndStopAnywhere)
{
    for (const uint64_t budget : {1'000'000, 64, 65, 100, 129, 301}) {
        put(code_hot_frame, code_hot_frame_end);
        both_agree(budget);
    }
    EXPECT_GT(hot.engine.stats().hot_blocks, 0u);
    EXPECT_EQ(plain.engine.stats().hot_blocks, 0u);
}

TEST_F(HotTest, WalksOverPagesCrossThem)
{
    put(code_hot_walk, code_hot_walk_end);
    both_agree();
    EXPECT_GT(hot.engine.stats().window_misses, 2u);
}

TEST_F(HotTest, FaultsAreWhereTheyAre)
{
    const uint64_t end = data_at + data_pages * page_size, high = 1ull << 63;
    for (const uint64_t at : {end - 8, end - 4, end, uint64_t{0}, uint64_t{8}, high, high + 16}) {
        put(code_hot_load, code_hot_load_end);
        for (Side* side : sides) side->cpu.gpr[rdi] = at;
        both_agree();
        put(code_hot_store, code_hot_store_end);
        both_agree();
    }
}

TEST_F(HotTest, MovesOfOneElementAreWhatTheyAre)
{
    for (const uint64_t budget : {1'000'000, 64, 71, 333}) {
        put(code_hot_strings, code_hot_strings_end);
        for (Side* side : sides) side->cpu.gpr[rdi] = data_at + 4000;
        for (int i = 0; i < 80; ++i) both_agree(budget);
    }
}

TEST_F(HotTest, MovesOfOneElementFaultWhereTheyAre)
{
    const uint64_t end = data_at + data_pages * page_size;
    for (const uint64_t from : {end - 40, end - 3, data_at})
        for (const uint64_t to : {end - 100, end - 5, end}) {
            put(code_hot_moves, code_hot_moves_end);
            for (Side* side : sides) side->cpu.gpr[rsi] = from, side->cpu.gpr[rdi] = to;
            both_agree();
        }
}

TEST_F(HotTest, RowsAreWalkedOverPages)
{
    for (const uint64_t budget : {1'000'000, 64, 67, 500}) {
        put(code_hot_rows, code_hot_rows_end);
        for (Side* side : sides) side->cpu.gpr[rdi] = data_at + 100;
        for (int i = 0; i < 20; ++i) both_agree(budget);
    }
    EXPECT_GT(hot.engine.stats().window_misses, 2u);
}

TEST_F(HotTest, RowsFaultWhereTheyEnd)
{
    for (const uint64_t from_end : {8192, 4000, 72, 3}) {
        put(code_hot_rows, code_hot_rows_end);
        for (Side* side : sides) side->cpu.gpr[rdi] = data_at + data_pages * page_size - from_end;
        both_agree();
    }
}

TEST_F(HotTest, RepeatedMovesAreWhatTheyAre)
{
    for (const uint64_t budget : {1'000'000, 64, 71, 333, 1}) {
        put(code_hot_repeats, code_hot_repeats_end);
        for (Side* side : sides) side->cpu.gpr[rdi] = data_at + 4000;
        for (int i = 0; i < 80; ++i) both_agree(budget);
    }
}

TEST_F(HotTest, RepeatedMovesFaultWhereTheyAre)
{
    const uint64_t end = data_at + data_pages * page_size;
    for (const uint64_t count : {0, 1, 7, 8, 9, 31, 32, 70})
        for (const uint64_t from : {end - 20, end - 3, data_at + 4000})
            for (const uint64_t to : {end - 33, end - 5, end, data_at + 4091}) {
                SCOPED_TRACE(testing::Message() << count << " from " << from << " to " << to);
                put(code_hot_repeat, code_hot_repeat_end);
                for (Side* side : sides) {
                    side->cpu.gpr[rsi] = from, side->cpu.gpr[rdi] = to;
                    side->cpu.gpr[rcx] = count, side->cpu.rflags |= 1;
                }
                both_agree();
                put(code_hot_repeat_stores, code_hot_repeat_stores_end);
                for (Side* side : sides) side->cpu.gpr[rdi] = to, side->cpu.gpr[rcx] = count;
                both_agree();
            }
}

TEST_F(HotTest, ACarryLivesThroughAccessesAndJumps)
{
    for (const uint64_t budget : {1'000'000, 64, 65, 66, 131}) {
        put(code_hot_carry, code_hot_carry_end);
        for (Side* side : sides) side->cpu.gpr[rdi] = data_at + 4050;
        for (int i = 0; i < 30; ++i) both_agree(budget);
    }
}

TEST_F(HotTest, AnAddendIsNotKeptOverACallThroughARegister)
{
    put(code_hot_calls, code_hot_calls_end);
    both_agree();
}

/// The host refuses an impossible address that is relative to its rsp or rbp with another exception.
TEST_F(HotTest, FaultsOfTheStackAreWhereTheyAre)
{
    for (const uint64_t at : {uint64_t{stack_top}, uint64_t{1} << 63, (uint64_t{1} << 63) + 2048,
                              (uint64_t{1} << 63) - 8, ~uint64_t{8}}) {
        put(code_hot_stack, code_hot_stack_end);
        for (Side* side : sides) side->cpu.gpr[rsp] = stack_top - 64, side->cpu.gpr[rbp] = at;
        both_agree();
        put(code_hot_stack, code_hot_stack_end);
        for (Side* side : sides) side->cpu.gpr[rsp] = at;
        both_agree();
    }
}

TEST_F(HotTest, WhatIsNotStoredToNeedNotBeWritable)
{
    for (Side* side : sides) side->memory.pages.at(data_at).permissions = FlatMemory::r;
    put(code_hot_load_and_store, code_hot_load_and_store_end);
    both_agree();
    EXPECT_EQ(hot.cpu.rip, plain.cpu.rip);
}

TEST_F(HotTest, AWindowIsClosedWhenItsPageMoves)
{
    put(code_hot_load, code_hot_load_end);
    hot.run();
    auto moved = std::make_shared<FlatMemory::Frame>();
    moved->bytes[0] = 42;
    hot.memory.pages.at(data_at).frame = moved;
    hot.engine.invalidate(1, data_at, data_at + page_size);
    put(code_hot_load, code_hot_load_end);
    hot.run();
    EXPECT_EQ(hot.cpu.gpr[rax], 42u);
}

TEST_F(HotTest, AWindowForStoresIsClosedWhenTheyAreRevoked)
{
    put(code_hot_store, code_hot_store_end);
    hot.run();
    const auto shared = hot.memory.pages.at(data_at).frame;
    hot.memory.pages.at(data_at).frame = std::make_shared<FlatMemory::Frame>(*shared);
    hot.engine.copy_space(1, 2);
    put(code_hot_store, code_hot_store_end);
    hot.cpu.gpr[rax] = 77;
    hot.run();
    EXPECT_EQ(hot.memory.peek<uint64_t>(data_at), 77u);
    EXPECT_NE(shared->bytes[0], 77);
}

TEST_F(HotTest, KnownAddressesHaveWindowsOfTheirOwn)
{
    for (const uint64_t budget : {1'000'000, 64, 65, 130}) {
        put(code_hot_fixed, code_hot_fixed_end);
        for (const uint64_t base : {data_at + 4160, data_at + 64, data_at + 4096, data_at + 4100}) {
            for (Side* side : sides) side->cpu.rip = code_at, side->cpu.fs_base = base;
            both_agree(budget);
        }
    }
    EXPECT_GT(hot.engine.stats().window_misses, 0u);
}

TEST_F(HotTest, KnownAddressesFaultWhereTheyAre)
{
    const uint64_t end = data_at + data_pages * page_size;
    for (const uint64_t base : {data_at, end - 0x28, end - 0x30, uint64_t{1} << 63, uint64_t{0}}) {
        put(code_hot_fixed_fault, code_hot_fixed_fault_end);
        for (Side* side : sides) side->cpu.fs_base = base;
        both_agree();
    }
}

TEST_F(HotTest, AFixedWindowIsShutWhenItsPageMovesOrItsSpaceIsAnother)
{
    const auto value = [&] {
        put(code_hot_fixed_load, code_hot_fixed_load_end);
        hot.run();
        return hot.cpu.gpr[rax];
    };
    const auto replace = [&](uint8_t byte) {
        hot.memory.pages.at(data_at).frame = std::make_shared<FlatMemory::Frame>();
        hot.memory.poke(data_at + 8, &byte, 1);
    };
    hot.cpu.fs_base = data_at + page_size;
    value();
    replace(42);
    hot.engine.invalidate(1, data_at, data_at + page_size);
    EXPECT_EQ(value(), 42u);
    replace(43);
    hot.engine.switch_space(2);
    EXPECT_EQ(value(), 43u);
}

/// Whoever judges units hears of every jump that is aimed at another, those at hot ones too.
TEST_F(HotTest, TheWatcherHearsOfLinksToHotUnits)
{
    struct Listener : BlockWatcher {
        void translated(const BlockView& block) override { entries.push_back(block.host + block.entry); }
        void linked(const uint8_t* from, const uint8_t* to) override
        {
            int32_t distance = 0;
            std::memcpy(&distance, from, sizeof distance);
            EXPECT_EQ(from + 4 + distance, to);
            EXPECT_NE(std::find(entries.begin(), entries.end(), to), entries.end());
            ++links;
        }
        std::vector<const uint8_t*> entries;
        int links = 0;
    } listener;
    hot.engine.watch_blocks(&listener);
    put(code_hot_load, code_hot_load_end);
    hot.run();
    EXPECT_EQ(listener.entries.size(), 2u);
    EXPECT_EQ(listener.links, 1);
}

TEST_F(HotTest, CodeMayPatchTheUnitItIsIn)
{
    put(code_hot_patch, code_hot_patch_end);
    both_agree();
    EXPECT_EQ(hot.cpu.gpr[rsi], 21u);
}

}  // namespace
}  // namespace norn::x86
