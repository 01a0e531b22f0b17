// Canonical input: editing, end of file, end of line, and what is echoed.
// type: one> | hel\x7flo there\x17you\r
// type: two> | gone\x15kept\r
// type: three> | part\x04
// type: four> | \x16\x03\r
// type: five> | \x04
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void ask(const char* prompt)
{
    char line[64];
    write(1, prompt, strlen(prompt));
    int size = read(0, line, sizeof line);
    printf("[%d:", size);
    for (int i = 0; i < size; ++i) printf(" %02x", line[i]);
    printf("]\n");
    fflush(stdout);
}

int main(void)
{
    ask("one> ");
    ask("two> ");
    ask("three> ");
    ask("four> ");
    ask("five> ");
    return 5;
}
