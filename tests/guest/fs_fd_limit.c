// No descriptor is left: which errno wins, and that open(2) has made and cut nothing by then.
#include "show.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void limit(rlim_t most)
{
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = most;
    setrlimit(RLIMIT_NOFILE, &r);
}

int main(void)
{
    int pair[2];
    struct stat s;
    setbuf(stdout, NULL);
    close_range(3, ~0u, 0);
    SHOW_NUMBER(open("kept", O_RDWR | O_CREAT, 0600));
    SHOW_NUMBER(write(3, "text", 4));
    limit(4);
    SHOW(open("new", O_RDWR | O_CREAT, 0600));
    SHOW(stat("new", &s));
    SHOW(open("kept", O_WRONLY | O_TRUNC));
    SHOW(stat("kept", &s));
    printf("%ld bytes\n", (long)s.st_size);
    SHOW(open("none/x", O_RDONLY));
    SHOW(open("", O_RDONLY));
    SHOW(open((char*)8, O_RDONLY));
    SHOW(open("kept", O_DIRECTORY | O_CREAT, 0600));
    SHOW(open(".", O_TMPFILE | O_RDWR, 0600));
    SHOW(pipe(pair));
    SHOW(eventfd(0, 0));
    SHOW(memfd_create("m", 0));
    SHOW(dup(0));
    SHOW(dup2(0, 4));
    SHOW(fcntl(0, F_DUPFD, 3));
    SHOW(fcntl(0, F_DUPFD, 4));
    close(3);
    SHOW(pipe(pair));
    SHOW_NUMBER(fcntl(1, F_DUPFD, 3));
    limit(0);
    SHOW(open("new", O_RDWR | O_CREAT, 0600));
    SHOW(dup(0));
    SHOW(fcntl(0, F_DUPFD, 0));
    SHOW(pipe(pair));
    return 0;
}
