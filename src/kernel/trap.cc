#include "kernel/trap.h"

#include <cstring>

#include "kernel/fpu.h"
#include "kernel/signal.h"
#include "mm/fault.h"

namespace norn {

namespace {

constexpr int FPE_INTDIV_ = 1, FPE_FLTDIV_ = 3, FPE_FLTOVF_ = 4, FPE_FLTUND_ = 5, FPE_FLTRES_ = 6,
              FPE_FLTINV_ = 7;
constexpr int ILL_ILLOPN_ = 2, TRAP_BRKPT_ = 1, TRAP_TRACE_ = 2, BUS_ADRALN_ = 1;

/// si_code for the unmasked exceptions of a floating point unit, most telling first.
int float_code(uint32_t unmasked)
{
    if (unmasked & 0x01) return FPE_FLTINV_;
    if (unmasked & 0x04) return FPE_FLTDIV_;
    if (unmasked & 0x08) return FPE_FLTOVF_;
    if (unmasked & 0x12) return FPE_FLTUND_;
    return FPE_FLTRES_;
}

int x87_code(const x86::Fpu& fpu)
{
    uint16_t control = 0;
    uint16_t status = 0;
    std::memcpy(&control, fpu.fxsave.data(), sizeof control);
    std::memcpy(&status, fpu.fxsave.data() + 2, sizeof status);
    return float_code(static_cast<uint32_t>(status & ~control));
}

int simd_code(const x86::Fpu& fpu)
{
    uint32_t mxcsr = 0;
    std::memcpy(&mxcsr, fpu.fxsave.data() + 24, sizeof mxcsr);
    return float_code(~(mxcsr >> 7) & mxcsr & 0x3f);
}

SigInfo with_address(int signo, int code, uint64_t address)
{
    SigInfo info;
    info.signo = signo;
    info.code = code;
    info.value = address;
    info.fault_address = true;
    return info;
}

SigInfo page_fault_info(const x86::Exit& exit)
{
    const FaultReason reason = FaultReason::unpack(exit.code);
    return with_address(reason.signal, reason.code, exit.address);
}

SigInfo trap_info(const Machine& m, TaskId self, const x86::Exit& exit)
{
    const uint64_t rip = m[self].cpu.rip;
    switch (exit.vector) {
        case x86::Vector::divide:
            return with_address(SIGFPE_, FPE_INTDIV_, rip);
        case x86::Vector::debug:
            return with_address(SIGTRAP_, m[self].cpu.rflags & x86::flag::tf ? TRAP_TRACE_ : TRAP_BRKPT_,
                                rip);
        case x86::Vector::breakpoint:
            return with_address(SIGTRAP_, SI_KERNEL_, 0);
        case x86::Vector::invalid_opcode:
            return with_address(SIGILL_, ILL_ILLOPN_, rip);
        case x86::Vector::stack:
            return with_address(SIGBUS_, SI_KERNEL_, 0);
        case x86::Vector::page_fault:
            return page_fault_info(exit);
        case x86::Vector::x87:
            return with_address(SIGFPE_, x87_code(load_fpu(m, self)), rip);
        case x86::Vector::simd:
            return with_address(SIGFPE_, simd_code(load_fpu(m, self)), rip);
        case x86::Vector::alignment:
            return with_address(SIGBUS_, BUS_ADRALN_, 0);
        case x86::Vector::overflow:
        case x86::Vector::bound:
        case x86::Vector::general_protection:
            break;
    }
    return with_address(SIGSEGV_, SI_KERNEL_, 0);
}

}  // namespace

void raise_trap(Machine& m, TaskId self, const x86::Exit& exit)
{
    const SigInfo info = trap_info(m, self, exit);
    Task& t = m.edit(self);
    t.fault_vector = static_cast<uint16_t>(exit.vector);
    t.fault_error = exit.error;
    if (exit.vector == x86::Vector::page_fault) t.fault_address = exit.address;
    force_signal(m, self, info);
}

}  // namespace norn
