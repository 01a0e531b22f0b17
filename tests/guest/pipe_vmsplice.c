// vmsplice(2): a buffer for each part of a page, what fits and no more, its own flag for not waiting, both
// directions; it waits for room, and goes on or is killed there.
#define _GNU_SOURCE
#include "show.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char *memory;
static int caught;

static void on_signal(int sig) { caught = sig; }

static ssize_t put(int fd, size_t at, size_t size, unsigned flags)
{
    struct iovec one = {memory + at, size};
    return vmsplice(fd, &one, 1, flags);
}

static int waiting(int fd)
{
    int bytes = 0;
    ioctl(fd, FIONREAD, &bytes);
    return bytes;
}

static void into(void)
{
    int p[2];
    pipe(p);
    SHOW_NUMBER(put(p[1], 0, 10, 0));
    SHOW_NUMBER(write(p[1], "more", 4));
    SHOW_NUMBER(put(p[1], 4090, 20, 0));
    SHOW_NUMBER(waiting(p[0]));
    SHOW_NUMBER(put(p[1], 0, 200000, 0));
    SHOW_NUMBER(waiting(p[0]));
    SHOW_NUMBER(put(p[1], 0, 1, SPLICE_F_NONBLOCK));
    char back[64];
    SHOW_NUMBER(read(p[0], back, 14));
    printf("[%.14s]\n", back);
    SHOW_NUMBER(put(p[1], 0, 1, SPLICE_F_NONBLOCK | SPLICE_F_GIFT));
    SHOW_NUMBER(put(p[1], 0, 0, 0));
    SHOW_NUMBER(put(p[1], 0, 1, 16));
    SHOW_NUMBER(vmsplice(p[1], NULL, 0, 0));
    SHOW_NUMBER(vmsplice(p[1], NULL, 1, 0));
    SHOW_NUMBER(vmsplice(p[1], (void *)memory, 2000, 0));
    close(p[0]);
    close(p[1]);
}

static void parts_and_faults(void)
{
    int p[2];
    pipe(p);
    SHOW_NUMBER(put(p[1], 100, 65536, 0));
    SHOW_NUMBER(waiting(p[0]));
    close(p[0]);
    close(p[1]);
    pipe(p);
    struct iovec two[] = {{memory, 5000}, {(void *)8, 100}, {memory, 7}};
    SHOW_NUMBER(vmsplice(p[1], two, 3, 0));
    SHOW_NUMBER(vmsplice(p[1], two + 1, 2, 0));
    struct iovec gap[] = {{NULL, 0}, {memory, 3}, {memory + 8, 0}, {memory + 16, 4}};
    SHOW_NUMBER(vmsplice(p[1], gap, 4, 0));
    SHOW_NUMBER(waiting(p[0]));
    SHOW_NUMBER(vmsplice(p[0], two, 1, 0));
    SHOW_NUMBER(waiting(p[0]));
    SHOW_NUMBER(vmsplice(p[0], two, 1, SPLICE_F_NONBLOCK));
    close(p[1]);
    SHOW_NUMBER(vmsplice(p[0], two, 1, 0));
    SHOW_NUMBER(vmsplice(open("/dev/null", O_RDWR), two, 1, 0));
    SHOW_NUMBER(vmsplice(-1, two, 1, 0));
    close(p[0]);
}

static void no_reader(void)
{
    int p[2];
    signal(SIGPIPE, on_signal);
    pipe(p);
    close(p[0]);
    SHOW_NUMBER(put(p[1], 0, 10, 0));
    printf("signal %d\n", caught);
    close(p[1]);
}

// The descriptor's own flag is not asked.
static void own_flag(void)
{
    int p[2];
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGALRM, &action, NULL);
    pipe2(p, O_NONBLOCK);
    SHOW_NUMBER(put(p[1], 0, 65536, 0));
    alarm(1);
    SHOW_NUMBER(put(p[1], 0, 1, 0));
    alarm(0);
    char drain[65536];
    SHOW_NUMBER(read(p[0], drain, sizeof drain));
    alarm(1);
    SHOW_NUMBER(vmsplice(p[0], &(struct iovec){memory, 10}, 1, 0));
    alarm(0);
    close(p[0]);
    close(p[1]);
}

static int shared[2];
static void *close_the_end(void *unused)
{
    usleep(20000);
    close(shared[1]);
    usleep(20000);
    char drain[5000];
    read(shared[0], drain, sizeof drain);
    return unused;
}

static void waits(void)
{
    int p[2], status;
    pipe(p);
    put(p[1], 0, 65536, 0);
    const pid_t child = fork();
    if (child == 0) {
        put(p[1], 0, 100, 0);
        _exit(1);
    }
    usleep(20000);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    printf("killed %d\n", WIFSIGNALED(status));
    const pid_t other = fork();
    if (other == 0) _exit(put(p[1], 0, 100, 0) == 100 ? 3 : 4);
    usleep(20000);
    char drain[4096];
    SHOW_NUMBER(read(p[0], drain, sizeof drain));
    waitpid(other, &status, 0);
    printf("went on %d, %d bytes\n", WEXITSTATUS(status), waiting(p[0]));
    close(p[0]);
    close(p[1]);

    // Another thread closes the descriptor meanwhile: the call still has the pipe.
    pthread_t thread;
    pipe(shared);
    put(shared[1], 0, 65536, 0);
    pthread_create(&thread, NULL, close_the_end, NULL);
    SHOW_NUMBER(put(shared[1], 0, 30, 0));
    pthread_join(thread, NULL);
    close(shared[0]);
}

int main(void)
{
    memory = mmap(NULL, 300000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 'x', 300000);
    into();
    parts_and_faults();
    no_reader();
    own_flag();
    waits();
    return 0;
}
