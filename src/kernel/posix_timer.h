// Timers that send signals: alarm(2), setitimer(2), timer_create(2).
#pragma once

#include "norn/machine.h"

namespace norn {

/// A deadline of ITIMER_REAL passed: SIGALRM to the process, and the next one.
void itimer_real_expired(Machine& m, TimerId timer);
/// A deadline of a timer_create timer passed.
void posix_timer_expired(Machine& m, TimerId timer);

}  // namespace norn
