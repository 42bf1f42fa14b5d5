/* log - one line per event on standard error: `2026-01-02T03:04:05.678Z info event key=value ...`.
 * Never pass a secret, a signature or a callback URL. The secrets of the configuration are taken
 * out all the same (redact.h): what others sent may hold them. */
#ifndef REELQ_LOG_H
#define REELQ_LOG_H

#include "base/error.h"
#include "base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Lines below `level` are dropped. The default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Maps "debug", "info", "warn", "error"; false for anything else. */
bool log_level_parse(struct slice text, enum log_level *level);

/* One line: `event` is a word or two with '-' between; then key=value pairs made by the format:
 *     log_info("task-accepted", "id=%s attempt=%d", id, attempt);
 * A value that may hold spaces or foreign bytes is written through log_quote().
 * errno is preserved. Control bytes of the formatted text are replaced. */
void log_debug(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_error(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `text` in double quotes with `"`, `\` and control bytes escaped, cut at 200 bytes. The result
 * stands in one of eight static buffers, so it is good for the arguments of one log call. */
const char *log_quote(struct slice text);
const char *log_quote_text(const char *text);

/* "reelq: LINE" on standard error, then exit(1): bad configuration and nothing else. */
void log_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Sends libevent's own messages through this module. */
void log_attach_libevent(void);

/* True at most once in so many milliseconds: for a line that would come with each event of a flood.
 * *again_ms is 0 at first, and this function's own after that. */
bool log_is_due(int64_t *again_ms, int64_t interval_ms);

#endif
