// Raw input: bytes as they are typed, VMIN and VTIME, and the modes that TCGETS shows.
// type: raw> | a\x03\x7f\r
// type: min> | 123
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void show(const char* text, const char* bytes, int size)
{
    char line[256];
    int at = sprintf(line, "%s %d:", text, size);
    for (int i = 0; i < size; ++i) at += sprintf(line + at, " %02x", bytes[i]);
    write(1, line, sprintf(line + at, "\r\n") + at);
}

int main(void)
{
    struct termios before, modes;
    tcgetattr(0, &before);
    printf("%o %o %o %o: %d %d %d\n", before.c_iflag & ~IUTF8, before.c_oflag, before.c_cflag & ~CBAUD,
           before.c_lflag, before.c_cc[VINTR], before.c_cc[VERASE], before.c_cc[VEOF]);
    fflush(stdout);
    modes = before;
    cfmakeraw(&modes);
    tcsetattr(0, TCSADRAIN, &modes);
    char bytes[64];
    int size = 0;
    write(1, "raw> ", 5);
    while (size < 4) size += read(0, bytes + size, sizeof bytes - size);
    show("four", bytes, size);
    modes.c_cc[VMIN] = 3;
    tcsetattr(0, TCSADRAIN, &modes);
    write(1, "min> ", 5);
    show("three", bytes, read(0, bytes, sizeof bytes));
    modes.c_cc[VMIN] = 0;
    modes.c_cc[VTIME] = 1;
    tcsetattr(0, TCSADRAIN, &modes);
    show("nothing", bytes, read(0, bytes, sizeof bytes));
    modes.c_cc[VTIME] = 0;
    tcsetattr(0, TCSADRAIN, &modes);
    show("at once", bytes, read(0, bytes, sizeof bytes));
    tcsetattr(0, TCSAFLUSH, &before);
    return 0;
}
