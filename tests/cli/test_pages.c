/* What the shells complete, in the shells themselves; and the man pages. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cli/cli_site.h"
#include "cli/pty.h"

#define PAGES REELQ_BIN_DIR "/../pages"

static struct cli_site site;
static struct pty pty;

static void start(void)
{
    site = (struct cli_site){.redis = redis_server_start()};
}

static void stop(void)
{
    cli_clear(&site);
    redis_server_stop(site.redis);
}

static void need(const char *program)
{
    if (cli_run(&site, ": $REELQ; command -v %s", program) != 0)
        cr_skip("%s is not installed", program);
}

/* --- bash and zsh, at their prompt ------------------------------------------------------------ */

/* What is typed, with tabs in it, and what `reelq` then gets. */
static void expect_words(const char *typed, const char *words)
{
    char *answer = xasprintf("<%s>", words);

    pty_press(&pty, typed);
    pty_press(&pty, "\r");
    pty_await(&pty, answer);
    pty_await(&pty, "ready> ");
    free(answer);
}

static void try_completions(void)
{
    static const char *const cases[][2] = {
        {"reelq su\t", "submit "},
        {"reelq --v\t", "--version "},
        {"reelq submit --coll\tX --dr\t", "submit --collection X --dry-run "},
        {"reelq submit --dry\tvid\t", "submit --dry-run videos.csv "},
        {"reelq dead re\t", "dead retry "},
        {"reelq dead --er\tx", "dead --error x "},
        {"reelq dead vid\t", "dead vid "},
        {"reelq wait --timeout su\t", "wait --timeout su "},
        {"reelq top --on\t", "top --once "},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_words(cases[i][0], cases[i][1]);
}

/* A shell in a folder with one file, where `reelq` prints its words. */
static void start_shell(const char *shell, const char *script)
{
    start();
    need(shell);
    char *whole = xasprintf("cd \"$TMPDIR\"; : >videos.csv; cat >rc <<'END'\n%s\n"
                            "reelq() { printf '<'; printf '%%s ' \"$@\"; printf '>\\n'; }\n"
                            "PS1='ready> '\nEND\n",
                            script);
    cr_assert_eq(cli_run(&site, ": $REELQ; %s", whole), 0);
    free(whole);
    pty_start(&pty, &site, "/bin/sh",
              LIST("-c", "cd \"$TMPDIR\"; export HOME=$TMPDIR; exec \"$@\"", "sh", shell,
                   strcmp(shell, "bash") == 0 ? "--noprofile" : "-f", "-i"));
    pty_press(&pty, "PS1=; . ./rc\r");
    pty_await(&pty, "ready> ");
}

static void stop_shell(void)
{
    pty_close(&pty);
    stop();
}

Test(pages, bash_completes)
{
    start_shell("bash", "bind 'set bell-style none'; . " PAGES "/reelq.bash");
    try_completions();
    stop_shell();
}

Test(pages, zsh_completes)
{
    start_shell("zsh", "unsetopt beep zle_bracketed_paste 2>/dev/null; fpath=(" PAGES
                       " $fpath); autoload -Uz compinit; compinit -u -D");
    try_completions();
    stop_shell();
}

/* --- fish, which tells --------------------------------------------------------------------- */

static void fish_has(const char *line, const char *words)
{
    cr_expect_eq(
        cli_run(&site,
                ": $REELQ; cd \"$TMPDIR\"; : >videos.csv; HOME=$TMPDIR fish -N -c 'source " PAGES
                "/reelq.fish; complete -C \"%s\"' | cut -f1 | paste -sd ' '",
                line),
        0);
    cr_expect_str_eq(cli_output(&site), words, "%s: %s", line, cli_output(&site));
}

Test(pages, fish_completes, .init = start, .fini = stop)
{
    need("fish");
    fish_has("reelq su", "submit\n");
    fish_has("reelq submit --ba", "--batch --batch-size\n");
    fish_has("reelq submit vid", "videos.csv\n");
    fish_has("reelq dead vid", "\n");
    fish_has("reelq dead ", "list retry show\n");
    fish_has("reelq top --onc", "--once\n");
}

/* --- man -------------------------------------------------------------------------------------- */

Test(pages, are_read_by_man_without_a_warning, .init = start, .fini = stop)
{
    static const char *const pages[] = {"reelq.1", "reelq-worker.8", "reelq-webhook.8"};

    need("groff");
    need("man");
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(cli_run(&site,
                             ": $REELQ; LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l " PAGES "/%s",
                             pages[i]),
                     0);
        cr_expect_str_eq(cli_log(&site), "");
        cli_has(&site, "ENVIRONMENT\n       REELQ_REDIS_URL, ");
    }
}

/* Each command and option stands in --help, in reelq(1) and in each completion. */
Test(pages, say_what_help_says, .init = start, .fini = stop)
{
    need("man");
    cr_expect_eq(
        cli_run(
            &site,
            "page=$(MANWIDTH=200 man -l " PAGES "/reelq.1) || exit 1; "
            "for c in $($REELQ --help | sed -n '/Commands:/,/^`/s/^  \\([a-z]*\\)  .*/\\1/p'); do "
            "  for o in $c $($REELQ $c --help | sed -n 's/^  --\\([a-z-]*\\).*/\\1/p'); do "
            "    for f in " PAGES "/reelq.bash " PAGES "/_reelq " PAGES "/reelq.fish; do "
            "      grep -q -e \"$o\" $f || echo \"$f: no $o\"; done; "
            "    echo \"$page\" | grep -q -e \"$o\" || echo \"man: no $o\"; echo $o; done; done"),
        0);
    cli_has(&site, "doctor\n");
    cli_has(&site, "dry-run\n");
    cli_has_not(&site, ": no ");
}
