// Writes of up to PIPE_BUF bytes by several processes do not mix.
#include "show.h"

#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    if (pipe(p)) return 1;
    for (int child = 0; child < 4; ++child)
        if (fork() == 0) {
            char block[512];
            memset(block, 'a' + child, sizeof block);
            for (int i = 0; i < 200; ++i)
                if (write(p[1], block, sizeof block) != sizeof block) _exit(1);
            _exit(0);
        }
    close(p[1]);
    char block[512];
    int blocks = 0, mixed = 0;
    for (size_t have = 0;;) {
        ssize_t n = read(p[0], block + have, sizeof block - have);
        if (n <= 0) break;
        have += (size_t)n;
        if (have < sizeof block) continue;
        for (size_t i = 1; i < sizeof block; ++i) mixed += block[i] != block[0];
        ++blocks;
        have = 0;
    }
    int status, good = 0;
    while (wait(&status) > 0) good += status == 0;
    printf("%d blocks, %d mixed, %d good\n", blocks, mixed, good);
    return 0;
}
