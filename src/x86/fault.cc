// Host signals raised by emitted code. The guest's rsp is in the host's while it runs, so handlers are
// on an alternate stack, and asynchronous signals are held back.
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "x86/engine_impl.h"

#include <asm/prctl.h>

namespace norn::x86 {

namespace {

constexpr int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
constexpr size_t alternate_stack_bytes = 64u << 10;

/// What this host thread has set up; not part of any machine.
struct ThreadState {
    Context* context = nullptr;
    const CodeCache* cache = nullptr;
    void* stack = nullptr;
    bool by_instruction = false;

    ~ThreadState()
    {
        if (!stack) return;
        stack_t off{};
        off.ss_flags = SS_DISABLE;
        sigaltstack(&off, nullptr);
        munmap(stack, alternate_stack_bytes);
    }
};
thread_local ThreadState thread_state;

void on_signal(int number, siginfo_t* info, void* opaque)
{
    auto& registers = static_cast<ucontext_t*>(opaque)->uc_mcontext.gregs;
    ThreadState& t = thread_state;
    const auto rip = uint64_t(registers[REG_RIP]);
    if (!t.context || !t.cache || !t.cache->contains(rip)) {
        // Not the guest's doing: let the default action have it when it happens again.
        std::signal(number, SIG_DFL);
        return;
    }
    t.context->fault_rip = rip;
    t.context->fault_trap = uint64_t(registers[REG_TRAPNO]);
    t.context->fault_address = reinterpret_cast<uint64_t>(info->si_addr);
    registers[REG_RCX] = 0;  // site 0: a host fault
    registers[REG_RIP] = greg_t(reinterpret_cast<uint64_t>(t.cache->leave()));
}

bool install_handlers()
{
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    for (int number : synchronous)
        if (sigaction(number, &action, nullptr) != 0) return false;
    return true;
}

void prepare(ThreadState& t)
{
    static const bool installed = install_handlers();
    t.stack =
        mmap(nullptr, alternate_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t alternate{};
    alternate.ss_sp = t.stack;
    alternate.ss_size = alternate_stack_bytes;
    if (!installed || t.stack == MAP_FAILED || sigaltstack(&alternate, nullptr) != 0) {
        std::perror("norn: signal handlers");
        std::abort();
    }
    constexpr unsigned long hwcap2_fsgsbase = 2;
    t.by_instruction = getauxval(AT_HWCAP2) & hwcap2_fsgsbase;
}

uint64_t gs_base()
{
    uint64_t base = 0;
    asm volatile("rdgsbase %0" : "=r"(base));
    return base;
}

}  // namespace

SignalsHeldBack::SignalsHeldBack()
{
    sigset_t asynchronous;
    sigfillset(&asynchronous);
    for (int number : synchronous) sigdelset(&asynchronous, number);
    pthread_sigmask(SIG_BLOCK, &asynchronous, &before_);
}

SignalsHeldBack::~SignalsHeldBack()
{
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void enter_thread(Context* context, const CodeCache* cache)
{
    ThreadState& t = thread_state;
    if (t.context == context && t.cache == cache) return;
    if (!t.stack) prepare(t);
    t.context = context;
    t.cache = cache;
    const auto wanted = reinterpret_cast<uint64_t>(context);
    if (!t.by_instruction)
        syscall(SYS_arch_prctl, ARCH_SET_GS, wanted);
    else if (gs_base() != wanted)
        asm volatile("wrgsbase %0" : : "r"(wanted));
}

}  // namespace norn::x86
