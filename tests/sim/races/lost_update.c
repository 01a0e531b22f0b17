// Two threads add to a counter without a lock. Status 1: an update was lost.
#include <pthread.h>

enum { additions = 20 };
static volatile int counter;

static void *add(void *unused)
{
    for (int i = 0; i < additions; i++) {
        int sum = counter;
        asm volatile("" : "+r"(sum));  // or a compiler may add in one instruction
        counter = sum + 1;
    }
    return unused;
}

int main(void)
{
    pthread_t a, b;
    pthread_create(&a, 0, add, 0);
    pthread_create(&b, 0, add, 0);
    pthread_join(a, 0);
    pthread_join(b, 0);
    return counter != 2 * additions;
}
