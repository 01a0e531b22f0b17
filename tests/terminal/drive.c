// Runs a program on a new terminal and types at it, step by step.
//   drive STEPS PROGRAM [ARGS…]
// STEPS is a file; each of its lines "// type: SEEN | KEYS" waits until SEEN has appeared in the output
// since the step before, and types KEYS (\r, \n, \\ and \xHH are what they are in C). What the screen got
// goes to standard output, the exit status is the program's.
#define _GNU_SOURCE
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char screen[1 << 20];
static size_t shown, matched;

static size_t unescape(char* text)
{
    char* to = text;
    for (char* from = text; *from; ++from) {
        if (*from != '\\') {
            *to++ = *from;
        } else if (*++from == 'x') {
            char digits[3] = {from[1], from[2], 0};
            *to++ = (char)strtol(digits, 0, 16);
            from += 2;
        } else {
            *to++ = *from == 'r' ? '\r' : *from == 'n' ? '\n' : *from;
        }
    }
    return (size_t)(to - text);
}

// Takes in what the program shows; 0 when it has ended.
static int take(int side, int timeout_ms)
{
    struct pollfd ready = {side, POLLIN, 0};
    if (poll(&ready, 1, timeout_ms) <= 0) return 1;
    ssize_t size = read(side, screen + shown, sizeof screen - shown);
    if (size <= 0) return 0;
    shown += (size_t)size;
    return 1;
}

static int wait_for(int side, const char* text)
{
    for (int tries = 0; tries < 600; ++tries) {
        char* found = memmem(screen + matched, shown - matched, text, strlen(text));
        if (found) {
            matched = (size_t)(found - screen) + strlen(text);
            return 1;
        }
        if (!take(side, 100)) return 0;
    }
    return 0;
}

int main(int argc, char** argv)
{
    struct winsize size = {30, 100, 0, 0};
    int side;
    pid_t child = forkpty(&side, 0, 0, &size);
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    FILE* steps = fopen(argv[1], "r");
    char line[1024];
    while (steps && fgets(line, sizeof line, steps)) {
        if (strncmp(line, "// type: ", 9) != 0) continue;
        line[strcspn(line, "\n")] = 0;
        char* bar = strstr(line, " | ");
        *bar = 0;
        char* keys = bar + 3;
        const size_t count = unescape(keys);
        if (!wait_for(side, line + 9)) {
            fprintf(stderr, "never saw: %s\n", line + 9);
            kill(child, 9);
            break;
        }
        if (write(side, keys, count) < 0) break;
    }
    while (take(side, 20000)) continue;
    fwrite(screen, 1, shown, stdout);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
