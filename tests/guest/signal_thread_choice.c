// SG-089, SG-013, LC-005: which thread takes a signal sent to the process.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_t leader;
static volatile sig_atomic_t taken_by_leader, taken;
static int go[2];
static volatile pid_t tid;

static void handler(int s)
{
    taken_by_leader = pthread_equal(pthread_self(), leader);
    taken++;
}
static void* thread(void* arg)
{
    tid = syscall(SYS_gettid);
    write(go[1], "x", 1);
    while (taken < 3) usleep(1000);
    return NULL;
}

int main(void)
{
    leader = pthread_self();
    pipe(go);
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &act, NULL);
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    char c;
    read(go[0], &c, 1);
    kill(getpid(), SIGUSR1);
    while (taken < 1) usleep(1000);
    printf("nobody blocks: leader %d\n", taken_by_leader);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR1);
    while (taken < 2) usleep(1000);
    printf("leader blocks: leader %d\n", taken_by_leader);
    kill(tid, SIGUSR1);
    while (taken < 3) usleep(1000);
    printf("by the thread's number: leader %d\n", taken_by_leader);
    pthread_join(t, NULL);
    return 0;
}
