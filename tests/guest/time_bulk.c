// Calls that move much take time: a loop of them that runs until an alarm does not run for ever.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

enum { size = 1 << 20, most = 100000 };

static volatile int rung;

static void ring(int signo)
{
    rung = 1;
}

static void begin(void)
{
    rung = 0;
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 50000}}, 0);
}

int main(void)
{
    char* area = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int zero = open("/dev/zero", O_RDONLY), file = open("f", O_CREAT | O_RDWR, 0644), done = 0;
    signal(SIGALRM, ring);
    for (begin(); !rung && done < most; ++done) read(zero, area, size);
    printf("reading ended in time %d\n", done < most);
    done = 0;
    for (begin(); !rung && done < most; ++done) {
        pwrite(file, area, size, 0);
        ftruncate(file, 0);
    }
    printf("writing ended in time %d\n", done < most);
    return 0;
}
