// Stopping and continuing whole thread groups; orphaned process groups (signal(7), credentials(7)).
#pragma once

#include "norn/machine.h"

namespace norn {

/// SIGCONT was sent: pending stops are forgotten, stopped threads go on.
void continue_group(Machine& m, SignalId signal);
/// A stopped thread becomes runnable (and looks at its signals first).
void leave_stop(Machine& m, TaskId task);
/// The group is to stop for `signo`; `self` stops now, the others when they are told. False when the
/// group is dying instead.
bool stop_group(Machine& m, TaskId self, int signo);
/// `self` was told of a group stop and stops.
void take_part_in_stop(Machine& m, TaskId self);
/// A thread that takes part in a group stop ends: it counts as stopped.
void leave_group_stop(Machine& m, TaskId self);
/// Tells the parent that the group stopped or went on, if that is still to be told.
void report_job_change(Machine& m, TaskId self);

/// No member has a parent in the same session but another group, not looking at `ignored`.
[[nodiscard]] bool will_become_orphaned(const Machine& m, PidId pgrp, TaskId ignored);
[[nodiscard]] inline bool is_orphaned(const Machine& m, PidId pgrp)
{
    return will_become_orphaned(m, pgrp, {});
}
/// `leader` ends (`exiting`), or lost `parent`: if its group becomes orphaned by that and has stopped
/// members, all get SIGHUP and SIGCONT.
void kill_orphaned_pgrp(Machine& m, TaskId leader, TaskId parent, bool exiting);

}  // namespace norn
