#include "support/sandbox_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "support/raw_http.h"

enum { START_MS = 20000, MAX_LIST = 8192 };

struct process *sandbox_client_start(const char *program, const char *const *arguments,
                                     char **address)
{
    static const char mark[] = "listening address=";
    struct process *process = process_start(&(struct process_options){program, arguments, NULL});

    if (!process_wait_log(process, mark, 1, START_MS)) {
        (void)fprintf(stderr, "sandbox_client: it does not listen: %s\n", process_log(process));
        abort();
    }
    const char *at = strstr(process_log(process), mark) + strlen(mark);
    *address = slice_copy(slice_make(at, strcspn(at, " \n")));
    return process;
}

int sandbox_client_post(const char *address, const char *path, const char *body,
                        struct buffer *answer)
{
    char *text = xasprintf("POST %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                           "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                           path, strlen(body), body);
    int status = raw_http_call(address, text, answer);

    free(text);
    return status;
}

int sandbox_client_faults(const char *address, const char *list, struct buffer *answer)
{
    struct buffer body = BUFFER(MAX_LIST);
    struct json_writer w = json_writer(&body);
    struct slice rest = slice_text(list);

    json_open(&w, '{');
    json_add_key(&w, "faults");
    json_open(&w, '[');
    while (rest.length > 0) {
        size_t end = slice_find(rest, ' ');
        json_add_string(&w, slice_head(rest, end));
        rest = slice_skip(rest, end + 1);
    }
    json_close(&w, ']');
    json_close(&w, '}');
    int status = sandbox_client_post(address, "/_sandbox/faults", buffer_text(&body), answer);
    buffer_clear(&body);
    return status;
}
