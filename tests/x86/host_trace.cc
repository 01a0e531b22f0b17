#include "x86/host_trace.h"

#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string_view>

#include "engine/native.h"
#include "x86/engine.h"
#include "x86/flat_memory.h"

namespace norn::x86::test {

namespace {

constexpr int cannot_be_traced = 77;
constexpr uint64_t room_below_stack = 64 * page_size;

[[noreturn]] void run_program(const char* program)
{
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) dup2(null, fd);
    personality(ADDR_NO_RANDOMIZE);
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(cannot_be_traced);
    const char* arguments[] = {program, nullptr};
    const char* environment[] = {"LC_ALL=C", nullptr};
    execve(program, const_cast<char**>(arguments), const_cast<char**>(environment));
    _exit(127);
}

/// What the engine's cpuid makes of the registers.
void tell_cpuid(Cpu& cpu)
{
    constexpr uint64_t at = 0x1000;
    constexpr uint8_t code[] = {0x0f, 0xa2};
    FlatMemory memory;
    memory.map(at, page_size, FlatMemory::r | FlatMemory::x);
    memory.poke(at, code, sizeof code);
    Engine engine;
    engine.switch_space(1);
    Fpu fpu = initial_fpu();
    const uint64_t rip = cpu.rip;
    cpu.rip = at;
    engine.run(cpu, fpu, memory, 1);
    cpu.rip = rip + sizeof code;
}

KernelWork difference(const HostImage& before, const HostImage& after)
{
    KernelWork work;
    for (const auto& [va, page] : before)
        if (!after.contains(va)) work.unmapped.push_back(va);
    for (const auto& [va, page] : after) {
        const auto old = before.find(va);
        if (old == before.end()) {
            work.mapped.emplace(va, page);
            continue;
        }
        if (page.permissions != old->second.permissions) work.permissions[va] = page.permissions;
        for (uint64_t i = 0; i < page_size; ++i) {
            if (page.bytes[i] == old->second.bytes[i]) continue;
            auto& written = work.written;
            if (written.empty() || written.back().va + written.back().bytes.size() != va + i)
                written.push_back({va + i, {}});
            written.back().bytes.push_back(page.bytes[i]);
        }
    }
    return work;
}

/// Both processes on one processor: the switches between them are quicker.
class OneProcessor {
  public:
    OneProcessor()
    {
        sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(sched_getcpu(), &one);
        sched_setaffinity(0, sizeof one, &one);
    }
    ~OneProcessor() { sched_setaffinity(0, sizeof before_, &before_); }
    OneProcessor(const OneProcessor&) = delete;
    OneProcessor& operator=(const OneProcessor&) = delete;

  private:
    cpu_set_t before_;
};

class Traced {
  public:
    explicit Traced(pid_t pid) : pid_(pid) {}
    ~Traced()
    {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        if (memory_ >= 0) close(memory_);
    }
    Traced(const Traced&) = delete;
    Traced& operator=(const Traced&) = delete;

    /// "" once the program is before its first instruction.
    std::string begin()
    {
        int status = 0;
        if (waitpid(pid_, &status, 0) != pid_ || !WIFSTOPPED(status)) {
            const bool refused = WIFEXITED(status) && WEXITSTATUS(status) == cannot_be_traced;
            return refused ? "ptrace is not allowed here" : "the program did not start";
        }
        memory_ = open(("/proc/" + std::to_string(pid_) + "/mem").c_str(), O_RDWR | O_CLOEXEC);
        if (memory_ < 0) return "the memory of a traced process cannot be read here";
        ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
        hide_vdso();
        return "";
    }

    Cpu cpu()
    {
        ptrace(PTRACE_GETREGS, pid_, nullptr, &registers_);
        const auto& r = registers_;
        Cpu cpu;
        cpu.gpr = {r.rax, r.rcx, r.rdx, r.rbx, r.rsp, r.rbp, r.rsi, r.rdi,
                   r.r8,  r.r9,  r.r10, r.r11, r.r12, r.r13, r.r14, r.r15};
        cpu.rip = r.rip;
        cpu.rflags = r.eflags;
        cpu.fs_base = r.fs_base;
        cpu.gs_base = r.gs_base;
        return cpu;
    }
    Fpu fpu()
    {
        Fpu fpu;
        static_assert(sizeof(user_fpregs_struct) == sizeof fpu.fxsave);
        ptrace(PTRACE_GETFPREGS, pid_, nullptr, fpu.fxsave.data());
        fuzz::normalize(fpu);
        return fpu;
    }
    /// Of the registers, those that cpuid, rdtsc and syscall write.
    void put(const Cpu& cpu)
    {
        registers_.rax = cpu.gpr[rax];
        registers_.rbx = cpu.gpr[rbx];
        registers_.rcx = cpu.gpr[rcx];
        registers_.rdx = cpu.gpr[rdx];
        registers_.r11 = cpu.gpr[r11];
        registers_.rip = cpu.rip;
        ptrace(PTRACE_SETREGS, pid_, nullptr, &registers_);
    }
    void step()
    {
        int status = 0;
        if (ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr) != 0 || waitpid(pid_, &status, 0) != pid_ ||
            !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
            throw std::runtime_error("the traced program ended or was sent a signal");
    }

    void poke(uint64_t va, uint8_t byte) const { write(va, &byte, 1); }

    HostImage image() const
    {
        HostImage out;
        std::FILE* maps = std::fopen(("/proc/" + std::to_string(pid_) + "/maps").c_str(), "re");
        if (!maps) throw std::runtime_error("no list of the traced program's mappings");
        char line[512];
        while (std::fgets(line, sizeof line, maps)) add_mapping(line, out);
        std::fclose(maps);
        return out;
    }

  private:
    void read(uint64_t va, void* to, size_t size) const
    {
        if (pread(memory_, to, size, static_cast<off_t>(va)) != static_cast<ssize_t>(size))
            throw std::runtime_error("the traced program's memory cannot be read");
    }

    void write(uint64_t va, const void* from, size_t size) const
    {
        if (pwrite(memory_, from, size, static_cast<off_t>(va)) != static_cast<ssize_t>(size))
            throw std::runtime_error("the traced program's memory cannot be written");
    }

    void add_mapping(const char* line, HostImage& out) const
    {
        unsigned long start = 0, end = 0;
        char permissions[8] = {}, name[256] = {};
        std::sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &start, &end, permissions, name);
        const std::string_view text = name;
        if (text.starts_with("[v")) return;  // vdso, vvar, vsyscall
        HostPage page;
        page.permissions = (permissions[0] == 'r' ? FlatMemory::r : 0) |
                           (permissions[1] == 'w' ? FlatMemory::w : 0) |
                           (permissions[2] == 'x' ? FlatMemory::x : 0);
        // The kernel makes the stack longer when it is touched.
        for (uint64_t va = text == "[stack]" ? start - room_below_stack : end; va < start; va += page_size)
            out.emplace(va, page);
        for (uint64_t va = start; va < end; va += page_size) {
            read(va, page.bytes.data(), page_size);
            out[va] = page;
        }
    }

    void hide_vdso() const
    {
        const auto word = [this](uint64_t va) {
            uint64_t value = 0;
            read(va, &value, sizeof value);
            return value;
        };
        user_regs_struct registers;
        ptrace(PTRACE_GETREGS, pid_, nullptr, &registers);
        uint64_t at = registers.rsp + 8 * (1 + word(registers.rsp) + 1);  // behind argv
        while (word(at) != 0) at += 8;
        for (at += 8; word(at) != AT_NULL; at += 16) {
            const uint64_t ignore = AT_IGNORE;
            if (word(at) == AT_SYSINFO_EHDR) write(at, &ignore, sizeof ignore);
        }
    }

    pid_t pid_;
    int memory_ = -1;
    user_regs_struct registers_{};
};

using Code = std::array<uint8_t, 4>;

/// The first bytes of the instruction at `rip`; zeros where there is no code.
Code code_at(const HostImage& image, uint64_t rip)
{
    Code code{};
    for (uint64_t i = 0; i < code.size(); ++i) {
        const auto page = image.find((rip + i) & ~page_mask);
        if (page != image.end()) code[i] = page->second.bytes[(rip + i) & page_mask];
    }
    return code;
}

constexpr uint8_t rep = 0xf3, useless_prefix = 0x3e;

/// tzcnt and lzcnt, which are bsf and bsr at the engine's processor level.
bool counts_zeros(const Code& code)
{
    const bool rex = (code[1] & 0xf0) == 0x40;
    const uint8_t map = code[rex ? 2 : 1], opcode = code[rex ? 3 : 2];
    return code[0] == rep && map == 0x0f && (opcode == 0xbc || opcode == 0xbd);
}

void record_call(Traced& program, size_t number, Cpu cpu, HostTrace& trace)
{
    // With rseq the kernel writes to memory of its own accord: there is no such call.
    if (cpu.gpr[rax] == SYS_rseq) cpu.gpr[rax] = ~0ull;
    program.put(cpu);
    const HostImage before = program.image();
    program.step();
    trace.calls[number] = difference(before, program.image());
    cpu = program.cpu();
    cpu.gpr[r11] &= ~flag::tf;  // the stepping shows there
    program.put(cpu);
}

void record_step(Traced& program, size_t number, const Cpu& before, HostTrace& trace)
{
    constexpr uint16_t syscall = 0x0f05, cpuid = 0x0fa2, rdtsc = 0x0f31;
    const Code code = code_at(trace.image, before.rip);
    if (counts_zeros(code)) {
        program.poke(before.rip, useless_prefix);
        program.step();
        return program.poke(before.rip, rep);
    }
    Cpu now = before;
    switch (code[0] << 8 | code[1]) {
        case syscall:
            return record_call(program, number, now, trace);
        case cpuid:
            tell_cpuid(now);
            return program.put(now);
        case rdtsc:
            now.gpr[rax] = static_cast<uint32_t>(told_time(number));
            now.gpr[rdx] = told_time(number) >> 32;
            now.rip += 2;
            return program.put(now);
        default:
            return program.step();
    }
}

}  // namespace

uint64_t fpu_digest(Fpu fpu)
{
    fuzz::normalize(fpu);
    const auto* bytes = reinterpret_cast<const char*>(fpu.fxsave.data());
    return std::hash<std::string_view>()({bytes, fpu.fxsave.size()});
}

HostTrace trace_host(const std::string& program, size_t steps)
{
    const OneProcessor pinned;
    HostTrace trace;
    const pid_t pid = fork();
    if (pid == 0) run_program(program.c_str());
    Traced traced(pid);
    trace.refused = traced.begin();
    if (!trace.refused.empty()) return trace;
    trace.cpu = traced.cpu();
    trace.fpu = traced.fpu();
    trace.image = traced.image();
    Cpu now = trace.cpu;
    trace.steps.reserve(steps);
    for (size_t i = 0; i < steps; ++i) {
        record_step(traced, i, now, trace);
        now = traced.cpu();
        trace.steps.push_back({now, fpu_digest(traced.fpu())});
    }
    trace.end = traced.image();
    return trace;
}

}  // namespace norn::x86::test
