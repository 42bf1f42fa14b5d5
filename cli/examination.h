/* examination - what reelq doctor has found: a line each, and the worst of it. */
#ifndef REELQ_CLI_EXAMINATION_H
#define REELQ_CLI_EXAMINATION_H

#include "cli/snapshot.h"

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

struct examination {
    struct session *session;
    struct snapshot snapshot;
    char *info; /* all of INFO after a line end; "" where the user may not */
    enum verdict worst;
};

/* Adds a line to what is printed: what was found, made like printf, and `advice`, what to do; NULL
 * where all is well. */
__attribute__((format(printf, 4, 5))) void examination_say(struct examination *examination,
                                                           enum verdict verdict, const char *advice,
                                                           const char *found, ...);

/* The checks, each of which says a line or more. Of Redis: */
void doctor_check_redis(struct examination *examination);

/* Who may come to Redis, and do what. */
void doctor_check_users(struct examination *examination);

/* By HTTP: VideoDB, the public URL, and the programs that run here. */
void doctor_check_http(struct examination *examination);

#endif
