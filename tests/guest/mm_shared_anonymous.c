// MAP_SHARED | MAP_ANONYMOUS is one memory for parent and child; a private neighbour is not.
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int* shared = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int* private = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    shared[0] = 1;
    private[0] = 1;
    if (fork() == 0) {
        shared[0]++;
        shared[2048] = 7;
        private[0]++;
        mprotect(shared, 4096, PROT_READ);  // of this process alone
        if (fork() == 0) {
            shared[1024] = 99;
            _exit(0);
        }
        wait(0);
        _exit(0);
    }
    wait(0);
    printf("%d %d %d, private %d\n", shared[0], shared[1024], shared[2048], private[0]);
    shared[0] = 5;
    printf("still writable %d\n", shared[0]);
    return 0;
}
