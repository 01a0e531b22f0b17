// Many small functions that call each other, and deep recursion.
#include <stdio.h>

#define NOINLINE __attribute__((noinline))
static NOINLINE long add(long a, long b) { return a + b; }
static NOINLINE long twice(long a) { return add(a, a); }
static NOINLINE long mix(long a, long b) { return twice(a) ^ add(b, 3); }
static NOINLINE long clamp(long a) { return a < 0 ? -a : a; }
static NOINLINE long step(long a, long b) { return clamp(mix(a, b)) % 1000003; }

static NOINLINE long tak(long x, long y, long z)
{
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

static NOINLINE long depth(long n) { return n ? 1 + depth(n - 1) : 0; }

int main(void)
{
    long a = 1;
    for (long i = 0; i < 30000000; i++) a = step(a, i);
    long deep = 0;
    for (int i = 0; i < 2000; i++) deep += depth(5000 + i);
    printf("%ld %ld %ld\n", a, tak(24, 16, 8), deep);
    return 0;
}
