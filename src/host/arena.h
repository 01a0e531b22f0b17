// Host memory for frames.
#pragma once

#include <cstdint>

namespace norn {

/// 4096 bytes, page-aligned, with whatever was in them last. Safe from several threads; what a thread
/// gave back last it gets first. Ends the process with status 125 when the host has no
/// memory and nothing is kept back.
[[nodiscard]] uint8_t* take_frame_bytes();
void give_frame_bytes(uint8_t* bytes);

/// Keeps memory back for the moment when the host has none left: what is under way then finishes with it,
/// and the run ends at its next boundary instead of in the middle.
void keep_host_memory();
/// That moment has come.
[[nodiscard]] bool host_memory_spent();

}  // namespace norn
