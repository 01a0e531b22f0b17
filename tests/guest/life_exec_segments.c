// execve(2) of files whose segments overlap, lie at impossible offsets or name an interpreter nowhere.
#include "show.h"

#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
    Elf64_Ehdr header;
    Elf64_Phdr segment[3];
    unsigned char code[32];
};

// exit(42), mapped twice: at 0x400000, and at 0x402000 once more.
static struct program plain(void)
{
    static const unsigned char code[] = {0xb8, 60, 0, 0, 0, 0xbf, 42, 0, 0, 0, 0x0f, 0x05};
    struct program p = {0};
    memcpy(p.header.e_ident, ELFMAG "\2\1\1", 7);
    p.header.e_type = ET_EXEC;
    p.header.e_machine = EM_X86_64;
    p.header.e_version = 1;
    p.header.e_entry = 0x402000 + offsetof(struct program, code);
    p.header.e_phoff = offsetof(struct program, segment);
    p.header.e_ehsize = sizeof p.header;
    p.header.e_phentsize = sizeof p.segment[0];
    p.header.e_phnum = 3;
    for (int i = 0; i < 2; ++i)
        p.segment[i] =
            (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, 0x400000 + 0x2000 * i, 0, sizeof p, sizeof p, 0x1000};
    memcpy(p.code, code, sizeof code);
    return p;
}

static void try(const char* what, struct program p)
{
    int fd = open("made", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);
    if (write(fd, &p, sizeof p) != sizeof p) _exit(1);
    close(fd);
    fflush(stdout);
    if (fork() == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        char* args[] = {"made", 0};
        execve("./made", args, args + 1);
        printf("%s: errno %d\n", what, errno);
        fflush(stdout);
        _exit(0);
    }
    int status;
    wait(&status);
    printf("%s: status %x\n", what, status);
}

// A program that names an interpreter: itself goes over itself; others are refused before or after the point of
// no return.
static struct program interpreted(const char* path)
{
    struct program p = plain();
    strcpy((char*)p.code + 12, path);
    p.segment[2] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(struct program, code) + 12, .p_filesz = strlen(path) + 1};
    return p;
}

static void interpreter(const char* what, struct program p)
{
    int fd = open("by", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);
    if (write(fd, &p, sizeof p) != sizeof p) _exit(1);
    close(fd);
    try(what, interpreted("by"));
    unlink("by");
}

static void interpreters(void)
{
    struct program p = plain();
    try("itself", interpreted("made"));
    interpreter("another at the same place", p);
    p.header.e_type = ET_CORE;
    interpreter("one that is no program", p);
    p = plain();
    p.segment[0].p_type = p.segment[1].p_type = PT_NOTE;
    interpreter("one that loads nothing", p);
    p.header.e_machine = EM_386;
    interpreter("one for another processor", p);
    p = interpreted(".");
    p.code[12] = 0;
    try("nothing", p);
    try("a folder", interpreted("/"));
}

int main(void)
{
    char folder[] = "/tmp/guest-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder)) return 1;
    struct program p = plain();
    try("plain", p);
    p.segment[0].p_memsz = 0x2100;
    try("the first one's end is the second one's start", p);
    p = plain();
    p.segment[1].p_vaddr = 0x400000;
    p.header.e_entry -= 0x2000;
    try("the same place twice", p);
    p = plain();
    p.segment[0].p_offset = -0x1000ull;
    try("an offset just below the end of all", p);
    p.segment[0].p_offset = -0x3000ull;
    try("an offset far beyond the file", p);
    p = plain();
    p.segment[2] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = 0x7fffffffffffffff, .p_filesz = 10};
    try("an interpreter's name nowhere", p);
    p.segment[2].p_offset = 0x10000;
    try("an interpreter's name behind the end", p);
    interpreters();
    unlink("made");
    rmdir(folder);
    return 0;
}
