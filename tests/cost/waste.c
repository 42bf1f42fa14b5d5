/* Loaded into a program: whenever it waits for events it makes a system call that does nothing,
 * allocates, and counts to some thousand. For the control of reelq-cost. */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ALLOCATIONS = 20, STEPS = 10000 };

static void waste(void)
{
    for (int i = 0; i < ALLOCATIONS; i++) {
        char *volatile memory = malloc(1);
        if (memory != NULL)
            *memory = '\0';
        free(memory);
    }
    for (volatile int i = 0; i < STEPS; i++)
        continue;
    (void)getppid();
}

int epoll_wait(int poll, struct epoll_event *events, int most, int timeout_ms)
{
    static int (*wait)(int, struct epoll_event *, int, int);

    if (wait == NULL)
        *(void **)&wait = dlsym(RTLD_NEXT, "epoll_wait");
    waste();
    return wait(poll, events, most, timeout_ms);
}
