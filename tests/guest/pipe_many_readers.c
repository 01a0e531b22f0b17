// Several readers of one pipe: every byte goes to one of them, all see the end.
#include "show.h"

#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2], sums[2];
    if (pipe(p) || pipe(sums)) return 1;
    for (int i = 0; i < 5; ++i)
        if (fork() == 0) {
            close(p[1]);
            int sum = 0;
            for (unsigned char byte; read(p[0], &byte, 1) == 1;) sum += byte;
            if (write(sums[1], &sum, sizeof sum) != sizeof sum) _exit(1);
            _exit(0);
        }
    close(sums[1]);
    int expected = 0;
    for (int i = 0; i < 1000; ++i) {
        unsigned char byte = (unsigned char)i;
        expected += byte;
        if (write(p[1], &byte, 1) != 1) return 1;
    }
    close(p[1]);
    int total = 0, count = 0;
    for (int sum; read(sums[0], &sum, sizeof sum) == sizeof sum; ++count) total += sum;
    while (wait(0) > 0) {}
    printf("%d readers, total %s\n", count, total == expected ? "right" : "wrong");
    return 0;
}
