// LC-235, LC-236, LC-238 to LC-245, LC-255: options of prctl.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static void show(const char* what, long r)
{
    int error = errno;
    printf("%s: %ld %s\n", what, r, r < 0 ? strerror(error) : "");
}

int main(void)
{
    int value = -1;
    show("unknown", prctl(1000));
    show("dumpable 2", prctl(PR_SET_DUMPABLE, 2));
    show("dumpable 0", prctl(PR_SET_DUMPABLE, 0));
    show("get", prctl(PR_GET_DUMPABLE));
    show("dumpable 1", prctl(PR_SET_DUMPABLE, 1));
    show("subreaper 5", prctl(PR_SET_CHILD_SUBREAPER, 5));
    prctl(PR_GET_CHILD_SUBREAPER, &value);
    show("get", value);
    show("keepcaps 2", prctl(PR_SET_KEEPCAPS, 2));
    show("keepcaps 1", prctl(PR_SET_KEEPCAPS, 1));
    show("get", prctl(PR_GET_KEEPCAPS));
    show("no_new_privs extra", prctl(PR_SET_NO_NEW_PRIVS, 1, 9, 0, 0));
    show("no_new_privs 0", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    show("no_new_privs 1", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    show("get", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    show("slack", prctl(PR_GET_TIMERSLACK));
    show("set 123", prctl(PR_SET_TIMERSLACK, 123));
    show("get", prctl(PR_GET_TIMERSLACK));
    show("set 0", prctl(PR_SET_TIMERSLACK, 0));
    show("get", prctl(PR_GET_TIMERSLACK));
    show("capability 41", prctl(PR_CAPBSET_READ, 41));
    show("ambient unknown", prctl(PR_CAP_AMBIENT, 9, 1, 0, 0));
    show("ambient clear with extras", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
    show("timing", prctl(PR_GET_TIMING));
    show("timing 1", prctl(PR_SET_TIMING, 1));
    show("tsc 3", prctl(PR_SET_TSC, 3));
    show("perf off", prctl(PR_TASK_PERF_EVENTS_DISABLE));
    show("seccomp", prctl(PR_GET_SECCOMP));
    show("unaligned", prctl(PR_GET_UNALIGN, &value));
    return 0;
}
