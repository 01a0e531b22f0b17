#include "kernel/timer.h"

#include <algorithm>

#include "fs/eventfd.h"
#include "kernel/posix_timer.h"
#include "kernel/wait_queue.h"
#include "lib/pairing_heap.h"

namespace norn {

namespace {
bool due_before(const Machine& m, TimerId a, TimerId b)
{
    const Timer& first = m[a];
    const Timer& second = m[b];
    if (first.expires_ns != second.expires_ns) return first.expires_ns < second.expires_ns;
    return first.sequence < second.sequence;
}

using Deadlines = PairingHeap<Timer, due_before>;

void fire(Machine& m, TimerId timer)
{
    switch (m[timer].kind) {
        case TimerKind::sleep: {
            const TaskId sleeper = m[timer].task;
            m.edit(sleeper).flags |= task_timed_out;
            wake_task(m, sleeper);
            break;
        }
        case TimerKind::itimer_real:
            itimer_real_expired(m, timer);
            break;
        case TimerKind::posix:
            posix_timer_expired(m, timer);
            break;
        case TimerKind::timerfd:
            timerfd_expired(m, timer);
            break;
    }
}
}  // namespace

void arm_timer(Machine& m, TimerId timer, uint64_t expires_ns)
{
    disarm_timer(m, timer);
    Timer& record = m.edit(timer);
    record.expires_ns = expires_ns;
    record.sequence = ++m.state.timer_sequence;
    record.armed = 1;
    Deadlines::insert(m, m.state.timers, timer);
}

void disarm_timer(Machine& m, TimerId timer)
{
    if (!m[timer].armed) return;
    Deadlines::remove(m, m.state.timers, timer);
    m.edit(timer).armed = 0;
}

void expire_timers(Machine& m)
{
    // A timer that is armed again while it fires waits for the next look, or its rearming in the past
    // would keep us here.
    const uint64_t last = m.state.timer_sequence;
    while (next_deadline(m) <= m.state.now_ns) {
        const TimerId timer = m.state.timers;
        if (m[timer].sequence > last) return;
        disarm_timer(m, timer);
        fire(m, timer);
    }
}

void set_clock(Machine& m, uint64_t ns)
{
    m.state.now_ns = std::max(m.state.now_ns, ns);
}

}  // namespace norn
