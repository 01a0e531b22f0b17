// Host memory for frames.
#pragma once

#include <cstdint>

namespace norn {

/// 4096 bytes, page-aligned, with whatever was in them last. Safe from several threads; what a thread
/// gave back last it gets first. Ends the process with status 125 when the host has no memory.
[[nodiscard]] uint8_t* take_frame_bytes();
void give_frame_bytes(uint8_t* bytes);

}  // namespace norn
