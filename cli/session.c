#include "cli/session.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config_redact.h"
#include "base/config_source.h"
#include "base/redact.h"

enum { MAX_OUTPUT = 256 << 20 };

static void say(const char *text)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "reelq: %s\n", text);
}

static bool open_url(struct session *session, enum config_program program, struct error *error)
{
    bool loaded = config_load(&session->config, program, environ, error);

    config_source_hide_secrets(environ);
    if (!loaded)
        return false;
    config_redact(&session->config);
    keys_init(&session->keys, session->config.prefix);
    return redis_url_load(&session->url, &session->config, error);
}

bool session_open(struct session *session, const struct arguments *arguments,
                  enum config_program program)
{
    struct error error;

    *session = (struct session){.arguments = arguments, .out = BUFFER(MAX_OUTPUT)};
    /* A Redis that has gone must not end the program; a reader that has: see session_print(). */
    (void)signal(SIGPIPE, SIG_IGN);
    screen_init(&session->screen);
    if (open_url(session, program, &error)) {
        session->client = client_open(&session->url, &error);
        if (session->client != NULL)
            return true;
    }
    say(error.text);
    return false;
}

void session_close(struct session *session)
{
    client_free(session->client);
    buffer_clear(&session->out);
    redis_url_clear(&session->url);
    keys_clear(&session->keys);
    config_clear(&session->config);
    redact_clear();
}

struct client *session_dial(struct session *session)
{
    struct error error;
    struct client *client = client_open(&session->url, &error);

    if (client == NULL)
        say(error.text);
    return client;
}

int session_failed(struct session *session, const struct client *client)
{
    (void)session_print(session);
    if (!session->unprinted)
        say(client_error(client));
    return EXIT_FAILED;
}

int session_usage(const char *format, ...)
{
    va_list arguments;
    char text[512];

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    say(text);
    return EXIT_USAGE;
}

bool session_print(struct session *session)
{
    struct slice text = buffer_slice(&session->out);
    bool printed = fwrite(text.data, 1, text.length, stdout) == text.length && fflush(stdout) == 0;

    if (!printed && errno == EPIPE) {
        (void)signal(SIGPIPE, SIG_DFL);
        (void)raise(SIGPIPE);
    }
    if (!printed && !session->unprinted) {
        session->unprinted = true;
        (void)fprintf(stderr, "reelq: standard output: %s\n", strerror(errno));
    }
    buffer_reset(&session->out);
    return printed;
}

int64_t session_now(struct session *session)
{
    struct redisReply *reply = client_ask(session->client, "TIME");
    uint64_t seconds = 0, micros = 0;

    if (reply == NULL)
        return -1;
    (void)slice_to_u64(client_text(reply, 0), &seconds);
    (void)slice_to_u64(client_text(reply, 1), &micros);
    freeReplyObject(reply);
    return (int64_t)(seconds * 1000 + micros / 1000);
}

/* --- signals ---------------------------------------------------------------------------------- */

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

void session_catch_signals(void)
{
    /* Without SA_RESTART: poll() must come back. A second one ends the process. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool session_stopped(void)
{
    return stopped != 0;
}
