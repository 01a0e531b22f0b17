// The program whose bytes are changed (mutate.c).
#include <stdio.h>

int main(void)
{
    puts("unharmed");
    return 7;
}
