// Who looks at the clock and then waits does not spin: it costs little processor time.
#include "show.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

static double cpu(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec + used.tv_nsec / 1e9;
}

int main(void)
{
    enum { rounds = 500 };
    struct timespec now;
    const double before = cpu();
    for (int i = 0; i < rounds; ++i) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        poll(0, 0, 1);
    }
    printf("cheap %d\n", cpu() - before < 0.2);
    return 0;
}
