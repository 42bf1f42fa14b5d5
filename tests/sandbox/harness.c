#include "harness.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define MAX_ARGUMENTS 24
#define MAX_BODY      ((size_t)64 << 20)
#define START_MS      10000
#define PAUSE_MS      5

/* The child's standard error, and its standard output if `both`, go to *output. */
static pid_t spawn(const char *const *arguments, int *output, bool both)
{
    int ends[2];
    char *argv[MAX_ARGUMENTS + 2] = {(char *)(uintptr_t)SANDBOX_PROGRAM};
    for (size_t i = 0; i < MAX_ARGUMENTS && arguments[i] != NULL; i++) {
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    }
    cr_assert(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves nothing behind */
        dup2(ends[1], STDERR_FILENO);
        if (both) {
            dup2(ends[1], STDOUT_FILENO);
        }
        close(ends[0]);
        close(ends[1]);
        execv(SANDBOX_PROGRAM, argv);
        _exit(127);
    }
    close(ends[1]);
    *output = ends[0];
    return pid;
}

/* Appends what comes; false at the end or when nothing comes in time. */
static bool read_more(int fd, struct buffer *text)
{
    char piece[1024];
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (poll(&wait, 1, START_MS) != 1) {
        return false;
    }
    ssize_t length = read(fd, piece, sizeof(piece));
    if (length > 0) {
        buffer_add(text, piece, (size_t)length);
    }
    return length > 0;
}

void harness_start(struct harness *harness, const char *const *arguments)
{
    static const char MARK[] = "listening address=";
    struct buffer text = BUFFER(64 << 10);
    *harness = (struct harness){.token = "sk-test", .timeout_ms = 10000};
    harness->pid = spawn(arguments, &harness->output, false);
    const char *found = NULL;
    while (found == NULL || strchr(found, '\n') == NULL) {
        cr_assert(read_more(harness->output, &text), "it does not listen: %s", buffer_text(&text));
        found = strstr(buffer_text(&text), MARK);
    }
    found += strlen(MARK);
    (void)snprintf(harness->base, sizeof(harness->base), "http://%.*s", (int)strcspn(found, " \n"),
                   found);
    buffer_clear(&text);
    harness->curl = curl_easy_init();
    buffer_init(&harness->response.body, MAX_BODY);
}

static int status_of(pid_t pid)
{
    int status = 0;
    cr_assert(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int harness_stop(struct harness *harness)
{
    struct buffer text = BUFFER(64 << 10);
    kill(harness->pid, SIGTERM);
    while (read_more(harness->output, &text)) {
    }
    int status = status_of(harness->pid);
    if (status != 0) {
        cr_log_warn("%s", buffer_text(&text));
    }
    buffer_clear(&text);
    close(harness->output);
    curl_easy_cleanup(harness->curl);
    buffer_clear(&harness->response.body);
    return status;
}

int harness_run(const char *const *arguments, struct buffer *output)
{
    int fd;
    pid_t pid = spawn(arguments, &fd, true);
    while (read_more(fd, output)) {
    }
    close(fd);
    return status_of(pid);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    buffer_add(arg, data, size * count);
    return size * count;
}

static void set_request(struct harness *harness, const char *request, const char *body)
{
    CURL *curl = harness->curl;
    char method[16] = "";
    char url[2048];
    size_t length = strcspn(request, " ");
    cr_assert(length < sizeof(method));
    memcpy(method, request, length);
    (void)snprintf(url, sizeof(url), "%s%s", harness->base, request + length + 1);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    /* libcurl silently repeats a call, even a POST, when a connection that it reuses is reset. */
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, harness->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &harness->response.body);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static void read_answer(struct harness *harness)
{
    struct response *response = &harness->response;
    curl_off_t retry_after = 0;
    char *type = NULL;
    curl_easy_getinfo(harness->curl, CURLINFO_RESPONSE_CODE, &response->status);
    curl_easy_getinfo(harness->curl, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(harness->curl, CURLINFO_TOTAL_TIME, &response->seconds);
    curl_easy_getinfo(harness->curl, CURLINFO_CONTENT_TYPE, &type);
    response->retry_after_s = (long)retry_after;
    response->type = type == NULL ? "" : type;
}

const struct response *harness_call(struct harness *harness, const char *request, const char *body)
{
    char token[128];
    bool multipart = body != NULL && strncmp(body, "--", 2) == 0;
    buffer_reset(&harness->response.body);
    set_request(harness, request, body);
    struct curl_slist *headers =
        curl_slist_append(NULL, multipart ? "Content-Type: multipart/form-data; boundary=b"
                                          : "Content-Type: application/json");
    if (harness->token != NULL) {
        (void)snprintf(token, sizeof(token), "x-access-token: %s", harness->token);
        headers = curl_slist_append(headers, token);
    }
    curl_easy_setopt(harness->curl, CURLOPT_HTTPHEADER, headers);
    harness->response.code = curl_easy_perform(harness->curl);
    read_answer(harness);
    curl_slist_free_all(headers);
    return &harness->response;
}

const char *harness_body(const struct harness *harness)
{
    return buffer_text(&harness->response.body);
}

char *harness_pick(struct harness *harness, const char *request, const char *before)
{
    const char *found = strstr(buffer_text(&harness_call(harness, request, NULL)->body), before);
    if (found == NULL) {
        return slice_copy(slice_text(""));
    }
    found += strlen(before);
    return slice_copy(slice_make(found, strcspn(found, "\"")));
}

bool harness_await(struct harness *harness, const char *request, const char *part)
{
    for (int64_t until = clock_monotonic_ms() + START_MS; clock_monotonic_ms() < until;) {
        harness_call(harness, request, NULL);
        if (strstr(harness_body(harness), part) != NULL) {
            return true;
        }
        (void)poll(NULL, 0, PAUSE_MS);
    }
    return false;
}
