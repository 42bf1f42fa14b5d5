/* The spool on a real directory. fdatasync() is ours here: it counts, and fails when told to. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "support/temp_dir.h"
#include "support/wait.h"
#include "webhook/spool.h"
#include "webhook/spool_record.h"

enum { SOON_MS = 10000, ROOM = 64 * 1024 * 1024, MAX = 1024 * 1024 };

static unsigned syncs;
static bool sync_fails;

int fdatasync(int fd)
{
    syncs++;
    if (sync_fails) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

/* --- a spool and what it told ----------------------------------------------------------------- */

struct box {
    struct loop *loop;
    struct spool *spool;
    unsigned kept, lost, answered, more;
};

static void on_more(void *arg)
{
    struct box *box = arg;

    box->more++;
}

static void on_kept(bool kept, void *arg)
{
    struct box *box = arg;

    box->kept += kept;
    box->lost += !kept;
    box->answered++;
}

static void open_box(struct box *box, const char *directory, size_t max)
{
    struct error error;

    *box = (struct box){.loop = loop_new()};
    struct spool_options options = {.loop = box->loop,
                                    .directory = directory,
                                    .max_bytes = max,
                                    .on_more = on_more,
                                    .arg = box};
    box->spool = spool_new(&options, &error);
    cr_assert_not_null(box->spool, "%s", error.text);
}

static void close_box(struct box *box)
{
    spool_flush(box->spool);
    spool_free(box->spool);
    loop_free(box->loop);
}

/* Appends literals, ended by NULL, and waits for their answers. */
static void put(struct box *box, const char *const payloads[])
{
    unsigned count = 0;

    for (; payloads[count] != NULL; count++)
        spool_append(box->spool, slice_text(payloads[count]), on_kept, box);
    cr_assert(wait_for_count(box->loop, &box->answered, box->answered + count, SOON_MS));
}

#define PUT(box, ...) put((box), (const char *const[]){__VA_ARGS__, NULL})

/* What waits in the spool when it has looked around, with spaces between; then nothing waits. */
static void expect_content(struct box *box, const char *expected)
{
    struct buffer all = BUFFER(MAX);
    struct spool_batch batch;

    wait_ms(box->loop, 20); /* several turns: each adopts a file */
    while (spool_read(box->spool, &batch)) {
        for (int i = 0; i < batch.count; i++) {
            buffer_add_text(&all, all.length > 0 ? " " : "");
            buffer_add_slice(&all, batch.payloads[i]);
        }
        spool_done(box->spool);
    }
    cr_expect_str_eq(buffer_text(&all), expected);
    cr_expect_eq(spool_records(box->spool), 0);
    cr_expect_eq(spool_bytes(box->spool), 0);
    buffer_clear(&all);
}

/* --- tests ------------------------------------------------------------------------------------ */

Test(spool, keeps_a_turn_with_one_sync)
{
    char *directory = temp_dir_make("spool");
    struct box box;

    open_box(&box, directory, ROOM);
    for (int i = 0; i < 300; i++)
        spool_append(box.spool, slice_text("one"), on_kept, &box);
    cr_expect_eq(box.answered, 0, "later, not inside the call");
    cr_expect_eq(spool_records(box.spool), 300);
    cr_expect(wait_for_count(box.loop, &box.kept, 300, SOON_MS));
    cr_expect_eq(syncs, 1);
    cr_expect_eq(box.more, 1);
    cr_expect_eq(temp_dir_count(directory, ".spool"), 1);
    PUT(&box, "two");
    cr_expect_eq(syncs, 2);
    close_box(&box);
    temp_dir_remove(directory);
}

Test(spool, gives_back_in_order_across_an_end)
{
    char *directory = temp_dir_make("spool");
    struct box box;

    open_box(&box, directory, ROOM);
    PUT(&box, "a", "b");
    PUT(&box, "c");
    struct spool_batch batch;
    cr_assert(spool_read(box.spool, &batch));
    cr_expect_eq(batch.count, 3);
    cr_expect(spool_read(box.spool, &batch), "again, since it is not done");
    cr_expect_eq(batch.count, 3);
    spool_append(box.spool, slice_text("d"), on_kept, &box);
    close_box(&box);
    cr_expect_eq(box.kept, 4, "what is appended last is kept at the end");

    open_box(&box, directory, ROOM);
    PUT(&box, "e");
    expect_content(&box, "a b c d e");
    cr_expect_eq(temp_dir_count(directory, "l"), 0, "no file is left");
    PUT(&box, "f");
    expect_content(&box, "f");
    close_box(&box);
    temp_dir_remove(directory);
}

Test(spool, begins_new_files)
{
    char *directory = temp_dir_make("spool"), *big = xcalloc(MAX + 1, 1);
    struct spool_batch batch;
    struct box box;

    memset(big, 'x', MAX);
    open_box(&box, directory, ROOM);
    for (unsigned i = 0; i < 11; i++)
        spool_append(box.spool, slice_make(big, MAX - 20 + i), on_kept, &box);
    cr_assert(wait_for_count(box.loop, &box.kept, 11, SOON_MS));
    cr_expect_geq(temp_dir_count(directory, ".spool"), 3);
    for (unsigned i = 0; i < 11; i++) {
        cr_assert(spool_read(box.spool, &batch));
        cr_expect_eq(batch.count, 1, "few bytes at once");
        cr_expect_eq(batch.payloads[0].length, MAX - 20 + i, "in order");
        spool_done(box.spool);
        if (i == 5)
            cr_expect_leq(temp_dir_count(directory, ".spool"), 2, "space comes back");
    }
    cr_expect_eq(temp_dir_count(directory, ".spool"), 0);
    close_box(&box);
    temp_dir_remove(directory);
    free(big);
}

Test(spool, takes_up_to_its_limit)
{
    char *directory = temp_dir_make("spool"), *half = xcalloc(40001, 1);
    struct box box;

    memset(half, 'x', 40000);
    open_box(&box, directory, 100000);
    cr_expect(spool_takes(box.spool, 40000));
    spool_append(box.spool, slice_text(half), on_kept, &box);
    spool_append(box.spool, slice_text(half), on_kept, &box);
    cr_expect(!spool_takes(box.spool, 40000), "what is not written yet counts");
    cr_expect(wait_for_count(box.loop, &box.kept, 2, SOON_MS));
    cr_expect(!spool_takes(box.spool, 40000));
    cr_expect_str_eq(spool_trouble(box.spool), "full");
    cr_expect(spool_takes(box.spool, 10000), "a small one finds room");
    cr_expect(!spool_takes(box.spool, SPOOL_RECORD_MAX + 1));
    struct spool_batch batch;
    while (spool_read(box.spool, &batch))
        spool_done(box.spool);
    cr_expect_null(spool_trouble(box.spool));
    cr_expect(spool_takes(box.spool, 40000));
    close_box(&box);
    temp_dir_remove(directory);
    free(half);
}

Test(spool, leaves_what_others_hold)
{
    char *directory = temp_dir_make("spool");
    struct box first, second;

    open_box(&first, directory, ROOM);
    open_box(&second, directory, ROOM);
    PUT(&first, "1a");
    PUT(&second, "2a");
    PUT(&first, "1b");
    expect_content(&second, "2a");
    wait_ms(second.loop, 2500); /* past its next look */
    cr_expect_eq(spool_records(second.spool), 0);
    close_box(&first);
    cr_expect(wait_for_count(second.loop, &second.more, second.more + 1, SOON_MS));
    expect_content(&second, "1a 1b");
    close_box(&second);
    temp_dir_remove(directory);
}

Test(spool, a_failed_sync_costs_only_its_own)
{
    char *directory = temp_dir_make("spool");
    struct box box;

    open_box(&box, directory, ROOM);
    PUT(&box, "good");
    sync_fails = true;
    PUT(&box, "bad", "worse");
    cr_expect_eq(box.lost, 2);
    cr_expect(!spool_takes(box.spool, 1));
    cr_expect_str_eq(spool_trouble(box.spool), "fdatasync: Input/output error");
    wait_ms(box.loop, 2500);
    cr_expect(!spool_takes(box.spool, 1), "tried again, and still broken");
    sync_fails = false;
    for (int64_t waited = 0; waited < SOON_MS && !spool_takes(box.spool, 1); waited += 50)
        wait_ms(box.loop, 50);
    cr_expect_null(spool_trouble(box.spool));
    PUT(&box, "new");
    cr_expect_eq(temp_dir_count(directory, ".spool"), 2, "the failed file is not written to again");
    expect_content(&box, "good new");
    close_box(&box);
    temp_dir_remove(directory);
}

/* --- found at the start ----------------------------------------------------------------------- */

/* A file as a spool of three records leaves it behind. */
static void make_file(struct buffer *bytes)
{
    char *directory = temp_dir_make("spool");
    struct box box;

    open_box(&box, directory, ROOM);
    PUT(&box, "first", "second");
    PUT(&box, "last one");
    close_box(&box);
    char *file = temp_dir_find(directory, ".spool");
    temp_dir_read(file, bytes);
    free(file);
    temp_dir_remove(directory);
}

static void expect_found(struct slice bytes, const char *content, bool damaged)
{
    char *directory = temp_dir_make("spool"), *file = xasprintf("%s/0-0.spool", directory);
    struct box box;

    temp_dir_write(file, bytes);
    open_box(&box, directory, ROOM);
    expect_content(&box, content);
    PUT(&box, "next");
    expect_content(&box, "next");
    close_box(&box);
    cr_expect_eq(temp_dir_count(directory, ".spool"), 0);
    cr_expect_eq(temp_dir_count(directory, ".spool.damaged"), damaged ? 1 : 0);
    free(file);
    temp_dir_remove(directory);
}

Test(spool, survives_an_end_at_any_byte)
{
    struct buffer bytes = BUFFER(MAX);

    make_file(&bytes);
    size_t second = SPOOL_RECORD_HEAD + strlen("first");
    size_t last = second + SPOOL_RECORD_HEAD + strlen("second");
    for (size_t end = 0; end < bytes.length; end++)
        expect_found(slice_head(buffer_slice(&bytes), end),
                     end < second ? ""
                     : end < last ? "first"
                                  : "first second",
                     false);
    expect_found(buffer_slice(&bytes), "first second last one", false);
    buffer_clear(&bytes);
}

Test(spool, keeps_what_is_damaged_for_a_look)
{
    struct buffer bytes = BUFFER(MAX);

    make_file(&bytes);
    bytes.data[SPOOL_RECORD_HEAD + 10] ^= 1;
    expect_found(buffer_slice(&bytes), "first last one", true);
    memset(bytes.data, 0, bytes.length);
    expect_found(buffer_slice(&bytes), "", true);
    buffer_clear(&bytes);
}

Test(spool, cuts_off_what_is_torn_once)
{
    char *directory = temp_dir_make("spool"), *file = xasprintf("%s/0-0.spool", directory);
    struct buffer bytes = BUFFER(MAX), after = BUFFER(MAX);
    struct box box;

    make_file(&bytes);
    temp_dir_write(file, slice_head(buffer_slice(&bytes), bytes.length - 3));
    open_box(&box, directory, ROOM);
    wait_ms(box.loop, 20);
    cr_expect_eq(spool_records(box.spool), 2);
    close_box(&box);
    temp_dir_read(file, &after);
    cr_expect_eq(after.length, bytes.length - SPOOL_RECORD_HEAD - strlen("last one"));
    buffer_clear(&bytes);
    buffer_clear(&after);
    free(file);
    temp_dir_remove(directory);
}

/* --- the directory ---------------------------------------------------------------------------- */

Test(spool, is_private)
{
    char *parent = temp_dir_make("spool"), *directory = xasprintf("%s/made", parent);
    struct stat status;
    struct box box;

    open_box(&box, directory, ROOM);
    PUT(&box, "x");
    char *file = temp_dir_find(directory, ".spool");
    cr_assert_eq(stat(directory, &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0700);
    cr_assert_eq(stat(file, &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0600);
    close_box(&box);
    free(file);
    free(directory);
    temp_dir_remove(parent);
}

Test(spool, says_what_is_wrong_with_its_directory)
{
    char *parent = temp_dir_make("spool"), *file = xasprintf("%s/file", parent);
    char *below = xasprintf("%s/no/such", parent);
    struct spool_options options = {.loop = loop_new(), .max_bytes = ROOM};
    struct error error;

    temp_dir_write(file, slice_text("x"));
    options.directory = file;
    cr_expect_null(spool_new(&options, &error));
    cr_expect_not_null(strstr(error.text, file), "%s", error.text);
    cr_expect_not_null(strstr(error.text, "Not a directory"), "%s", error.text);
    options.directory = below;
    cr_expect_null(spool_new(&options, &error));
    cr_expect_not_null(strstr(error.text, below), "%s", error.text);
    cr_expect_not_null(strstr(error.text, "No such file"), "%s", error.text);
    loop_free(options.loop);
    free(below);
    free(file);
    temp_dir_remove(parent);
}
