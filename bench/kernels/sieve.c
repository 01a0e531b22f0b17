// Integer and memory: the primes below four million, ten times over.
#include <stdio.h>
#include <string.h>

static char composite[4000000];

int main(void)
{
    long primes = 0;
    for (int round = 0; round < 10; round++) {
        memset(composite, 0, sizeof composite);
        for (long i = 2; i < (long)sizeof composite; i++) {
            if (composite[i]) continue;
            primes++;
            for (long j = i * 2; j < (long)sizeof composite; j += i) composite[j] = 1;
        }
    }
    printf("%ld\n", primes);
    return 0;
}
