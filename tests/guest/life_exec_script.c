// LC-105 to LC-108: interpreters of scripts, their one argument, how long the line may be, how deep.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void make(const char* name, const char* text)
{
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0755);
    write(fd, text, strlen(text));
    close(fd);
}

static void run(const char* name)
{
    fflush(stdout);
    if (fork() == 0) {
        char* argv[] = {"zero", "one", "two  three", NULL};
        char* envp[] = {NULL};
        execve(name, argv, envp);
        printf("%s: %s\n", name, strerror(errno));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

int main(void)
{
    make("s1", "#!/bin/echo\n");
    make("s2", "#! \t/bin/echo A  B \t\n");
    make("s3", "#!/bin/echo");
    make("s4", "#!\n");
    make("s5", "#!   ");
    make("s6", "#!/bin/echo\r\n");
    make("s7", "#!/nowhere/echo\n");
    make("s8", "#!./s8\n");
    make("s9", "#!/bin\n");
    run("./s1");
    run("./s2");
    run("./s3");
    run("./s4");
    run("./s5");
    run("./s6");
    run("./s7");
    run("./s8");
    run("./s9");
    for (int length = 252; length <= 258; length++) {
        char line[300];
        memset(line, '/', sizeof line);
        memcpy(line, "#!/", 3);
        strcpy(line + length - 9, "/bin/echo");
        strcat(line, "\n");
        make("long", line);
        run("./long");
        strcpy(line, "#!/bin/echo ");
        memset(line + 12, 'x', length - 12);
        strcpy(line + length, "\n");
        make("long", line);
        run("./long");
    }
    make("n0", "#!/bin/echo n0\n");
    for (int i = 1; i <= 5; i++) {
        char name[8], text[20];
        sprintf(name, "n%d", i);
        sprintf(text, "#!./n%d\n", i - 1);
        make(name, text);
    }
    run("./n4");
    run("./n5");
    return 0;
}
