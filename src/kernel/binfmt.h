// Program formats (fs/exec.c, binfmt_elf.c, binfmt_script.c).
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fs/file.h"
#include "kernel/cred.h"
#include "mm/mmap.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// An open file that is held for as long as this lives.
class HeldFile {
  public:
    HeldFile() = default;
    HeldFile(Machine& m, FileId file) : machine_(&m), file_(file) {}
    HeldFile(HeldFile&& other) noexcept : machine_(other.machine_), file_(other.release()) {}
    HeldFile& operator=(HeldFile&& other) noexcept
    {
        std::swap(machine_, other.machine_);
        std::swap(file_, other.file_);
        return *this;
    }
    HeldFile(const HeldFile&) = delete;
    HeldFile& operator=(const HeldFile&) = delete;
    ~HeldFile()
    {
        if (file_) put_file(*machine_, file_);
    }
    [[nodiscard]] FileId get() const { return file_; }
    FileId release() { return std::exchange(file_, FileId{}); }

  private:
    Machine* machine_ = nullptr;
    FileId file_;
};

/// An address space that is being built.
class HeldMm {
  public:
    HeldMm() = default;
    HeldMm(Machine& m, MmId mm) : machine_(&m), mm_(mm) {}
    HeldMm(HeldMm&& other) noexcept : machine_(other.machine_), mm_(other.release()) {}
    HeldMm& operator=(HeldMm&& other) noexcept
    {
        std::swap(machine_, other.machine_);
        std::swap(mm_, other.mm_);
        return *this;
    }
    HeldMm(const HeldMm&) = delete;
    HeldMm& operator=(const HeldMm&) = delete;
    ~HeldMm()
    {
        if (mm_) put_mm(*machine_, mm_);
    }
    [[nodiscard]] MmId get() const { return mm_; }
    MmId release() { return std::exchange(mm_, MmId{}); }

  private:
    Machine* machine_ = nullptr;
    MmId mm_;
};

/// Bytes of a file that formats are told apart by.
inline constexpr std::size_t binprm_head_bytes = 256;

/// A program on its way to be run (struct linux_binprm).
struct Binprm {
    HeldFile file;         ///< of the program, or of the interpreter found so far
    std::string filename;  ///< as execve was given it: AT_EXECFN
    std::string interp;    ///< what a script's interpreter is told to read
    std::string comm;      ///< the task's name
    std::vector<std::string> argv, envp;
    bool path_inaccessible = false;                 ///< `interp` names a descriptor that exec closes
    std::array<uint8_t, binprm_head_bytes> head{};  ///< first bytes of `file`
};

/// The address space of a program, ready to be entered.
struct Image {
    HeldMm mm;
    uint64_t entry = 0;
    uint64_t stack_pointer = 0;
};

/// Why no image came of it. Past the point where Linux has given up the old memory, a failure is no
/// errno but the death of the process.
struct BuildError {
    Errno error = Errno::none;
    bool fatal = false;
};

/// Is this a `#!` script?
[[nodiscard]] bool is_script(const Binprm& program);
/// Turns a script into its interpreter with arguments; opens that.
[[nodiscard]] Result<> follow_script(Machine& m, TaskId self, Binprm& program);
/// Opens and reads the head of a program file.
[[nodiscard]] Result<> open_program(Machine& m, TaskId self, int dirfd, const std::string& path, int flags,
                                    Binprm& program);
/// Builds the memory of an ELF program for `self` with these credentials.
[[nodiscard]] Image build_elf(Machine& m, TaskId self, const Binprm& program, const ExecCred& cred,
                              BuildError& error);

}  // namespace norn
