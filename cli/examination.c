#include "cli/examination.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json_write.h"

enum { MAX_FOUND = 4096 };

static const struct {
    const char *name;
    enum ink ink;
} verdicts[] = {
    [VERDICT_OK] = {"ok", INK_GREEN},
    [VERDICT_WARN] = {"warn", INK_YELLOW},
    [VERDICT_FAIL] = {"fail", INK_RED},
};

static void add_json(struct buffer *out, enum verdict verdict, const char *found,
                     const char *advice)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    json_key_string(&w, "verdict", verdicts[verdict].name);
    json_key_string(&w, "found", found);
    json_key_string(&w, "advice", advice);
    json_close(&w, '}');
    buffer_add_char(out, '\n');
}

static void add_line(struct session *session, enum verdict verdict, const char *found,
                     const char *advice)
{
    buffer_add_format(&session->out, "  %s%-4s%s  ",
                      screen_ink(&session->screen, verdicts[verdict].ink), verdicts[verdict].name,
                      screen_off(&session->screen));
    screen_add_safe(&session->out, slice_text(found));
    buffer_add_format(&session->out, "%s%s\n", advice != NULL ? ": " : "",
                      advice != NULL ? advice : "");
}

void examination_say(struct examination *examination, enum verdict verdict, const char *advice,
                     const char *found, ...)
{
    char text[MAX_FOUND];
    va_list arguments;

    va_start(arguments, found);
    (void)vsnprintf(text, sizeof(text), found, arguments);
    va_end(arguments);
    if (verdict > examination->worst)
        examination->worst = verdict;
    if (examination->session->arguments->json)
        add_json(&examination->session->out, verdict, text, advice);
    else
        add_line(examination->session, verdict, text, advice);
}
