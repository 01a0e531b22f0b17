// LC-112, LC-113, LC-114: the first stack: argc, strings in order, the auxiliary vector.
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char** environ;

int main(int argc, char** argv, char** envp)
{
    if (argc < 3) {
        char* args[] = {"name", "first", "second", NULL};
        char* env[] = {"A=1", "BB=22", NULL};
        execve(argv[0], args, env);
        return 1;
    }
    printf("argc %d, %s %s %s, %s %s\n", argc, argv[0], argv[1], argv[2], envp[0], envp[1]);
    uint64_t* words = (uint64_t*)argv - 1;
    printf("argc below argv: %lu, aligned %lu\n", words[0], (uintptr_t)words % 16);
    printf("strings in order: %d\n", argv[0] < argv[1] && argv[2] + 7 == envp[0] && envp[0] + 4 == envp[1]);
    while (*envp) envp++;
    uint64_t* aux = (uint64_t*)(envp + 1);
    for (; aux[0] != AT_NULL; aux += 2) {
        switch (aux[0]) {
            case AT_PAGESZ:
                printf("pagesz %lu\n", aux[1]);
                break;
            case AT_CLKTCK:
                printf("clktck %lu\n", aux[1]);
                break;
            case AT_PHENT:
                printf("phent %lu\n", aux[1]);
                break;
            case AT_UID:
                printf("uid %d\n", aux[1] == getuid());
                break;
            case AT_SECURE:
                printf("secure %lu\n", aux[1]);
                break;
            case AT_PLATFORM:
                printf("platform %s\n", (char*)aux[1]);
                break;
            case AT_EXECFN:
                printf("execfn above env %d\n", (char*)aux[1] > argv[2]);
                break;
            case AT_RANDOM:
                printf("random %d\n", aux[1] < (uint64_t)argv[0]);
                break;
            default:
                break;
        }
    }
    return 0;
}
