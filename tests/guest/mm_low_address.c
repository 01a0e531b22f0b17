// Mappings at the lowest addresses: for who has CAP_SYS_RAWIO, by mmap, mremap and a program's segments.
#define _GNU_SOURCE
#include "show.h"

#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// exit(42) at address 0.
static void make_program(void)
{
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segment;
        unsigned char code[16];
    } p = {0};
    static const unsigned char code[] = {0xb8, 60, 0, 0, 0, 0xbf, 42, 0, 0, 0, 0x0f, 0x05};
    memcpy(p.header.e_ident, ELFMAG "\2\1\1", 7);
    p.header.e_type = ET_EXEC;
    p.header.e_machine = EM_X86_64;
    p.header.e_version = 1;
    p.header.e_entry = offsetof(typeof(p), code);
    p.header.e_phoff = offsetof(typeof(p), segment);
    p.header.e_phentsize = sizeof p.segment;
    p.header.e_phnum = 1;
    p.segment = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, 0, 0, sizeof p, sizeof p, 0x1000};
    memcpy(p.code, code, sizeof code);
    int fd = open("low", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);
    if (write(fd, &p, sizeof p) != sizeof p) _exit(1);
    close(fd);
}

static void try(const char *who)
{
    void *high = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *at = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    printf("%s: mmap %d", who, at == MAP_FAILED ? errno : 0);
    if (at == 0) munmap(at, 4096);
    at = mremap(high, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, 0);
    printf(", mremap %d", at == MAP_FAILED ? errno : 0);
    munmap(at == 0 ? 0 : high, 4096);
    fflush(stdout);
    if (fork() == 0) {
        execl("./low", "low", (char *)0);
        _exit(errno);
    }
    int status;
    wait(&status);
    printf(", exec %x\n", status & 0xff7f);  // without WCOREDUMP
}

int main(void)
{
    char folder[] = "/tmp/guest-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) || chmod(folder, 0755)) return 1;
    make_program();
    try("as it is");
    fflush(stdout);
    if (fork() == 0) {
        if (getuid() == 0 && setuid(65534)) return 1;
        try("as nobody");
        return 0;
    }
    wait(0);
    unlink("low");
    rmdir(folder);
    return 0;
}
