// A small supervisor: starts jobs one after another, waits until each says that it is ready, notes it,
// waits for its end, and starts it again if it failed.
//
// Every child is reaped, interrupted calls are restarted, and a thousand runs show nothing. Yet it can
// hang for ever. `norn explore` says where:
//
//   gcc -O1 -static -o supervisor supervisor.c
//   norn explore -n 300 -- ./supervisor
//
// The race: a SIGCHLD that comes between the look at child_died and pause() is gone when pause() begins to
// wait for it. (Blocking SIGCHLD and waiting with sigsuspend mends it: run with -f.)
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { max_starts = 3 };

struct job {
    const char *name;
    int failures_to_come;  // how many times it fails before it succeeds
    int starts;
};

static volatile sig_atomic_t child_died;
static int fixed;

static void on_child(int signo)
{
    (void)signo;
    child_died = 1;
}

// What a job does: says that it is ready, does some work, ends.
static void work(const struct job *job, int ready)
{
    unsigned sum = 0;
    if (write(ready, "r", 1) != 1) _exit(2);
    for (unsigned i = 0; i < 20000; ++i) sum = sum * 31 + (i ^ (unsigned char)job->name[i % strlen(job->name)]);
    _exit(job->starts <= job->failures_to_come ? 1 : sum == 0);
}

// What a person who attaches a debugger, or looks at a core file, reads first.
static char status[64];

static void note(const char *doing, const char *name)
{
    size_t at = 0;
    while (*doing && at < sizeof status - 1) status[at++] = *doing++;
    while (*name && at < sizeof status - 1) status[at++] = *name++;
    status[at] = 0;
}

static void wait_for_child(const struct job *job)
{
    sigset_t child, before;
    if (!fixed) {
        while (!child_died) {
            note("waits for ", job->name);
            pause();
        }
    } else {
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        sigprocmask(SIG_BLOCK, &child, &before);
        note("waits for ", job->name);
        while (!child_died) sigsuspend(&before);
        sigprocmask(SIG_SETMASK, &before, NULL);
    }
    child_died = 0;
}

// Runs the job once. Returns its exit status, or -1.
static int run_once(struct job *job)
{
    int ready[2], status;
    char byte;
    ++job->starts;
    if (pipe(ready) != 0) return -1;
    const pid_t pid = fork();
    if (pid < 0) return -1;
    if (pid == 0) {
        close(ready[0]);
        work(job, ready[1]);
    }
    close(ready[1]);
    const int is_ready = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    wait_for_child(job);
    if (waitpid(pid, &status, 0) != pid) return -1;
    return is_ready && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
    struct job jobs[] = {{"index", 0, 0}, {"fetch", 1, 0}, {"check", 0, 0}, {"build", 0, 0},
                         {"sign", 0, 0},  {"pack", 1, 0},  {"upload", 0, 0}, {"clean", 0, 0}};
    fixed = argc > 1 && strcmp(argv[1], "-f") == 0;
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);

    for (struct job *job = jobs; job < jobs + sizeof jobs / sizeof *jobs; ++job) {
        while (run_once(job) != 0) {
            if (job->starts < max_starts) continue;
            fprintf(stderr, "supervisor: %s failed %d times\n", job->name, max_starts);
            return 1;
        }
        printf("%s: done after %d start(s)\n", job->name, job->starts);
    }
    return 0;
}
