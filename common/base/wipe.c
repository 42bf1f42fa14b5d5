#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

void wipe_free(void *memory, size_t size)
{
    if (memory == NULL)
        return;
    explicit_bzero(memory, size);
    free(memory);
}

void wipe_free_text(char *text)
{
    if (text != NULL)
        wipe_free(text, strlen(text));
}
