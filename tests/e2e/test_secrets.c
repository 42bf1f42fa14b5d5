/* What other processes, and who looks at a dead one, can see of the secrets of the real programs.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "support/temp_dir.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define WORKER        REELQ_BIN_DIR "/reelq-worker"
#define WEBHOOK       REELQ_BIN_DIR "/reelq-webhook"
#define KEY           "canary-of-the-api-key"
#define PASSWORD      "canary-of-redis"
#define SIGNS         "canary-of-callbacks"
#define NO_SERVER     "127.0.0.1:1"
#define REDIS_REFUSED "redis://user:" PASSWORD "@" NO_SERVER

static const char *const programs[] = {WORKER, WEBHOOK};

static const char *const secrets[] = {"VIDEO_DB_API_KEY=" KEY,
                                      "REELQ_CALLBACK_SECRET=" SIGNS,
                                      "REELQ_REDIS_URL=" REDIS_REFUSED,
                                      "REELQ_ADMIN_LISTEN=127.0.0.1:0",
                                      "REELQ_LISTEN=127.0.0.1:0",
                                      "VISIBLE=canary-that-is-seen",
                                      NULL};

/* Started, configured, and without Redis. */
static struct process *running(const char *program)
{
    struct process *process = process_start(&(struct process_options){program, NULL, secrets});

    (void)process_address(process, "admin");
    return process;
}

/* --- /proc ------------------------------------------------------------------------------------ */

/* All of a file of /proc; false where it may not be read. */
static bool read_proc(const struct process *process, const char *name, struct buffer *content)
{
    char chunk[4096];
    char *path = xasprintf("/proc/%d/%s", (int)process_pid(process), name);
    FILE *file = fopen(path, "re");
    size_t got = 1;

    free(path);
    if (file == NULL)
        return false;
    while (got > 0) {
        got = fread(chunk, 1, sizeof(chunk), file);
        buffer_add(content, chunk, got);
    }
    bool done = ferror(file) == 0;
    (void)fclose(file);
    return done;
}

static bool shows(const struct buffer *content, const char *text)
{
    return memmem(buffer_text(content), content->length, text, strlen(text)) != NULL;
}

/* Who may not read it sees nothing at all; root may, and sees what is no secret. */
Test(secrets, are_not_left_in_the_environment)
{
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct process *process = running(programs[i]);
        struct buffer environment = BUFFER(1 << 20), arguments = BUFFER(1 << 20);
        struct buffer limits = BUFFER(1 << 20);
        bool readable = read_proc(process, "environ", &environment);
        cr_expect(readable || geteuid() != 0, "root reads it");
        cr_expect_eq(readable, shows(&environment, "canary-that-is-seen"));
        cr_expect(!shows(&environment, KEY), "%s", programs[i]);
        cr_expect(!shows(&environment, PASSWORD), "%s", programs[i]);
        cr_expect(!shows(&environment, SIGNS), "%s", programs[i]);
        cr_expect(read_proc(process, "cmdline", &arguments));
        cr_expect(!shows(&arguments, "canary"), "%s", programs[i]);
        cr_expect(read_proc(process, "limits", &limits));
        cr_expect(shows(&limits, "Max core file size        0                    0 "), "%s",
                  buffer_text(&limits));
        buffer_clear(&limits);
        buffer_clear(&environment);
        buffer_clear(&arguments);
        process_free(process);
    }
}

/* --- core files ------------------------------------------------------------------------------- */

/* Whether a process that SIGABRT ends leaves a core file, also when its limit was lifted meanwhile,
 * where that is allowed; frees it. */
static bool leaves_core(struct process *process, const struct rlimit *limit)
{
    siginfo_t end = {0};

    (void)prlimit(process_pid(process), RLIMIT_CORE, limit, NULL);
    process_signal(process, SIGABRT);
    cr_assert_eq(waitid(P_PID, (id_t)process_pid(process), &end, WEXITED | WNOWAIT), 0);
    cr_expect_eq(end.si_status, SIGABRT, "ended by %d", end.si_status);
    process_free(process);
    return end.si_code == CLD_DUMPED;
}

/* Also where the limit allows one. Where the machine makes none at all, `sleep` says so. */
Test(secrets, are_in_no_core_file)
{
    char *dir = temp_dir_make("core");
    struct rlimit limit;

    cr_assert(chdir(dir) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_CORE, &limit), 0);
    struct process *sleeps =
        process_start(&(struct process_options){"/bin/sleep", LIST("60"), NULL});
    if (!leaves_core(sleeps, &limit))
        cr_log_warn("this machine makes no core files: nothing is shown here");
    for (size_t i = 0; i < COUNT(programs); i++)
        cr_expect(!leaves_core(running(programs[i]), &limit), "%s", programs[i]);
    cr_assert_eq(chdir("/"), 0);
    temp_dir_remove(dir);
}
