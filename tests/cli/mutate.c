// Writes a file that differs from another in a few places that are chosen by a seed: bits, extreme values, an end
// that is missing. With "elf" most of them lie in the ELF and program headers.
//   mutate elf|bytes FILE SEED >RESULT
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t below(uint64_t limit)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % limit;
}

static uint64_t extreme(uint64_t old)
{
    static const uint64_t values[] = {0, 1, 2, 7, 0xfff, 0x1000, 0xffff, 1ull << 20, 0x7fffffff, 0x80000000, 0xffffffff,
                                      1ull << 40, (1ull << 47) - 4096, 1ull << 47, 1ull << 61, ~0ull >> 1, 1ull << 63, ~4095ull, ~0ull};
    const uint64_t count = sizeof values / sizeof *values;
    const uint64_t n = below(count + 4);
    if (n < count) return values[n];
    return n == count ? old + 4096 : n == count + 1 ? old - 4096 : n == count + 2 ? old + 1 : old * 2;
}

static void change_headers(uint8_t* bytes)
{
    static const uint8_t fields[] = {16, 18, 20, 24, 32, 40, 48, 52, 54, 56, 58, 60, 62};
    static const uint8_t sizes[] = {2, 2, 4, 8, 8, 8, 4, 2, 2, 2, 2, 2, 2};
    const uint64_t headers = bytes[56] ? bytes[56] : 1;
    size_t at, size;
    if (below(4) == 0) {
        const uint64_t n = below(sizeof fields);
        at = fields[n], size = sizes[n];
    } else {
        at = 64 + 56 * below(headers), size = below(8) ? 8 : 4;
        at += size == 8 ? 8 + 8 * below(6) : 4 * below(2);
    }
    uint64_t value = 0;
    memcpy(&value, bytes + at, size);
    value = below(3) ? extreme(value) : value ^ 1ull << below(8 * size);
    memcpy(bytes + at, &value, size);
}

int main(int argc, char** argv)
{
    static uint8_t bytes[8 << 20];
    FILE* from = argc == 4 ? fopen(argv[2], "rb") : 0;
    if (!from) return 2;
    size_t size = fread(bytes, 1, sizeof bytes, from);
    const int elf = strcmp(argv[1], "elf") == 0;
    state = strtoull(argv[3], 0, 0) * 2654435761u + 1;
    for (uint64_t changes = 1 + below(3); changes > 0; changes--) {
        const uint64_t kind = below(8);
        const size_t at = below(size);
        if (elf && kind < 6) change_headers(bytes);
        else if (kind < 4) bytes[at] ^= 1 << below(8);
        else if (kind < 6) memset(bytes + at, 0xff, size - at < 8 ? size - at : 8);
        else size = at + 1;
    }
    return fwrite(bytes, 1, size, stdout) != size;
}
