/* config_markdown - prints docs/configuration.md, made from the table that the programs read. */
#include <stdio.h>
#include <stdlib.h>

#include "base/config.h"

enum { PAGE_MAX = 256 * 1024 };

static const char intro[] =
    "# Configuration\n"
    "\n"
    "<!-- Written by scripts/docs from common/base/config_table.c. -->\n"
    "\n"
    "All configuration comes from the environment; there is no file and no reload.\n"
    "`--help` prints the variables of a program, `--check-config` reads them, prints those\n"
    "that differ from their default (secrets as `(set)`) and ends. A value that cannot be\n"
    "used, or a variable that begins with `REELQ_` and is none of these, ends a program at\n"
    "its start with one line and status 1.\n"
    "\n"
    "* Durations are written as `500ms`, `30s`, `5m`, `2h`, `7d`; sizes as `64k`, `1m`.\n"
    "* An empty value counts as unset, except for `REELQ_DEFAULT_INDEX`: no index then.\n"
    "* A secret may be given as a file: `NAME_FILE` is the path, and one line end at the\n"
    "  end of the file is dropped. `NAME` and `NAME_FILE` at once are an error. With neither\n"
    "  of them it is the systemd credential `NAME` (the file of that name in\n"
    "  `$CREDENTIALS_DIRECTORY`), where there is one.\n"
    "* Addresses are `HOST:PORT`, `[IPV6]:PORT` or `unix:/path`. With port 0 the system\n"
    "  picks one; the log line `listening` says which.\n"
    "* Each callback secret has at least 16 bytes; there may be 8 of them.\n"
    "\n";

int main(void)
{
    struct buffer page = BUFFER(PAGE_MAX);

    buffer_add_text(&page, intro);
    config_add_markdown(&page);
    bool done = !page.failed && fputs(buffer_text(&page), stdout) >= 0 && fflush(stdout) == 0;
    buffer_clear(&page);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
