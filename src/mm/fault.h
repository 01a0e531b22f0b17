// From an address to bytes: what a page table and a mapping say, and making it so.
#pragma once

#include <cstdint>

#include "norn/machine.h"
#include "x86/engine.h"

namespace norn {

enum class Access : uint8_t { read, write, exec };

/// Why an access cannot be: the signal it raises, and its si_code (sigaction(2)).
struct FaultReason {
    int signal = 0;  ///< SIGSEGV or SIGBUS; 0: none
    int code = 0;    ///< SEGV_MAPERR 1, SEGV_ACCERR 2, BUS_ADRERR 2
    bool out_of_memory = false;
    [[nodiscard]] bool any() const { return signal != 0 || out_of_memory; }
    /// As an engine carries it: SIGSEGV's codes plainly, as the engine itself uses them.
    [[nodiscard]] uint32_t packed() const;
    static FaultReason unpack(uint32_t packed);
};
/// A fault that is none: the engine is to hear of `Machine::notices` and then to try again.
inline constexpr uint32_t fault_again = 1u << 17;

/// The page at `va` (any address in it) for an access: fills it in as a page fault would: zero page,
/// file page, copy on write, stack growth. A read of untouched anonymous memory names no page.
struct FaultResult {
    PageId page;  ///< none with no fault: reads as zeros
    FaultReason fault;
};
[[nodiscard]] FaultResult fault_in(Machine& m, MmId mm, uint64_t va, Access access);
/// For writing as ptrace does: a private mapping need not be writable; the page is then our own copy.
[[nodiscard]] FaultResult fault_in_forced(Machine& m, MmId mm, uint64_t va);

/// Where the kernel may write to `va`, whose page fault_in gave for writing.
[[nodiscard]] uint8_t* write_address(Machine& m, MmId mm, uint64_t va, PageId page);

/// An engine's view of an address space. Lives for one `run`.
class SpaceMemory final : public x86::Memory {
  public:
    SpaceMemory(Machine& machine, MmId mm) : m_(machine), mm_(mm) {}
    void select(MmId mm) { mm_ = mm; }
    x86::ReadPage read_page(uint64_t va) override;
    x86::WritePage write_page(uint64_t va) override;
    x86::ExecPage exec_page(uint64_t va) override;
    void void_code(uint64_t va) override;

  private:
    Machine& m_;
    MmId mm_;
};

/// Faults in the pages of [start, end) up to the first that cannot be, and says why.
FaultReason populate_range(Machine& m, MmId mm, uint64_t start, uint64_t end, bool write);
/// Tells the engine that mappings in [start, end) of `mm` changed.
void notice_invalidate(Machine& m, MmId mm, uint64_t start, uint64_t end);

}  // namespace norn
