// One thread logs to a descriptor that another closes, and then opens its data file, which gets the same
// number. Status 1: a line of the log is in the data.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int log_fd;
static int data;

static void *log_lines(void *unused)
{
    for (int i = 0; i < 4; i++) {
        const int fd = log_fd;
        if (fd < 0) break;
        if (write(fd, "log\n", 4) < 0) break;
    }
    return unused;
}

static void *stop_logging(void *unused)
{
    const int fd = log_fd;
    log_fd = -1;
    close(fd);
    data = memfd_create("data", 0);
    return unused;
}

int main(void)
{
    pthread_t logger, stopper;
    char text[64] = "";
    log_fd = memfd_create("log", 0);
    pthread_create(&logger, 0, log_lines, 0);
    pthread_create(&stopper, 0, stop_logging, 0);
    pthread_join(logger, 0);
    pthread_join(stopper, 0);
    if (pread(data, text, sizeof text - 1, 0) < 0) return 2;
    return strstr(text, "log") != 0;
}
