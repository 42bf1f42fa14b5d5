#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* Read at run time, so that the compiler cannot see the impossible size. */
static volatile size_t huge = SIZE_MAX;

Test(xalloc, gives_memory)
{
    char *zeroed = xcalloc(3, 5);
    for (size_t i = 0; i < 15; i++)
        cr_expect(zeroed[i] == 0, "byte %zu", i);
    free(zeroed);

    void *nothing = xcalloc(0, 8);
    cr_expect(nothing != NULL, "zero elements");
    nothing = xrealloc(nothing, 0, 8);
    cr_expect(nothing != NULL, "resized to zero");
    free(nothing);

    char *grown = xrealloc(NULL, 4, 1);
    memcpy(grown, "abc", 4);
    grown = xrealloc(grown, 1000, 10);
    cr_expect_str_eq(grown, "abc", "content moves along");
    free(grown);
}

Test(xalloc, makes_strings)
{
    char *copy = xstrdup("text");
    char *made = xasprintf("%s-%d", "task", 17);
    char *empty = xasprintf("%s", "");
    cr_expect_str_eq(copy, "text");
    cr_expect_str_eq(made, "task-17");
    cr_expect_str_eq(empty, "");
    free(copy);
    free(made);
    free(empty);
}

Test(xalloc, aborts_when_the_product_overflows, .signal = SIGABRT)
{
    free(xcalloc(huge / 2, 4));
}

Test(xalloc, aborts_when_the_size_is_impossible, .signal = SIGABRT)
{
    free(xrealloc(NULL, huge, 1));
}
