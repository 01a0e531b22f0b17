// Function pointers in tables and objects, and a switch.
#include <stdio.h>

struct shape {
    long (*area)(const struct shape *);
    long a, b;
};
static long square(const struct shape *s) { return s->a * s->a; }
static long oblong(const struct shape *s) { return s->a * s->b; }
static long triangle(const struct shape *s) { return s->a * s->b / 2; }
static long nothing(const struct shape *s) { return s->a & 0; }
static long (*const kinds[])(const struct shape *) = {square, oblong, triangle, nothing};

__attribute__((noinline)) static unsigned long apply(unsigned code, unsigned long x)
{
    switch (code) {
        case 0: return x + 1;
        case 1: return x ^ 0x55;
        case 2: return x << 1;
        case 3: return x >> 3;
        case 4: return x * 3;
        case 5: return x - 7;
        case 6: return ~x;
        case 7: return x & 0xffffffff;
        case 8: return x | 1;
        default: return x;
    }
}

int main(void)
{
    static struct shape shapes[1024];
    unsigned random = 3;
    for (int i = 0; i < 1024; i++) {
        random = random * 1103515245 + 12345;
        shapes[i] = (struct shape){kinds[random >> 16 & 3], random >> 20 & 255, i};
    }
    unsigned long sum = 0;
    for (int round = 0; round < 20000; round++)
        for (int i = 0; i < 1024; i++) {
            sum += (unsigned long)shapes[i].area(&shapes[i]);
            sum = apply((unsigned)shapes[i].a % 10, sum);
        }
    printf("%lu\n", sum);
    return 0;
}
