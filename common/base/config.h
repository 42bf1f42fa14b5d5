/* config - everything that is set from the environment, in one table (config_table.c): name, type,
 * range, default, secret or not, who uses it, help. The table makes the parsing, the errors at
 * start, --help, the redacted start-up line and docs/configuration.md. */
#ifndef REELQ_CONFIG_H
#define REELQ_CONFIG_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"

enum config_program { CONFIG_WORKER = 1, CONFIG_WEBHOOK = 2, CONFIG_CLI = 4, CONFIG_DOCTOR = 8 };

enum config_duplicates { DUPLICATES_REPORT, DUPLICATES_DELETE };

/* Strings are never NULL: "" stands for unset. Names end in their unit. */
struct config {
    char *redis_url;
    char *redis_ca, *redis_cert, *redis_key; /* paths, for rediss:// */
    char *prefix;
    char *api_key;
    char *api_base_url; /* without a slash at its end */
    char *public_url;   /* likewise; "" means poll */
    char *listen;
    char *admin_listen;              /* "off" for none */
    char *admin_token, *admin_hosts; /* of the dashboard, as the next one */
    char *admin_redis_url;           /* "": the same as redis_url */
    char *callback_secret;
    char *spool_dir;
    char *default_index; /* checked by the worker: what an index is called is its business */
    char *trusted_proxies;
    int64_t concurrency;
    int64_t max_awaiting;
    int64_t max_attempts;
    int64_t retry_base_ms;
    int64_t retry_cap_ms;
    int64_t api_timeout_ms;
    int64_t callback_timeout_ms;
    int64_t callback_expiry_ms; /* 0: a day more than the timeout */
    int64_t unknown_grace_ms;
    int64_t poll_interval_ms;
    int64_t job_timeout_ms;
    int64_t breaker;
    int64_t probe_interval_ms;
    int64_t max_body_bytes;
    int64_t max_spool_bytes;
    int64_t max_connections;
    int64_t max_per_address;
    int64_t lease_ms;
    int64_t drain_timeout_ms;
    int64_t retention_ms;
    int64_t duplicates; /* enum config_duplicates */
    int64_t log_level;  /* enum log_level */
    bool unique_names;
    bool verify_callbacks;
};

/* Reads `environment` ("NAME=value" strings, NULL at the end; usually environ). A secret NAME may
 * be given as NAME_FILE instead, the path of a file that holds it, or as a systemd credential: see
 * config_source.h and secret_file.h. What only other programs use is known, not checked, and
 * keeps its default. The error names variable, value (never of a secret) and what would be right: a
 * value out of range or of the wrong type, a required one that is missing, an unknown REELQ_
 * variable (with the nearest known name). An empty value counts as unset, except where the table
 * says that empty has a meaning (REELQ_DEFAULT_INDEX). It also names two values that do not go
 * together. After false nothing needs clearing. */
MUST_USE bool config_load(struct config *config, enum config_program program,
                          char *const environment[], struct error *error);
void config_clear(struct config *config);

/* Appends one "NAME=value" per line for what differs from the default; secrets as "(set)", a Redis
 * URL with "***" for its password. */
void config_add_summary(struct buffer *out, const struct config *config,
                        enum config_program program);

/* Appends the table of the program's variables with defaults and help, for --help. */
void config_add_help(struct buffer *out, enum config_program program);

/* Appends the same for all programs as a Markdown table, for docs/configuration.md. */
void config_add_markdown(struct buffer *out);

#endif
