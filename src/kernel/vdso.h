// The vDSO: a small shared object that each program finds in its memory (vdso(7)). Ours has the functions
// that Linux's has, and each makes the plain system call; they are known by where they are called from
// (`called_from_vdso`), so that observers do not see them, as on Linux.
#pragma once

#include <cstdint>
#include <span>

namespace norn {

/// Bytes of address space that it takes: one page.
inline constexpr uint64_t vdso_size = 4096;

/// The image, to be mapped readable and executable. The same in every process.
[[nodiscard]] std::span<const uint8_t> vdso_image();

}  // namespace norn
