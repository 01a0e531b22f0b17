// Indirect jumps: a loop that dispatches byte codes.
#include <stdio.h>

int main(void)
{
    static const unsigned char program[] = {0, 1, 2, 0, 3, 1, 4, 2, 5, 6};
    static const void *const label[] = {&&add, &&xor, &&shift, &&inc, &&mul, &&sub, &&loop};
    unsigned long a = 1, b = 7, left = 12000000;
    unsigned pc = 0;
    goto *label[program[pc]];
add: a += b; goto *label[program[++pc]];
xor: b ^= a; goto *label[program[++pc]];
shift: a = a << 1 | a >> 63; goto *label[program[++pc]];
inc: b++; goto *label[program[++pc]];
mul: a *= 31; goto *label[program[++pc]];
sub: a -= b; goto *label[program[++pc]];
loop:
    pc = 0;
    if (--left) goto *label[program[pc]];
    printf("%lu %lu\n", a, b);
    return 0;
}
