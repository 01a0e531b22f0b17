// pty(7), termios(3): who writes waits for room, who reads waits for as many bytes as VMIN says.
#include "show.h"
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { much = 300000 };

static void read_all(const char* what, int fd)
{
    static char bytes[8192];
    long all = 0, wrong = 0;
    while (all < much) {
        const ssize_t got = read(fd, bytes, sizeof bytes);
        if (got <= 0) break;
        for (ssize_t i = 0; i < got; ++i) wrong += bytes[i] != (char)('a' + (all + i) % 26);
        all += got;
    }
    printf("%s: %ld bytes, %ld of them wrong\n", what, all, wrong);
}

static void write_all(int fd)
{
    static char bytes[much];
    for (int i = 0; i < much; ++i) bytes[i] = (char)('a' + i % 26);
    _exit(write(fd, bytes, much) == much ? 0 : 1);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    int master, own;
    openpty(&master, &own, 0, 0, 0);
    if (fork() == 0) write_all(own);
    usleep(20000);
    read_all("to the master, cooked", master);
    int status;
    wait(&status);
    printf("written %d\n", status);

    struct termios modes;
    tcgetattr(own, &modes);
    cfmakeraw(&modes);
    tcsetattr(own, TCSANOW, &modes);
    if (fork() == 0) write_all(master);
    usleep(20000);
    read_all("from the master", own);
    wait(&status);
    printf("written %d\n", status);

    modes.c_cc[VMIN] = 5;
    tcsetattr(own, TCSANOW, &modes);
    if (fork() == 0) {
        char bytes[8] = "";
        const ssize_t got = read(own, bytes, sizeof bytes - 1);
        printf("piece by piece: %zd %s\n", got, bytes);
        _exit(0);
    }
    for (const char* piece = "abcde"; *piece; ++piece) {
        usleep(10000);
        write(master, piece, 1);
    }
    wait(0);

    modes.c_cc[VMIN] = 3;
    modes.c_cc[VTIME] = 2;
    tcsetattr(own, TCSANOW, &modes);
    write(master, "xy", 2);
    char bytes[8] = "";
    printf("until a pause: %zd\n", read(own, bytes, sizeof bytes));

    fcntl(own, F_SETFL, O_NONBLOCK);
    static char chunk[4096];
    long all = 0;
    for (ssize_t put; (put = write(own, chunk, sizeof chunk)) > 0;) all += put;
    printf("full: %s, much of it %d\n", outcome(-1), all > 4096);
    return 0;
}
