#include "native.h"

#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "arena.h"

namespace norn::fuzz {

namespace {

using x86::Cpu;
using x86::Fpu;
using x86::Vector;

constexpr uint64_t control_address = 0x6b7d'5000;
constexpr uint64_t trap_debug = 1;
constexpr std::array used_signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM, SIGABRT};
static_assert(used_signals.size() == Native::signal_count);
constexpr size_t max_steps = 20'100;
constexpr uint64_t max_ticks = 3;

enum class SignalResult : int { finish = 0, go_on = 1 };

/// Shared with native_entry.S, which knows the offsets.
struct Control {
    std::array<uint64_t, 16> in_gpr;
    uint64_t in_rip, in_rflags, in_fs, in_gs;
    uint64_t host_rsp, host_fs, host_gs;
    uint64_t resume, exit, active;
    uint64_t host_mxcsr;
    alignas(64) std::array<uint64_t, 16> out_gpr;
    uint64_t out_rflags;
    // From here on for C++ only.
    uint64_t stepping, entry, ticks, faulted, timed_out, vector, error, address, rip;
    alignas(512) std::array<uint8_t, 512> in_fx;
    std::array<uint8_t, 512> out_fx;
    std::vector<Step>* trace;
};
static_assert(offsetof(Control, host_rsp) == 160 && offsetof(Control, active) == 200);
static_assert(offsetof(Control, out_gpr) == 256 && offsetof(Control, out_rflags) == 384);
static_assert(offsetof(Control, in_fx) == 512 && offsetof(Control, out_fx) == 1024);

Control& control()
{
    return *reinterpret_cast<Control*>(control_address);
}

void* map_fixed(uint64_t address)
{
    void* wanted = reinterpret_cast<void*>(address);
    void* got = mmap(wanted, x86::page_size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0);
    if (got != wanted) {
        std::perror("fuzz: a fixed address is taken");
        std::exit(2);
    }
    return got;
}

// Where Linux's signal frame keeps registers, in encoding order.
constexpr std::array<int, 16> greg_of = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                         REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                         REG_R12, REG_R13, REG_R14, REG_R15};

uint64_t greg(const ucontext_t& context, int index)
{
    return static_cast<uint64_t>(context.uc_mcontext.gregs[index]);
}

Cpu cpu_of(const ucontext_t& context)
{
    Cpu cpu;
    for (size_t i = 0; i < greg_of.size(); ++i) cpu.gpr[i] = greg(context, greg_of[i]);
    cpu.rip = greg(context, REG_RIP);
    cpu.rflags = greg(context, REG_EFL);
    cpu.fs_base = control().in_fs;
    cpu.gs_base = control().in_gs;
    return cpu;
}

void record_end(const ucontext_t& context)
{
    Control& c = control();
    for (size_t i = 0; i < greg_of.size(); ++i) c.out_gpr[i] = greg(context, greg_of[i]);
    c.rip = greg(context, REG_RIP);
    c.out_rflags = greg(context, REG_EFL);
    c.vector = greg(context, REG_TRAPNO);
    c.error = greg(context, REG_ERR);
    c.address = greg(context, REG_CR2);
    std::memcpy(c.out_fx.data(), context.uc_mcontext.fpregs, c.out_fx.size());
}

/// A trap of the single-step flag: at each instruction boundary from the first one of the guest.
SignalResult on_step(ucontext_t& context)
{
    Control& c = control();
    const uint64_t rip = greg(context, REG_RIP);
    if (c.entry == 0) {
        if (rip != c.in_rip) return SignalResult::go_on;
        c.entry = rip;
        return SignalResult::go_on;
    }
    Step& step = c.trace->emplace_back();
    step.cpu = cpu_of(context);
    step.cpu.rflags &= ~x86::flag::tf;
    std::memcpy(step.fpu.fxsave.data(), context.uc_mcontext.fpregs, step.fpu.fxsave.size());
    if (is_exit(rip) || c.trace->size() == max_steps) {
        record_end(context);
        c.exit = (rip - exit_page) / exit_stride;
        c.timed_out = !is_exit(rip);
        return SignalResult::finish;
    }
    return SignalResult::go_on;
}

}  // namespace

extern "C" {

void norn_fuzz_enter();
void norn_fuzz_signal(int, siginfo_t*, void*);
extern const uint8_t norn_fuzz_stubs[], norn_fuzz_stubs_end[];

/// Handlers that serve signals which come while no guest code runs natively.
void* norn_fuzz_previous[65];

int norn_fuzz_on_signal(int signal, siginfo_t*, void* opaque)
{
    auto& context = *static_cast<ucontext_t*>(opaque);
    Control& c = control();
    const bool step = signal == SIGTRAP && greg(context, REG_TRAPNO) == trap_debug;
    if (step && c.stepping != 0) return static_cast<int>(on_step(context));
    if (signal == SIGVTALRM && ++c.ticks < max_ticks) return static_cast<int>(SignalResult::go_on);
    record_end(context);
    c.faulted = 1;
    c.timed_out = signal == SIGVTALRM ? 1 : 0;
    return static_cast<int>(SignalResult::finish);
}

}  // extern "C"

namespace {

std::function<void()>& death_callback()
{
    static std::function<void()> callback;
    return callback;
}

void die(int signal, siginfo_t*, void*)
{
    if (signal == SIGVTALRM) return;
    if (auto callback = std::exchange(death_callback(), nullptr)) callback();
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
    raise(signal);
}

/// Returns what was there.
struct sigaction install(int signal)
{
    struct sigaction old = {};
    sigaction(signal, nullptr, &old);
    const bool handled = (old.sa_flags & SA_SIGINFO) != 0;
    norn_fuzz_previous[signal] =
        handled ? reinterpret_cast<void*>(old.sa_sigaction) : reinterpret_cast<void*>(&die);
    struct sigaction action = {};
    action.sa_sigaction = norn_fuzz_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(signal, &action, nullptr);
    return old;
}

void ensure_alternate_stack()
{
    stack_t current = {};
    sigaltstack(nullptr, &current);
    if ((current.ss_flags & SS_DISABLE) == 0) return;
    constexpr size_t size = 256 * 1024;
    stack_t stack = {};
    stack.ss_sp = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack.ss_size = size;
    sigaltstack(&stack, nullptr);
}

/// Ticks in processor time, so that a loaded machine does not look like a program without an end.
void tick_every(time_t seconds)
{
    itimerval timer = {};
    timer.it_value.tv_sec = timer.it_interval.tv_sec = seconds;
    setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

void start_watchdog()
{
    sigset_t ticks;  // the engine has blocked them on this thread
    sigemptyset(&ticks);
    sigaddset(&ticks, SIGVTALRM);
    pthread_sigmask(SIG_UNBLOCK, &ticks, nullptr);
    tick_every(1);
}

}  // namespace

Native::Native()
{
    constexpr unsigned long hwcap2_fsgsbase = 2;
    if ((getauxval(AT_HWCAP2) & hwcap2_fsgsbase) == 0) {
        std::fputs("fuzz: this host does not let programs set segment bases (FSGSBASE)\n", stderr);
        std::exit(2);
    }
    map_fixed(control_address);
    void* stubs = map_fixed(exit_page);
    std::memcpy(stubs, norn_fuzz_stubs, static_cast<size_t>(norn_fuzz_stubs_end - norn_fuzz_stubs));
    mprotect(stubs, x86::page_size, PROT_READ | PROT_EXEC);
    ensure_alternate_stack();
    for (size_t i = 0; i < used_signals.size(); ++i) previous_[i] = install(used_signals[i]);
    start_watchdog();
}

Native::~Native()
{
    tick_every(0);
    for (size_t i = 0; i < used_signals.size(); ++i) sigaction(used_signals[i], &previous_[i], nullptr);
    on_death(nullptr);
    munmap(reinterpret_cast<void*>(control_address), x86::page_size);
    munmap(reinterpret_cast<void*>(exit_page), x86::page_size);
}

void Native::on_death(std::function<void()> callback)
{
    death_callback() = std::move(callback);
}

Outcome Native::enter(const Cpu& cpu, const Fpu& fpu, bool stepping)
{
    Control& c = control();
    c.in_gpr = cpu.gpr;
    c.in_rip = cpu.rip;
    c.in_rflags = cpu.rflags | (stepping ? x86::flag::tf : 0);
    c.in_fs = cpu.fs_base;
    c.in_gs = cpu.gs_base;
    c.in_fx = fpu.fxsave;
    c.stepping = stepping;
    c.entry = c.ticks = c.faulted = c.timed_out = 0;
    norn_fuzz_enter();

    Outcome out;
    out.cpu.gpr = c.out_gpr;
    out.cpu.rflags = c.out_rflags & ~x86::flag::tf;
    out.cpu.fs_base = cpu.fs_base;
    out.cpu.gs_base = cpu.gs_base;
    out.fpu.fxsave = c.out_fx;
    normalize(out.fpu);
    out.faulted = c.faulted != 0;
    out.timed_out = c.timed_out != 0;
    out.cpu.rip = out.faulted ? c.rip : exit_address(static_cast<unsigned>(c.exit));
    out.vector = static_cast<Vector>(c.vector);
    out.error = static_cast<uint32_t>(c.error);
    out.address = c.address;
    return out;
}

Outcome Native::run(const Cpu& cpu, const Fpu& fpu)
{
    return enter(cpu, fpu, false);
}

Outcome Native::run_stepping(const Cpu& cpu, const Fpu& fpu, std::vector<Step>& trace)
{
    trace.clear();
    trace.reserve(max_steps);
    control().trace = &trace;
    Outcome out = enter(cpu, fpu, true);
    const bool trap = out.faulted && (out.vector == Vector::breakpoint || out.vector == Vector::overflow);
    out.retired = trace.size() + (trap ? 1 : 0);
    return out;
}

void normalize(Fpu& fpu)
{
    auto clear = [&fpu](size_t from, size_t to) {
        std::fill(fpu.fxsave.begin() + from, fpu.fxsave.begin() + to, uint8_t{0});
    };
    constexpr size_t mxcsr_mask = 28, st0 = 32, st_stride = 16, st_size = 10, xmm_end = 416;
    clear(5, 24);
    fpu.fxsave[mxcsr_mask] = fpu.fxsave[mxcsr_mask + 1] = 0xff;
    clear(mxcsr_mask + 2, mxcsr_mask + 4);
    for (size_t i = 0; i < 8; ++i) clear(st0 + i * st_stride + st_size, st0 + (i + 1) * st_stride);
    clear(xmm_end, fpu.fxsave.size());
}

}  // namespace norn::fuzz
