// The library's qsort with a function that compares, and a quicksort of one's own.
#include <stdio.h>
#include <stdlib.h>

enum { count = 400000 };
static int numbers[count], mine[count];

static int compare(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static void quicksort(int *first, int *last)
{
    while (last - first > 1) {
        const int pivot = first[(last - first) / 2];
        int *i = first, *j = last - 1;
        for (;;) {
            while (*i < pivot) i++;
            while (*j > pivot) j--;
            if (i >= j) break;
            const int swap = *i;
            *i++ = *j;
            *j-- = swap;
        }
        quicksort(i, last);
        last = i;
    }
}

int main(void)
{
    unsigned random = 1;
    unsigned long sum = 0;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < count; i++) mine[i] = numbers[i] = (int)((random = random * 1664525 + 1013904223) >> 8);
        qsort(numbers, count, sizeof numbers[0], compare);
        quicksort(mine, mine + count);
        for (int i = 0; i < count; i++) {
            if (numbers[i] != mine[i]) return 1;
            sum = sum * 31 + (unsigned)numbers[i];
        }
    }
    printf("%lu\n", sum);
    return 0;
}
