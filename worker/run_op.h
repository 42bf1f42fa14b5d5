/* run_op - the operation behind run.h, shared by its two halves: calls (run.c) and questions
 * (run_ask.c). Nobody else includes this. */
#ifndef REELQ_RUN_OP_H
#define REELQ_RUN_OP_H

#include "worker/question.h"
#include "worker/run.h"
#include "worker/settle.h"

enum { RUN_MAX_URL = 16384 };

struct run {
    struct context *context;
    struct record *record; /* NULL once it is handed to settle */
    char *id, *token;
    struct task task;
    struct http_call *call; /* NULL when none is under way */
    enum question_kind question;
    struct videodb_walk walk; /* of QUESTION_MEDIA */
    bool asks_api; /* the question goes to the configured API, not to some document elsewhere */
    int64_t lease_until_ms, told_at_ms;
    int64_t number; /* of the task's last call */
    char *success;  /* what told that the upload has its video; NULL: nothing did */
    TAILQ_ENTRY(run) entry;
};

/* The record goes over to settle; the slot stays taken until that is done. */
struct settle *run_settle(struct run *run);

/* Keeps the body for the case that the task has moved on meanwhile. */
void run_keep_success(struct run *run, const struct videodb_answer *answer, struct slice body);

/* Sends one request; done(result, run) as http_client_send() says. */
void run_send(struct run *run, const struct http_call_request *request, http_done_fn done);

/* Notes how the API is doing. While it fails, or wants to be left alone, calls that wait for a slot
 * are not to follow. */
void run_note_health(struct run *run, enum breaker_kind kind, const struct http_result *result);

/* Asks VideoDB about the task, and settles what it answers. */
void run_ask(struct run *run);

#endif
