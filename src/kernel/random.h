// getrandom(2) and what else is random in Linux: bytes from the Decider.
#pragma once

#include <span>

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

void random_bytes(Machine& m, TaskId self, std::span<uint8_t> to);
Result<uint64_t> sys_getrandom(Machine& m, TaskId self, UserPtr<uint8_t> buffer, uint64_t size,
                               uint32_t flags);

}  // namespace norn
