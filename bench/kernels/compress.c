// LZ77 with a hash table of earlier places, and back again.
#include <stdio.h>
#include <string.h>

enum { size = 1 << 20, hash_bits = 14, window = 32768 };
static unsigned char plain[size], packed[2 * size], again[size];
static int last_at[1 << hash_bits];

static void generate(void)
{
    static const char *const words[] = {"process ", "thread ", "signal ", "wait ", "the ", "of ", "exit ", "fork "};
    unsigned random = 7;
    for (int n = 0; n < size - 16;) {
        random = random * 1103515245 + 12345;
        const char *word = words[random >> 16 & 7];
        const int length = (int)strlen(word);
        memcpy(plain + n, word, (size_t)length);
        n += length;
        if ((random >> 20 & 7) == 0) plain[n++] = (unsigned char)(random >> 24);
    }
}

static int match_length(const unsigned char *a, const unsigned char *b, int limit)
{
    int n = 0;
    while (n < limit && a[n] == b[n]) n++;
    return n;
}

static int pack(void)
{
    int out = 0;
    memset(last_at, 0xff, sizeof last_at);
    for (int at = 0; at < size;) {
        int length = 0, from = 0;
        if (at + 4 <= size) {
            const unsigned four = plain[at] | plain[at + 1] << 8 | plain[at + 2] << 16 | (unsigned)plain[at + 3] << 24;
            int *slot = &last_at[four * 2654435761u >> (32 - hash_bits)];
            from = *slot;
            *slot = at;
            if (from >= 0 && at - from < window)
                length = match_length(plain + from, plain + at, size - at < 255 ? size - at : 255);
        }
        if (length >= 4) {
            packed[out++] = (unsigned char)length;
            packed[out++] = (unsigned char)(at - from);
            packed[out++] = (unsigned char)((at - from) >> 8);
            at += length;
        } else {
            packed[out++] = 0;
            packed[out++] = plain[at++];
        }
    }
    return out;
}

static int unpack(int bytes)
{
    int out = 0;
    for (int in = 0; in < bytes;) {
        const int length = packed[in++];
        if (!length) {
            again[out++] = packed[in++];
            continue;
        }
        const int distance = packed[in] | packed[in + 1] << 8;
        in += 2;
        for (int n = 0; n < length; n++, out++) again[out] = again[out - distance];
    }
    return out;
}

int main(void)
{
    generate();
    int bytes = 0, good = 0;
    for (int round = 0; round < 40; round++) {
        plain[round * 1000] ^= 1;
        bytes = pack();
        good += unpack(bytes) == size && memcmp(plain, again, size) == 0;
    }
    printf("%d %d\n", bytes, good);
    return good != 40;
}
