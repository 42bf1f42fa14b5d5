#include "chaos/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { MAX_DETAILS = 4 << 20, TOLD = 12 };

void verdict_init(struct verdict *verdict)
{
    *verdict = (struct verdict){.details = BUFFER(MAX_DETAILS)};
}

void verdict_clear(struct verdict *verdict)
{
    buffer_clear(&verdict->details);
}

static const char *const finding_texts[] = {
#define X(name, text) text,
    VERDICT_FINDINGS(X)
#undef X
};

void verdict_note(struct verdict *verdict, enum verdict_finding finding, const char *format, ...)
{
    va_list ap;
    char *text = NULL;

    if (++verdict->findings[finding] > TOLD)
        return;
    va_start(ap, format);
    if (vasprintf(&text, format, ap) >= 0)
        buffer_add_format(&verdict->details, "\n  %s: ", finding_texts[finding]);
    va_end(ap);
    buffer_add_text(&verdict->details, text);
    buffer_add_char(&verdict->details, '\n');
    free(text);
}

bool verdict_is_clean(const struct verdict *verdict)
{
    for (size_t i = 0; i < VERDICT_FINDING_COUNT; i++)
        if (verdict->findings[i] > 0)
            return false;
    return true;
}

static void add_row(struct buffer *out, unsigned count, const char *text)
{
    if (count > 0)
        buffer_add_format(out, "  %8u  %s\n", count, text);
}

void verdict_add_counts(struct buffer *out, const struct verdict *verdict)
{
#define X(name, text) add_row(out, verdict->name, text);
    VERDICT_COUNTS(X)
#undef X
}

void verdict_add_findings(struct buffer *out, const struct verdict *verdict)
{
    if (verdict_is_clean(verdict))
        buffer_add_text(out, "         0  of anything\n");
    for (size_t i = 0; i < VERDICT_FINDING_COUNT; i++)
        add_row(out, verdict->findings[i], finding_texts[i]);
    buffer_add_slice(out, buffer_slice(&verdict->details));
}
