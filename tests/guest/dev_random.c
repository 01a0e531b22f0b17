// random(4): never the same twice, and writable.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    const char* paths[] = {"/dev/urandom", "/dev/random"};
    for (int i = 0; i < 2; ++i) {
        char one[64], two[64], big[10000];
        int fd = open(paths[i], O_RDWR);
        printf("%s %d %d", paths[i], (int)read(fd, one, 64), (int)read(fd, two, 64));
        printf(" differ %d, write %d", memcmp(one, two, 64) != 0, (int)write(fd, "seed", 4));
        int size = read(fd, big, sizeof big), counts[2] = {0};
        for (int at = 0; at < size; ++at) ++counts[big[at] & 1];
        printf(", even %d\n", size == 10000 && counts[0] > 4000 && counts[1] > 4000);
    }
    return 0;
}
