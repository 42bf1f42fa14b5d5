/* Files of the spool, in two ways. As they are: whatever the bytes, reading makes progress to their
 * end, and what is given out as a record is exactly what writing its payload makes. And damaged:
 * the lines of the input are written as records, some are spoiled, and reading brings back those
 * that were left alone, in their order, and nothing that was not written. */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "webhook/spool_record.h"

enum { MAX_FILE = 4 << 20, MAX_RECORDS = 64 };

/* --- any file --------------------------------------------------------------------------------- */

static struct spool_piece next(struct slice rest)
{
    struct spool_piece piece = spool_record_next(rest);

    assert((piece.found == SPOOL_FOUND_END) == (rest.length == 0));
    assert((piece.length > 0) == (rest.length > 0) && piece.length <= rest.length);
    assert(piece.found != SPOOL_FOUND_TORN || piece.length == rest.length);
    return piece;
}

static void check_record(struct slice rest, const struct spool_piece *piece)
{
    struct buffer again = BUFFER(MAX_FILE);

    assert(piece->payload.length > 0 && piece->payload.length <= SPOOL_RECORD_MAX);
    if (slice_find(piece->payload, '\n') < piece->payload.length)
        return; /* nobody writes such a record, and its digest is that of its payload */
    spool_record_add(&again, piece->payload);
    assert(slice_equal(buffer_slice(&again), slice_head(rest, piece->length)));
    buffer_clear(&again);
}

static void read_any(struct slice file)
{
    enum spool_found before = SPOOL_FOUND_END;

    while (file.length > 0) {
        struct spool_piece piece = next(file);
        if (piece.found == SPOOL_FOUND_RECORD)
            check_record(file, &piece);
        else
            assert(before != SPOOL_FOUND_DAMAGE); /* it reaches to the next whole record */
        before = piece.found;
        file = slice_skip(file, piece.length);
    }
    assert(spool_record_next(file).found == SPOOL_FOUND_END);
}

/* --- a damaged file --------------------------------------------------------------------------- */

struct written {
    struct slice payload;
    bool whole;
};

struct disk {
    struct buffer file;
    struct buffer junk; /* all that was put between records */
    struct written records[MAX_RECORDS];
    size_t count;
};

static void flip(struct buffer *file, size_t at, struct fuzz_dice *dice)
{
    file->data[at] = (char)(file->data[at] ^ (1 << fuzz_roll(dice, 8)));
}

/* Writes a record behind the others, and does something to one in two of them. */
static void write_record(struct disk *disk, struct slice payload, struct fuzz_dice *dice)
{
    struct buffer *file = &disk->file;
    size_t start = file->length;
    size_t kind = fuzz_roll(dice, 8);

    disk->records[disk->count++] = (struct written){payload, kind >= 3};
    spool_record_add(file, payload);
    size_t length = file->length - start, at = fuzz_roll(dice, length);
    if (kind == 0) {
        flip(file, start + at, dice);
    } else if (kind == 1) {
        file->length = start + at; /* cut off: never written to its end */
    } else if (kind == 2) {
        memmove(file->data + start + at, file->data + start + at + 1, length - at - 1);
        file->length--;
    } else if (kind == 3) {
        struct slice junk =
            slice_head(buffer_slice(file), fuzz_roll(dice, (size_t)1 << fuzz_roll(dice, 7)));
        buffer_add_slice(&disk->junk, junk);
        for (size_t i = 0; i < junk.length; i++)
            buffer_add_char(file, disk->junk.data[disk->junk.length - junk.length + i]);
    }
}

static bool was_written(const struct disk *disk, struct slice payload)
{
    for (size_t i = 0; i < disk->count; i++)
        if (slice_equal(disk->records[i].payload, payload))
            return true;
    return false;
}

static void read_damaged(const struct disk *disk)
{
    struct slice rest = buffer_slice(&disk->file);
    size_t expected = 0;

    while (rest.length > 0) {
        struct spool_piece piece = next(rest);
        rest = slice_skip(rest, piece.length);
        if (piece.found != SPOOL_FOUND_RECORD)
            continue;
        assert(was_written(disk, piece.payload));
        while (expected < disk->count && !disk->records[expected].whole)
            expected++;
        if (expected < disk->count && slice_equal(disk->records[expected].payload, piece.payload))
            expected++;
    }
    while (expected < disk->count && !disk->records[expected].whole)
        expected++;
    assert(expected == disk->count);
}

static void write_and_read(struct slice input)
{
    struct disk disk = {.file = BUFFER(MAX_FILE), .junk = BUFFER(MAX_FILE)};
    struct fuzz_dice dice = fuzz_dice(input);

    while (input.length > 0 && disk.count < MAX_RECORDS) {
        struct slice line = fuzz_cut(&input, '\n');
        if (line.length > 0)
            write_record(&disk, line, &dice);
    }
    assert(!disk.file.failed && !disk.junk.failed);
    read_damaged(&disk);
    buffer_clear(&disk.file);
    buffer_clear(&disk.junk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_make(data, size);

    read_any(input);
    write_and_read(input);
    return 0;
}
