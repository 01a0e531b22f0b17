// adjtimex(2), clock_adjtime(2), adjtime(3): a clock that nobody steers; what is refused.
#include "show.h"

#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static long off(struct timeval a)
{
    struct timeval now;
    gettimeofday(&now, 0);
    return labs(now.tv_sec - a.tv_sec);
}

int main(void)
{
    struct timex state = {0};
    SHOW_NUMBER(adjtimex(&state) >= 0);
    printf("tick %ld tolerance %ld precision %ld now %d\n", state.tick, state.tolerance, state.precision, off(state.time) < 5);
    SHOW_NUMBER(clock_adjtime(CLOCK_REALTIME, &state) >= 0);
    SHOW_NUMBER(clock_adjtime(CLOCK_MONOTONIC, &state));
    SHOW_NUMBER(clock_adjtime(77, &state));
    SHOW_NUMBER(adjtimex((struct timex*)16));
    struct timeval left;
    SHOW(adjtime(0, &left));
    printf("left %ld %ld\n", (long)left.tv_sec, (long)left.tv_usec);
    state.modes = ADJ_TICK;
    state.tick = 1;
    SHOW_NUMBER(adjtimex(&state));
    state.modes = ADJ_OFFSET_SS_READ & ~1;
    SHOW_NUMBER(adjtimex(&state));
    if (setuid(12345)) return 1;
    state = (struct timex){.modes = ADJ_FREQUENCY};
    SHOW_NUMBER(adjtimex(&state));
    SHOW(adjtime(&(struct timeval){1, 0}, 0));
    state = (struct timex){0};
    SHOW_NUMBER(adjtimex(&state) >= 0);
    return 0;
}
