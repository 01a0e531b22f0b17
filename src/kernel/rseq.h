// Restartable sequences (rseq(2)): the per-thread area that tells which processor the thread runs on, and
// critical sections that start over when the thread was interrupted in them.
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

Result<> sys_rseq(Machine& m, TaskId self, uint64_t area, uint32_t length, int flags, uint32_t signature);

/// The task got a processor, or a signal frame is about to be made: the area is brought up to date, and a
/// critical section that was interrupted is left through its abort address. Only while `rseq_area` is set.
void rseq_interrupted(Machine& m, TaskId self);

}  // namespace norn
