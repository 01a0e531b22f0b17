// Futexes (futex(2)).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// A waiter was taken off this queue: it is freed when it was the last.
void futex_left(Machine& m, FutexId queue);

}  // namespace norn
