// What a signal handler finds on its stack, and the way back (rt_sigreturn(2)).
//
//  F1  Top down: red zone, FXSAVE image (64-byte aligned), frame; rsp at entry is the frame, 8 mod 16, as
//      after a call.
//  F2  There is no XSAVE, so the image has no magic and uc_flags no UC_FP_XSTATE.
#include <array>
#include <cstring>

#include "kernel/fpu.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "mm/usercopy.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr uint64_t red_zone = 128;
constexpr uint64_t uc_sigcontext_ss = 2, uc_strict_restore_ss = 4;
constexpr uint16_t user_cs = 0x33, user_ss = 0x2b;
constexpr uint32_t ss_onstack = 1, ss_disable = 2, ss_autodisarm = 1u << 31;
constexpr uint64_t min_altstack = 2048;
/// Flags that sigreturn takes from the frame.
constexpr uint64_t restored_flags = x86::flag::arithmetic | x86::flag::df | x86::flag::tf | x86::flag::ac;
constexpr uint32_t mxcsr_valid = 0xffff;

/// stack_t.
struct AltStack {
    uint64_t sp = 0;
    uint32_t flags = 0, unused = 0;
    uint64_t size = 0;
};

/// struct sigcontext: general registers in this order, and the last fault.
struct SigContext {
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    uint16_t cs, gs, fs, ss;
    uint64_t error, trapno, oldmask, cr2, fpstate;
    std::array<uint64_t, 8> reserved;
};
static_assert(sizeof(SigContext) == 256);

/// struct rt_sigframe.
struct RtSigFrame {
    uint64_t restorer = 0;
    uint64_t uc_flags = 0, uc_link = 0;
    AltStack uc_stack;
    SigContext mcontext{};
    SigSet sigmask = 0;
    SigInfoBytes info{};
};
static_assert(sizeof(RtSigFrame) == 440);
constexpr uint64_t ucontext_offset = 8, siginfo_offset = 312;

bool on_altstack(const Task& t, uint64_t sp)
{
    if (t.altstack_flags & ss_autodisarm) return false;
    return sp > t.altstack_sp && sp - t.altstack_sp <= t.altstack_size;
}

/// What sigaltstack reports: SS_DISABLE, SS_ONSTACK or 0.
uint32_t altstack_state(const Task& t, uint64_t sp)
{
    if (t.altstack_size == 0) return ss_disable;
    return on_altstack(t, sp) ? ss_onstack : 0;
}

void reset_altstack(Task& t)
{
    t.altstack_sp = t.altstack_size = 0;
    t.altstack_flags = ss_disable;
}

struct Place {
    uint64_t frame = 0, fpstate = 0;
};

/// F1. EFAULT: the frame would leave the alternate stack.
Result<Place> place_frame(const Task& t, const SigAction& action)
{
    const uint64_t sp = t.cpu.gpr[x86::rsp];
    const bool nested = on_altstack(t, sp);
    const bool entering = (action.flags & SA_ONSTACK_) && altstack_state(t, sp) == 0;
    const uint64_t top = entering ? t.altstack_sp + t.altstack_size : sp - red_zone;
    Place place;
    place.fpstate = (top - sizeof(x86::Fpu)) & ~63ull;
    place.frame = ((place.fpstate - sizeof(RtSigFrame)) & ~15ull) - 8;
    const uint64_t room = place.frame - t.altstack_sp;
    if ((nested || entering) && (room == 0 || room > t.altstack_size)) return EFAULT;
    return place;
}

SigContext save_registers(const Task& t, uint64_t fpstate)
{
    const auto& g = t.cpu.gpr;
    SigContext c{};
    c.r8 = g[x86::r8];
    c.r9 = g[x86::r9];
    c.r10 = g[x86::r10];
    c.r11 = g[x86::r11];
    c.r12 = g[x86::r12];
    c.r13 = g[x86::r13];
    c.r14 = g[x86::r14];
    c.r15 = g[x86::r15];
    c.rdi = g[x86::rdi];
    c.rsi = g[x86::rsi];
    c.rbp = g[x86::rbp];
    c.rbx = g[x86::rbx];
    c.rdx = g[x86::rdx];
    c.rax = g[x86::rax];
    c.rcx = g[x86::rcx];
    c.rsp = g[x86::rsp];
    c.rip = t.cpu.rip;
    c.rflags = t.cpu.rflags;
    c.cs = user_cs;
    c.ss = user_ss;
    c.error = t.fault_error;
    c.trapno = t.fault_vector;
    c.oldmask = t.blocked;
    c.cr2 = t.fault_address;
    c.fpstate = fpstate;
    return c;
}

void restore_registers(Task& t, const SigContext& c)
{
    auto& g = t.cpu.gpr;
    g[x86::r8] = c.r8;
    g[x86::r9] = c.r9;
    g[x86::r10] = c.r10;
    g[x86::r11] = c.r11;
    g[x86::r12] = c.r12;
    g[x86::r13] = c.r13;
    g[x86::r14] = c.r14;
    g[x86::r15] = c.r15;
    g[x86::rdi] = c.rdi;
    g[x86::rsi] = c.rsi;
    g[x86::rbp] = c.rbp;
    g[x86::rbx] = c.rbx;
    g[x86::rdx] = c.rdx;
    g[x86::rax] = c.rax;
    g[x86::rcx] = c.rcx;
    g[x86::rsp] = c.rsp;
    t.cpu.rip = c.rip;
    t.cpu.rflags = (t.cpu.rflags & ~restored_flags) | (c.rflags & restored_flags);
}

/// The vector state of the frame; none in it: the initial state. EFAULT: not to be read, or not valid.
Result<x86::Fpu> read_fpu(Machine& m, TaskId self, uint64_t fpstate)
{
    if (fpstate == 0) return x86::initial_fpu();
    x86::Fpu fpu = TRY(get_user(m, self, UserPtr<x86::Fpu>{fpstate}));
    uint32_t mxcsr = 0;
    std::memcpy(&mxcsr, fpu.fxsave.data() + 24, sizeof mxcsr);
    if (mxcsr & ~mxcsr_valid) return EFAULT;
    return fpu;
}

/// sigaltstack's change. EPERM, EINVAL, ENOMEM.
Result<> change_altstack(Task& t, const AltStack& wanted)
{
    if (on_altstack(t, t.cpu.gpr[x86::rsp])) return EPERM;
    const uint32_t mode = wanted.flags & ~ss_autodisarm;
    if (mode != ss_disable && mode != ss_onstack && mode != 0) return EINVAL;
    const bool off = mode == ss_disable;
    if (!off && wanted.size < min_altstack) return ENOMEM;
    t.altstack_sp = off ? 0 : wanted.sp;
    t.altstack_size = off ? 0 : wanted.size;
    t.altstack_flags = wanted.flags;
    return {};
}

Result<> sigreturn(Machine& m, TaskId self)
{
    const uint64_t at = m[self].cpu.gpr[x86::rsp] - 8;
    const RtSigFrame frame = TRY(get_user(m, self, UserPtr<RtSigFrame>{at}));
    const x86::Fpu fpu = TRY(read_fpu(m, self, frame.mcontext.fpstate));
    store_fpu(m, self, fpu);
    set_blocked(m, self, frame.sigmask);
    restore_registers(m.edit(self), frame.mcontext);
    (void)change_altstack(m.edit(self), frame.uc_stack);  // refused silently, as in Linux
    return {};
}

}  // namespace

Result<> setup_rt_frame(Machine& m, TaskId self, const SigAction& action, const SigInfo& info,
                        SigSet saved_mask)
{
    if (!(action.flags & SA_RESTORER_)) return EFAULT;
    const Place place = TRY(place_frame(m[self], action));
    RtSigFrame frame;
    frame.restorer = action.restorer;
    frame.uc_flags = uc_sigcontext_ss | uc_strict_restore_ss;
    frame.uc_stack = {m[self].altstack_sp, m[self].altstack_flags, 0, m[self].altstack_size};
    frame.mcontext = save_registers(m[self], place.fpstate);
    frame.mcontext.oldmask = frame.sigmask = saved_mask;
    if (action.flags & SA_SIGINFO_) frame.info = encode_siginfo(info);
    TRY(put_user(m, self, UserPtr<x86::Fpu>{place.fpstate}, load_fpu(m, self)));
    TRY(put_user(m, self, UserPtr<RtSigFrame>{place.frame}, frame));
    store_fpu(m, self, x86::initial_fpu());

    Task& t = m.edit(self);
    if (t.altstack_flags & ss_autodisarm) reset_altstack(t);
    auto& g = t.cpu.gpr;
    g[x86::rdi] = static_cast<uint64_t>(info.signo);
    g[x86::rsi] = place.frame + siginfo_offset;
    g[x86::rdx] = place.frame + ucontext_offset;
    g[x86::rax] = 0;
    g[x86::rsp] = place.frame;
    t.cpu.rip = action.handler;
    t.cpu.rflags &= ~(x86::flag::df | x86::flag::tf);
    return {};
}

Outcome<> sys_rt_sigreturn(Machine& m, TaskId self)
{
    if (!sigreturn(m, self).ok()) {
        SigInfo info;
        info.signo = SIGSEGV_;
        info.code = SI_KERNEL_;
        force_signal(m, self, info);
        return 0;
    }
    m.edit(self).orig_rax = ~0ull;  // what was interrupted is not restarted any more
    return m[self].cpu.gpr[x86::rax];
}

Result<> sys_sigaltstack(Machine& m, TaskId self, UserPtr<> wanted, UserPtr<> old)
{
    const Task& t = m[self];
    AltStack before;
    before.sp = t.altstack_sp;
    before.size = t.altstack_size;
    before.flags = altstack_state(t, t.cpu.gpr[x86::rsp]) | (t.altstack_flags & ss_autodisarm);
    if (wanted) {
        const AltStack now = TRY(get_user(m, self, wanted.as<AltStack>()));
        TRY(change_altstack(m.edit(self), now));
    }
    if (old) TRY(put_user(m, self, old.as<AltStack>(), before));
    return {};
}

}  // namespace norn
