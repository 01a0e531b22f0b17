// Exact preemption: a real static program's start under the engine, stopped behind every single instruction,
// has the registers that single-stepping it on the host gives (host_trace.h says how the two are made equal).
//
// Behind every instruction means: once by running one instruction at a time, and once more in long runs
// that are stopped every `stride` instructions, from each of the first `stride` starts, so that whatever the
// translator has made one unit of is left at each of its instructions. Compared are all general registers,
// rip, flags, segment bases and x87 and vector state, and at the end all memory.
#include <gtest/gtest.h>

#include "x86/engine.h"
#include "x86/flat_memory.h"
#include "x86/host_trace.h"

namespace norn::x86::test {
namespace {

constexpr size_t compared_steps = 100'000;
constexpr size_t stride = 251;

class Replay {
  public:
    explicit Replay(const HostTrace& trace) : trace_(trace)
    {
        engine_.switch_space(1);
        for (const auto& [va, page] : trace.image) map(va, page);
        start_ = memory_.pages;
    }

    /// Back to before the first instruction. What nobody can write is kept, with its translations.
    void restart()
    {
        memory_.pages = start_;
        for (auto& [va, page] : memory_.pages)
            if (page.permissions & FlatMemory::w)
                page.frame = std::make_shared<FlatMemory::Frame>(*page.frame);
        engine_.invalidate_all();
        cpu_ = trace_.cpu;
        fpu_ = trace_.fpu;
        done_ = 0;
    }

    /// "" when the state behind `target` instructions is the host's.
    std::string run_to(size_t target)
    {
        while (done_ < target) {
            const Exit exit = engine_.run(cpu_, fpu_, memory_, target - done_);
            done_ += exit.retired;
            if (exit.kind == ExitKind::fault) return "fault " + std::to_string(int(exit.vector)) + where();
            if (exit.kind == ExitKind::rdtsc) tell_time();
            if (exit.kind == ExitKind::syscall && !do_call()) return "a system call too many" + where();
        }
        return compare();
    }

    std::string compare_memory() const
    {
        for (const auto& [va, page] : trace_.end) {
            const auto mine = memory_.pages.find(va);
            if (mine == memory_.pages.end() || mine->second.permissions != page.permissions)
                return "mapping" + at(va);
            for (uint64_t i = 0; i < page_size; ++i)
                if (mine->second.frame->bytes[i] != page.bytes[i]) return "memory" + at(va + i);
        }
        return "";
    }

  private:
    void map(uint64_t va, const HostPage& page)
    {
        memory_.map(va, page_size, page.permissions);
        memory_.poke(va, page.bytes.data(), page_size);
    }

    void tell_time()
    {
        cpu_.gpr[rax] = static_cast<uint32_t>(told_time(done_ - 1));
        cpu_.gpr[rdx] = told_time(done_ - 1) >> 32;
    }

    /// Result, segment bases and changes of memory are the host's; rcx, r11 and rip are the engine's.
    bool do_call()
    {
        const auto call = trace_.calls.find(done_ - 1);
        if (call == trace_.calls.end()) return false;
        const KernelWork& work = call->second;
        const Cpu& after = trace_.steps[done_ - 1].cpu;
        cpu_.gpr[rax] = after.gpr[rax];
        cpu_.fs_base = after.fs_base;
        cpu_.gs_base = after.gs_base;
        for (const uint64_t va : work.unmapped) memory_.pages.erase(va);
        for (const auto& [va, page] : work.mapped) map(va, page);
        for (const auto& [va, permissions] : work.permissions) memory_.pages.at(va).permissions = permissions;
        for (const auto& [va, bytes] : work.written) memory_.poke(va, bytes.data(), bytes.size());
        engine_.invalidate_all();
        return true;
    }

    static std::string at(uint64_t va)
    {
        std::array<char, 32> text;
        std::snprintf(text.data(), text.size(), " at %#llx", static_cast<unsigned long long>(va));
        return text.data();
    }
    std::string where() const { return " behind instruction " + std::to_string(done_) + at(cpu_.rip); }

    std::string compare() const
    {
        constexpr uint64_t compared_flags = flag::user & ~flag::tf;
        const HostStep& host = trace_.steps[done_ - 1];
        Cpu expected = host.cpu;
        expected.rflags = cpu_.rflags ^ ((cpu_.rflags ^ expected.rflags) & compared_flags);
        for (size_t i = 0; i < expected.gpr.size(); ++i)
            if (cpu_.gpr[i] != expected.gpr[i]) return "register " + std::to_string(i) + where();
        if (cpu_ != expected) return "rip, flags or segment bases" + where();
        if (fpu_digest(fpu_) != host.fpu_digest) return "x87 or vector state" + where();
        return "";
    }

    const HostTrace& trace_;
    FlatMemory memory_;
    decltype(FlatMemory::pages) start_;
    Engine engine_;
    Cpu cpu_;
    Fpu fpu_;
    size_t done_ = 0;
};

TEST(Step, StopsWhereTheProcessorIs)
{
    const HostTrace trace = trace_host(NORN_BINARY_DIR "/tests/step_program", compared_steps);
    if (!trace.refused.empty()) GTEST_SKIP() << trace.refused;
    EXPECT_GT(trace.calls.size(), 5u);

    Replay replay(trace);
    replay.restart();
    for (size_t n = 1; n <= compared_steps; ++n) ASSERT_EQ(replay.run_to(n), "");
    EXPECT_EQ(replay.compare_memory(), "");

    for (size_t first = 1; first <= stride; ++first) {
        replay.restart();
        for (size_t n = first; n <= compared_steps; n += stride) ASSERT_EQ(replay.run_to(n), "") << first;
    }
}

}  // namespace
}  // namespace norn::x86::test
