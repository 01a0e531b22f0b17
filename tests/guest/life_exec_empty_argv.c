// LC-111: without arguments the program is given one empty string.
#include <stdio.h>
#include <unistd.h>

extern char** environ;

int main(int argc, char** argv)
{
    if (argc > 0 && argv[0][0]) {
        char* env[] = {NULL};
        execve(argv[0], NULL, env);
        return 1;
    }
    printf("argc %d, \"%s\", env %p\n", argc, argv[0], (void*)environ[0]);
    return 0;
}
