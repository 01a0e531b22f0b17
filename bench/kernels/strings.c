// The C library's string functions on short and long strings.
#include <stdio.h>
#include <string.h>

enum { lines = 2000 };
static char text[lines][96];

int main(void)
{
    unsigned random = 12345;
    for (int i = 0; i < lines; i++) {
        const int length = 8 + i * 7 % 80;
        for (int k = 0; k < length; k++) text[i][k] = (char)('a' + (random = random * 1103515245 + 12345) / 65536 % 26);
    }
    unsigned long sum = 0;
    for (int round = 0; round < 1200; round++) {
        char copy[256] = "", joined[256];
        for (int i = 0; i < lines; i++) {
            const size_t length = strlen(text[i]);
            memcpy(copy, text[i], length + 1);
            sum += length + (unsigned)(strcmp(copy, text[(i + 1) % lines]) > 0);
            const char *found = strchr(copy, 'a' + round % 26);
            if (found) sum += (unsigned long)(found - copy);
            if (strstr(copy, "xyz")) sum += 1000;
            strcpy(joined, copy);
            strcat(joined, text[(i + round) % lines]);
            sum += (unsigned char)joined[length] + (memcmp(joined, copy, length) == 0);
        }
    }
    printf("%lu\n", sum);
    return 0;
}
