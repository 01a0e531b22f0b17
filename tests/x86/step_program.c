// What the step test runs: a static program whose start, with the C library's own, is longer than what is
// compared, and has calls, loops, tables of jumps, strings, floating point, x87, sorting and the heap in it.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct item {
    double key;
    char name[24];
};

static int by_key(const void *a, const void *b)
{
    const double x = ((const struct item *)a)->key, y = ((const struct item *)b)->key;
    return (x > y) - (x < y);
}

static unsigned interpret(const char *program, unsigned value)
{
    for (; *program; ++program) {
        switch (*program) {
            case '+': value += 3; break;
            case '-': value -= 7; break;
            case '*': value *= 5; break;
            case '<': value = value << 3 | value >> 29; break;
            case '/': value /= 3; break;
            case '%': value %= 1000003; break;
            case '~': value = ~value; break;
            default: value ^= (unsigned char)*program; break;
        }
    }
    return value;
}

int main(int argc, char **argv)
{
    struct item *items = calloc(64, sizeof *items);
    unsigned long total = (unsigned long)argc + strlen(argv[0]);
    for (unsigned round = 0; round < 1000; ++round) {
        for (int i = 0; i < 64; ++i) {
            items[i].key = sqrt((double)((round * 64 + (unsigned)i) * 2654435761u % 1009u));
            snprintf(items[i].name, sizeof items[i].name, "%d:%.3f:%Lg", i, items[i].key, (long double)i / 3);
        }
        qsort(items, 64, sizeof *items, by_key);
        for (int i = 0; i < 64; ++i) {
            char *copy = strdup(items[i].name);
            total += interpret(copy, round) + (unsigned long)strtod(strchr(copy, ':') + 1, NULL);
            free(copy);
        }
        printf("%lu\n", total);
        fflush(stdout);
    }
    return 0;
}
