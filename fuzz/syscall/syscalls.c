// Random system calls with random arguments, wild jumps, random code and mutated signal frames: hostile to
// the kernel it runs on, which is Norn. Refuses to run elsewhere: the machine must be called norn-fuzz.
//   norn run --hostname norn-fuzz -m 64m --pids-limit 60 -- syscalls SEED WORKERS [-v]
// A worker is a process that makes some hundred calls or dies of one; with -v each call is written first.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "calls.h"

enum { page = 4096, arena_pages = 64, calls_each = 300, call_count = sizeof calls / sizeof *calls };

static uint64_t state;
static uint8_t* arena;  // shared by workers; some of its pages are not there, or may not be written
static pid_t parent;
static int verbose;

static uint64_t rnd(void)
{
    state += 0x9e3779b97f4a7c15ull;
    uint64_t z = state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}
static uint64_t below(uint64_t limit) { return rnd() % limit; }
static int once_in(uint64_t n) { return below(n) == 0; }

// No C library from here on in a worker: its thread pointer may be anything.
static long raw(long number, const uint64_t* a)
{
    register uint64_t r10 asm("r10") = a[3];
    register uint64_t r8 asm("r8") = a[4];
    register uint64_t r9 asm("r9") = a[5];
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

static uint64_t number(void)
{
    static const uint64_t edges[] = {0, 1, 2, 3, 7, 8, 16, 63, 64, 127, 255, 511, 4095, 4096, 4097, 65535, 65536, 1 << 20,
                                     0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
                                     0x8000000000000000, ~0ull, ~1ull, ~4095ull};
    switch (below(4)) {
        case 0: return below(16);
        case 1: return edges[below(sizeof edges / sizeof *edges)];
        case 2: return edges[below(sizeof edges / sizeof *edges)] + below(5) - 2;
        default: return rnd() >> below(64);
    }
}

static uint64_t wild(void)
{
    static const uint64_t places[] = {0, 1, 4096, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000, 0xffff800000000000,
                                      0xffffffffff600000, ~0ull, ~7ull};
    return once_in(2) ? places[below(sizeof places / sizeof *places)] : rnd() >> below(40);
}

static uint8_t* somewhere(void)
{
    uint8_t* at = arena + below(arena_pages) * page;
    return once_in(3) ? at + page - below(64) : at + below(page);
}

static uint64_t seconds_of(void)
{
    return once_in(4) ? number() : below(3);
}

static uint64_t structure(void)
{
    if (once_in(16)) return wild();
    uint8_t* at = somewhere();
    if (once_in(4)) return (uint64_t)at;
    // Only into pages that may be written: the first half of the arena.
    at = arena + below(arena_pages / 2 - 1) * page + below(page / 8) * 8;
    uint64_t* words = (uint64_t*)at;
    for (int i = 0; i < 16; i++) {
        switch (below(5)) {
            case 0: words[i] = number(); break;
            case 1: words[i] = (uint64_t)somewhere(); break;
            case 2: words[i] = below(70) | below(70) << 32; break;
            case 3: words[i] = 0; break;
            default: words[i] = once_in(2) ? 1ull << below(64) : rnd(); break;
        }
    }
    return (uint64_t)at;
}

static uint64_t timespec(void)
{
    if (once_in(3)) return 0;
    if (once_in(8)) return structure();
    uint64_t* at = (uint64_t*)(arena + below(page / 16) * 16);
    at[0] = seconds_of();
    at[1] = once_in(4) ? number() : below(1000000000);
    return (uint64_t)at;
}

static uint64_t path(void)
{
    static const char* const paths[] = {
        "", ".", "..", "/", "a", "b", "d", "d/e", "d/e/f", "link", "loop", "fifo", "gone", "a/b", "d/..", "socket",
        "/proc", "/proc/self", "/proc/self/maps", "/proc/self/status", "/proc/self/mem", "/proc/self/fd",
        "/proc/self/fd/3", "/proc/self/fd/7", "/proc/self/exe", "/proc/self/cwd", "/proc/self/root", "/proc/self/task",
        "/proc/self/stat", "/proc/self/comm", "/proc/self/environ", "/proc/self/oom_score_adj", "/proc/self/timers",
        "/proc/self/mountinfo", "/proc/self/syscall", "/proc/self/wchan", "/proc/self/pagemap", "/proc/self/smaps",
        "/proc/thread-self", "/proc/1", "/proc/1/stat", "/proc/2/mem", "/proc/3/fd", "/proc/99999", "/proc/stat",
        "/proc/meminfo", "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/pid_max",
        "/proc/sys/fs/pipe-max-size", "/proc/loadavg", "/proc/mounts", "/proc/locks", "/dev/null", "/dev/zero", "/dev/full",
        "/dev/tty", "/dev/ptmx", "/dev/pts/0", "/dev/random", "/dev/shm", "/dev/shm/x", "/dev/fd/5", "/dev/stdin",
        "/dev/console", "/sys", "/sys/devices/system/cpu/online", "/etc/passwd", "/usr/bin/true", "/bin/sh", "/tmp",
        "/tmp/x", "user.x", "security.capability", "tmpfs", "proc", "/nowhere/x", "a/", "link/", "d/e/", "./a", "//"};
    if (once_in(16)) return wild();
    if (once_in(16)) return (uint64_t)somewhere();
    char* at = (char*)arena + page * below(8) + below(16) * 128;
    if (once_in(12)) {
        const uint64_t length = once_in(2) ? 255 + below(3) : 4094 + below(4);
        memset(at, once_in(2) ? 'x' : '/', length);
        at[length] = 0;
        return (uint64_t)at;
    }
    strcpy(at, paths[below(sizeof paths / sizeof *paths)]);
    return (uint64_t)at;
}

static uint64_t pid_of_somebody(void)
{
    uint64_t self[6] = {0};
    switch (below(6)) {
        case 0: return 0;
        case 1: return number();
        case 2: return 1 + below(60);
        case 3: return -(1 + below(60));
        default: return raw(once_in(2) ? SYS_gettid : SYS_getpid, self);
    }
}

static uint64_t vector_of_buffers(void)
{
    if (once_in(12)) return structure();
    uint64_t* at = (uint64_t*)(arena + page * below(16) + below(64) * 16);
    for (int i = 0; i < 8; i++) {
        at[2 * i] = once_in(16) ? wild() : (uint64_t)somewhere();
        at[2 * i + 1] = once_in(8) ? number() : below(2 * page);
    }
    return (uint64_t)at;
}

static uint64_t vector_of_strings(void)
{
    if (once_in(6)) return once_in(2) ? 0 : structure();
    uint64_t* at = (uint64_t*)(arena + page * 9 + below(16) * 64);
    const uint64_t count = below(5);
    for (uint64_t i = 0; i < count; i++) at[i] = path();
    at[count] = 0;
    return (uint64_t)at;
}

static uint64_t argument(char kind)
{
    if (once_in(24)) return once_in(2) ? number() : wild();
    switch (kind) {
        case 'f': return once_in(12) ? (uint64_t)AT_FDCWD : once_in(20) ? number() : below(48);
        case 'p': return path();
        case 'b': return once_in(12) ? wild() : (uint64_t)somewhere();
        case 'l': return once_in(3) ? number() : once_in(2) ? below(3) * page : 8 << below(3);
        case 's': return structure();
        case 't': return timespec();
        case 'n': return once_in(8) ? number() : below(24);
        case 'x': return once_in(3) ? 0 : once_in(3) ? number() : 1ull << below(32) | (once_in(2) ? 1ull << below(32) : 0);
        case 'g': return once_in(16) ? number() : below(66);
        case 'P': return pid_of_somebody();
        case 'a': return once_in(6) ? wild() : (uint64_t)(arena + below(arena_pages + 16) * page);
        case 'o': return once_in(2) ? below(3 * page) : number();
        case 'm': return once_in(4) ? number() : below(07777) | (once_in(2) ? below(16) << 12 : 0);
        case 'u': return once_in(3) ? ~0u : once_in(2) ? below(2000) : 0;
        case 'w': return vector_of_buffers();
        case 'S': return structure();
        case 'F': return (uint64_t)(arena + below(8) * 4 + (once_in(16) ? 1 : 0));
        case 'v': return vector_of_strings();
        case 'k': return below(18);
        default: return number();
    }
}

static void worker_calls(int count);

// Clones, and gives the child (if it has a stack of its own) some calls to make.
static void clone_call(uint64_t flags)
{
    static uint8_t stacks[16][8192] __attribute__((aligned(16)));
    uint64_t* top = (uint64_t*)(stacks[below(16)] + 8192 - 64);
    const uint64_t a[6] = {flags, once_in(8) ? 0 : (uint64_t)top, structure(), structure(), once_in(2) ? structure() : wild()};
    register uint64_t r10 asm("r10") = a[3];
    register uint64_t r8 asm("r8") = a[4];
    long result;
    asm volatile("syscall\n\t"
                 "test %%rax, %%rax\n\t"
                 "jnz 1f\n\t"
                 "and $-16, %%rsp\n\t"
                 "mov $20, %%edi\n\t"
                 "call *%%rbx\n\t"
                 "mov $60, %%eax\n\t"
                 "syscall\n"
                 "1:"
                 : "=a"(result)
                 : "a"(56), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "b"(worker_calls)
                 : "rcx", "r11", "memory");
}

// Once in a handler: the frame that the return will read is not what the kernel wrote.
static void mutate_frame(int signo, siginfo_t* info, void* context)
{
    (void)signo, (void)info;
    ucontext_t* frame = context;
    uint8_t* bytes = context;
    for (uint64_t i = 1 + below(4); i > 0; i--) {
        switch (below(4)) {
            case 0: bytes[below(sizeof *frame)] ^= 1 << below(8); break;
            case 1: frame->uc_mcontext.gregs[below(23)] = once_in(2) ? number() : wild(); break;
            case 2:
                if (frame->uc_mcontext.fpregs) ((uint8_t*)frame->uc_mcontext.fpregs)[below(900)] ^= 1 << below(8);
                break;
            default:
                if (once_in(2)) frame->uc_mcontext.fpregs = (void*)(once_in(2) ? wild() : (uint64_t)somewhere());
                else frame->uc_flags = number();
        }
    }
}

static void frame_round(void)
{
    struct sigaction action = {.sa_sigaction = mutate_frame, .sa_flags = SA_SIGINFO | (once_in(3) ? SA_ONSTACK : 0)};
    sigaction(SIGUSR1, &action, 0);
    for (int i = 0; i < 20; i++) raise(SIGUSR1);
}

// Random bytes as code, or a jump to anywhere.
static void wild_jump(void)
{
    uint64_t to = wild();
    if (!once_in(8)) {
        const uint64_t a[6] = {0, 4 * page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~0ull, 0};
        const long at = raw(SYS_mmap, a);
        if (at < 0) return;
        for (int i = 0; i < 2 * page; i += 8) *(uint64_t*)(at + i) = once_in(6) ? 0x050f << below(32) : rnd();
        to = at + below(page);
    }
    asm volatile("jmp *%0" : : "r"(to), "a"(below(340)), "c"(below(100)), "d"(rnd()), "b"(arena), "S"(arena + page), "D"(arena) : "memory");
}

static void write_call(long number_, const uint64_t* a, int count)
{
    char line[200];
    int n = 0;
    const uint64_t words[8] = {(uint64_t)number_, a[0], a[1], a[2], a[3], a[4], a[5]};
    for (int i = 0; i <= count; i++) {
        for (int shift = 60; shift >= 0; shift -= 4)
            if (words[i] >> shift || shift == 0) line[n++] = "0123456789abcdef"[words[i] >> shift & 15];
        line[n++] = i == count ? '\n' : ' ';
    }
    const uint64_t out[6] = {2, (uint64_t)line, n};
    raw(SYS_write, out);
}

// Whoever guards the workers must not die of them: by a signal, by a limit, by what is written into its memory, or
// in a process group that one of them joined.
static int may_end_parent(const struct call* call, const uint64_t* a)
{
    switch (call->number) {
        case SYS_kill: case SYS_tkill: case SYS_tgkill: case SYS_rt_sigqueueinfo: case SYS_rt_tgsigqueueinfo:
            if ((int)a[0] == -1) return 1;
            break;
        case SYS_prlimit64: case SYS_process_vm_writev: case SYS_pidfd_open: case SYS_setpgid: break;
        default: return 0;
    }
    for (int i = 0; call->arguments[i]; i++)
        if (call->arguments[i] == 'P' && ((int)a[i] == parent || (int)a[i] == -parent)) return 1;
    return 0;
}

static void one_call(void)
{
    const struct call* call = &calls[below(call_count)];
    uint64_t a[6] = {0};
    int count = 0;
    for (; call->arguments[count]; count++) a[count] = argument(call->arguments[count]);
    if (may_end_parent(call, a)) return;
    if (call->number == SYS_rt_sigreturn && !once_in(10)) return;
    if ((call->number == SYS_exit || call->number == SYS_exit_group) && !once_in(10)) return;
    if ((call->number == SYS_rt_sigprocmask || call->number == SYS_pause) && !once_in(4)) return;
    if (verbose) write_call(call->number, a, count);
    if (call->number == SYS_clone) return clone_call(once_in(2) ? a[0] : 0x50f00 | (once_in(4) ? a[0] : 0));
    raw(call->number, a);
}

static void worker_calls(int count)
{
    state ^= (uint64_t)&count;  // threads share `state`; a fork's child goes its own way
    for (int i = 0; i < count; i++) one_call();
}

static void open_things(void)
{
    int two[2];
    sigset_t some;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    open("a", O_RDWR | O_CREAT, 0644);
    open("b", O_WRONLY | O_CREAT | O_APPEND, 0600);
    open("d", O_RDONLY | O_DIRECTORY);
    pipe(two);
    pipe2(two, O_NONBLOCK);
    socketpair(AF_UNIX, SOCK_STREAM, 0, two);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, two);
    eventfd(0, EFD_NONBLOCK);
    const int poll_fd = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, two[0], &event);
    timerfd_create(CLOCK_MONOTONIC, 0);
    signalfd(-1, &some, SFD_NONBLOCK);
    memfd_create("memory", MFD_ALLOW_SEALING);
    open("a", O_PATH);
    open("fifo", O_RDWR | O_NONBLOCK);
    open("/dev/null", O_RDWR);
    open("/dev/zero", O_RDWR);
    open("/proc/self/maps", O_RDONLY);
    open("/proc/self/mem", O_RDWR);
    open("/proc/self/status", O_RDONLY);
    open("/etc/passwd", O_RDONLY);
    open(".", O_TMPFILE | O_RDWR, 0600);
    syscall(SYS_pidfd_open, getpid(), 0);
    socket(AF_UNIX, SOCK_STREAM, 0);
}

// How soon this process is ended when memory is gone.
static void oom_score(const char* score)
{
    const int fd = open("/proc/self/oom_score_adj", O_WRONLY);
    write(fd, score, strlen(score));
    close(fd);
}

static void worker(uint64_t seed)
{
    state = seed;
    setpgid(0, 0);
    oom_score("0");
    open_things();
    const struct itimerval guard = {.it_value = {0, 5000}};
    setitimer(ITIMER_REAL, &guard, 0);
    if (once_in(8)) frame_round();
    if (once_in(8)) wild_jump();
    worker_calls(calls_each);
    uint64_t none[6] = {0};
    raw(SYS_exit_group, none);
}

static void set_up(void)
{
    mkdir("/tmp/fuzz", 0777);
    chdir("/tmp/fuzz");
    mkdir("d", 0777);
    mkdir("d/e", 0777);
    symlink("a", "link");
    symlink("loop", "loop");
    mkfifo("fifo", 0666);
    arena = mmap((void*)0x10000000, arena_pages * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (int i = 0; i < arena_pages * page; i += 8) *(uint64_t*)(arena + i) = once_in(4) ? number() : 0;
    mprotect(arena + 40 * page, 4 * page, PROT_NONE);
    mprotect(arena + 48 * page, 4 * page, PROT_READ);
    munmap(arena + 56 * page, 4 * page);
    oom_score("-1000");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    parent = getpid();
}

// Waits for a worker for so long of virtual time, and ends it and all that it left behind.
static void gather(pid_t child)
{
    const int fd = syscall(SYS_pidfd_open, child, 0);
    struct pollfd wait_for = {.fd = fd, .events = POLLIN};
    if (fd >= 0) poll(&wait_for, 1, 20);
    close(fd);
    if (getpid() != parent) _exit(0);  // a worker whose stack led it here
    kill(-1, SIGKILL);
    while (waitpid(-1, 0, __WALL) > 0 || errno == EINTR) {}
}

int main(int argc, char** argv)
{
    struct utsname host;
    uname(&host);
    if (strcmp(host.nodename, "norn-fuzz") != 0 || argc < 3) {
        fprintf(stderr, "syscalls: for a machine that is called norn-fuzz: syscalls SEED WORKERS [-v]\n");
        return 2;
    }
    const uint64_t seed = strtoull(argv[1], 0, 0);
    const int workers = atoi(argv[2]);
    verbose = argc > 3;
    state = seed;
    set_up();
    for (int i = 0; i < workers; i++) {
        if (verbose) fprintf(stderr, "worker %d\n", i);
        const pid_t child = fork();
        if (child == 0) worker(seed * 1000003 + i);
        if (child > 0) gather(child);
        else usleep(1000);
    }
    puts("syscalls: done");
    return 0;
}
