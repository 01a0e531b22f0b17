// Keys that are signals, by handler and by default.
// type: ready | \x03
// type: SIGINT | \x1c
// type: SIGQUIT | ab\x03
// type: SIGINT | cd\r
// type: line | \x03
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void handler(int signal)
{
    const char* name = signal == SIGINT ? "<SIGINT>\n" : "<SIGQUIT>\n";
    write(1, name, strlen(name));
}

int main(void)
{
    char line[64];
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, 0);
    sigaction(SIGQUIT, &action, 0);
    write(1, "ready\n", 6);
    int size = read(0, line, sizeof line);
    signal(SIGINT, SIG_DFL);
    printf("line %.*s", size, line);
    fflush(stdout);
    pause();
    return 0;
}
