// A hash map with open addressing: words that are inserted, found and removed.
#include <stdint.h>
#include <stdio.h>

enum { slots = 1 << 16 };
struct entry {
    uint64_t key, count;
};
static struct entry map[slots];

static struct entry *find(uint64_t key)
{
    uint64_t i = key * 0x9e3779b97f4a7c15 >> 48;
    while (map[i].key && map[i].key != key) i = (i + 1) % slots;
    return &map[i];
}

int main(void)
{
    uint64_t random = 1, found = 0;
    for (long n = 0; n < 20000000; n++) {
        random = random * 6364136223846793005 + 1442695040888963407;
        struct entry *entry = find(1 + (random >> 40) % 40000);
        found += entry->count != 0;
        entry->key = 1 + (random >> 40) % 40000;
        entry->count++;
    }
    uint64_t sum = 0;
    for (int i = 0; i < slots; i++) sum = sum * 31 + map[i].key * map[i].count;
    printf("%lu %lu\n", found, sum);
    return 0;
}
