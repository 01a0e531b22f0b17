// /proc/cpuinfo says what the cpuid instruction says.
#include "show.h"

#include <cpuid.h>

static char line[8192];

/// The value of the first line with this key.
static const char* value(const char* key)
{
    FILE* f = fopen("/proc/cpuinfo", "r");
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, key, strlen(key)) != 0 || !strchr("\t ", line[strlen(key)])) continue;
        fclose(f);
        line[strcspn(line, "\n")] = 0;
        char* text = strchr(line, ':') + 1;
        return text + (*text == ' ');
    }
    fclose(f);
    return "";
}

static int flag(const char* name)
{
    char padded[64], all[8192];
    snprintf(padded, sizeof padded, " %s ", name);
    snprintf(all, sizeof all, " %s ", value("flags"));
    return strstr(all, padded) != 0;
}

int main(void)
{
    unsigned a, b, c, d;
    const struct {
        unsigned leaf, bit;
        char reg;
        const char* name;
    } features[] = {
        {1, 0, 'd', "fpu"},      {1, 2, 'd', "de"},         {1, 3, 'd', "pse"},      {1, 4, 'd', "tsc"},
        {1, 5, 'd', "msr"},      {1, 8, 'd', "cx8"},        {1, 9, 'd', "apic"},     {1, 13, 'd', "pge"},
        {1, 15, 'd', "cmov"},    {1, 16, 'd', "pat"},       {1, 24, 'd', "fxsr"},    {1, 26, 'd', "sse2"},
        {1, 0, 'c', "pni"},      {1, 1, 'c', "pclmulqdq"},  {1, 9, 'c', "ssse3"},    {1, 13, 'c', "cx16"},
        {1, 19, 'c', "sse4_1"},  {1, 20, 'c', "sse4_2"},    {1, 22, 'c', "movbe"},   {1, 23, 'c', "popcnt"},
        {1, 25, 'c', "aes"},     {1, 31, 'c', "hypervisor"}, {0x80000001, 11, 'd', "syscall"},
        {0x80000001, 20, 'd', "nx"}, {0x80000001, 27, 'd', "rdtscp"}, {0x80000001, 29, 'd', "lm"},
        {0x80000001, 0, 'c', "lahf_lm"}, {0x80000001, 5, 'c', "abm"},
    };
    for (unsigned i = 0; i < sizeof features / sizeof features[0]; ++i) {
        __get_cpuid(features[i].leaf, &a, &b, &c, &d);
        const int has = (features[i].reg == 'c' ? c : d) >> features[i].bit & 1;
        if (has != flag(features[i].name)) printf("%s: cpuid says %d\n", features[i].name, has);
    }

    __get_cpuid(1, &a, &b, &c, &d);
    printf("family %d\n", atoi(value("cpu family")) == (int)((a >> 8 & 15) == 15 ? 15 + (a >> 20 & 255) : a >> 8 & 15));
    printf("model %d\n", atoi(value("model")) == (int)((a >> 4 & 15) | (a >> 12 & 0xf0)));
    printf("stepping %d\n", atoi(value("stepping")) == (int)(a & 15));
    printf("clflush size %d\n", atoi(value("clflush size")) == (int)(b >> 8 & 255) * 8);
    unsigned vendor[4] = {0}, brand[13] = {0};
    __get_cpuid(0, &a, &vendor[0], &vendor[2], &vendor[1]);
    printf("vendor %d\n", strcmp(value("vendor_id"), (char*)vendor) == 0);
    printf("level %d\n", atoi(value("cpuid level")) == (int)a);
    for (int i = 0; i < 3; ++i)
        __get_cpuid(0x80000002 + i, &brand[4 * i], &brand[4 * i + 1], &brand[4 * i + 2], &brand[4 * i + 3]);
    printf("brand %d\n", strstr((char*)brand, value("model name")) != 0);
    return 0;
}
