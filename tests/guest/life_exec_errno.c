// LC-096, LC-097, LC-099, LC-111: what execve refuses; the caller goes on.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void try(const char* what, const char* path)
{
    char* argv[] = {"x", NULL};
    execve(path, argv, argv + 1);
    printf("%s: %s\n", what, strerror(errno));
}

static void make(const char* name, const void* data, size_t size, mode_t mode)
{
    int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700);
    write(fd, data, size);
    fchmod(fd, mode);
    close(fd);
}

int main(int argc, char** argv)
{
    char head[4096];
    int self = open(argv[0], O_RDONLY);
    read(self, head, sizeof head);
    make("empty", "", 0, 0755);
    make("text", "echo hello\n", 11, 0755);
    make("noexec", head, sizeof head, 0644);
    make("short", head, 40, 0755);
    head[18] = 3;
    make("i386", head, sizeof head, 0755);
    head[18] = 62;
    head[16] = 1;
    make("object", head, sizeof head, 0755);
    head[16] = 2;
    head[54] = 32;
    make("phentsize", head, sizeof head, 0755);
    head[54] = 56;
    head[56] = head[57] = 0;
    make("phnum", head, sizeof head, 0755);
    symlink("loop", "loop");
    try("missing", "missing");
    try("empty path", "");
    try("below a file", "text/x");
    try("loop", "loop");
    try("directory", ".");
    try("device", "/dev/null");
    try("empty", "./empty");
    try("text", "./text");
    try("no x bit", "./noexec");
    try("short", "./short");
    try("other machine", "./i386");
    try("object file", "./object");
    try("e_phentsize", "./phentsize");
    try("no segments", "./phnum");
    char* volatile bad_pointer = (char*)8;
    execve(bad_pointer, argv, argv);
    printf("bad path: %s\n", strerror(errno));
    execve("/bin/true", (char**)bad_pointer, NULL);
    printf("bad argv: %s\n", strerror(errno));
    char* bad[] = {"x", (char*)8, NULL};
    execve("/bin/true", bad, NULL);
    printf("bad string: %s\n", strerror(errno));
    int busy = open("text", O_WRONLY);
    try("open for writing", "./text");
    close(busy);
    return 0;
}
