#include "worker/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATM_MAX = 128 };

/* /proc/self/statm is a line of numbers of pages; the second one is of those that are resident. */
int64_t memory_resident(void)
{
    char text[STATM_MAX] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (fd == -1)
        return 0;
    ssize_t length = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    const char *space = length > 0 ? strchr(text, ' ') : NULL;
    return space == NULL ? 0 : strtoll(space, NULL, 10) * sysconf(_SC_PAGESIZE);
}
