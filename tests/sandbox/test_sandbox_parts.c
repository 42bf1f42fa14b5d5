/* The parts of the sandbox that need no socket: fault grammar and decisions, verdicts, the table,
 * the journal. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "faults.h"
#include "journal.h"
#include "table.h"
#include "verdict.h"

static const struct {
    const char *text;
    const char *canonical; /* NULL: refused */
} FAULTS[] = {
    {"upload:reset-after=0.1", "upload:reset-after=0.1"},
    {"any:latency(500)=1", "any:latency(500)=1"},
    {"index:429(2)=x3", "index:429(2)=x3"},
    {"scene:429=0", "scene:429=0"},
    {"video:503(1)=1.0", "video:503(1)=1"},
    {"list:404=x0", "list:404=x0"},
    {"status:not-json=.5", "status:not-json=0.5"},
    {"async:oversized=1e-3", "async:oversized=0.001"},
    {"any:limit(10)=1", "any:limit(10)=1"},
    {"any:limit-mute(10)=1", "any:limit-mute(10)=1"},
    {"list:no-paging=1", "list:no-paging=1"},
    {"scene:exists=x1", "scene:exists=x1"},
    {"scene:fails=x1", "scene:fails=x1"},
    {"callback:late(20)=x1", "callback:late(20)=x1"},
    {"callback:out-of-order=1", "callback:out-of-order(5000)=1"},
    {"callback:slow(10)=1", "callback:slow(10)=1"},
    {"callback:broken-json=1", "callback:broken-json=1"},
    {"", NULL},
    {"upload", NULL},
    {"upload:hang", NULL},
    {"upload:hang=", NULL},
    {"upload:hang=2", NULL},
    {"upload:hang=-0.1", NULL},
    {"upload:hang=nan", NULL},
    {"upload:hang=0.5x", NULL},
    {"upload:hang=x", NULL},
    {"upload:hang=x-1", NULL},
    {"upload:hang(1)=1", NULL},
    {"upload:latency=1", NULL},
    {"upload:latency(=1", NULL},
    {"upload:latency()=1", NULL},
    {"upload:latency(1s)=1", NULL},
    {"upload:limit=1", NULL},
    {"callback:limit(1)=1", NULL},
    {"upload:99=1", NULL},
    {"upload:600=1", NULL},
    {"upload:lost=1", NULL},
    {"any:lost=1", NULL},
    {"callback:hang=1", NULL},
    {"callback:500=1", NULL},
    {"uploads:hang=1", NULL},
    {"upload:bang=1", NULL},
};

Test(fault, grammar)
{
    for (size_t i = 0; i < sizeof(FAULTS) / sizeof(FAULTS[0]); i++) {
        struct fault fault;
        struct error error = {""};
        struct buffer text = BUFFER(256);
        bool good = fault_parse(&fault, slice_text(FAULTS[i].text), &error);
        cr_expect(good == (FAULTS[i].canonical != NULL), "'%s': %s", FAULTS[i].text, error.text);
        if (good && FAULTS[i].canonical != NULL) {
            fault_add_text(&text, &fault);
            cr_expect_str_eq(buffer_text(&text), FAULTS[i].canonical);
        } else {
            cr_expect(error.text[0] != '\0', "'%s' is refused without a word", FAULTS[i].text);
        }
        buffer_clear(&text);
    }
}

static void add(struct faults *faults, const char *text)
{
    struct error error = {""};
    cr_assert(faults_add(faults, slice_text(text), &error), "%s", error.text);
}

Test(fault, decisions)
{
    struct faults one;
    struct faults two;
    unsigned hits = 0;
    faults_init(&one, 7);
    faults_init(&two, 7);
    add(&one, "upload:500=0.3");
    add(&two, "upload:500=0.3");
    for (int i = 0; i < 1000; i++) {
        /* What happens on another route must not shift the sequence. */
        (void)faults_decide(&two, FAULT_ROUTE_INDEX);
        struct fault_decision a = faults_decide(&one, FAULT_ROUTE_UPLOAD);
        struct fault_decision b = faults_decide(&two, FAULT_ROUTE_UPLOAD);
        cr_expect(a.kind == b.kind, "decision %d differs for the same seed", i);
        hits += a.kind == FAULT_STATUS ? 1 : 0;
    }
    cr_expect(hits > 230 && hits < 370, "0.3 hit %u of 1000", hits);

    struct faults counted;
    faults_init(&counted, 1);
    add(&counted, "any:latency(10)=1");
    add(&counted, "upload:latency(5)=1");
    add(&counted, "upload:hang=x1");
    add(&counted, "any:503(4)=x2");
    add(&counted, "callback:lost=x1");
    static const struct {
        enum fault_route route;
        enum fault_kind kind;
        int64_t latency_ms;
    } STEPS[] = {
        {FAULT_ROUTE_UPLOAD, FAULT_HANG, 15},   {FAULT_ROUTE_NONE, FAULT_STATUS, 10},
        {FAULT_ROUTE_UPLOAD, FAULT_STATUS, 15}, {FAULT_ROUTE_UPLOAD, FAULT_NONE, 15},
        {FAULT_ROUTE_CALLBACK, FAULT_LOST, 0},  {FAULT_ROUTE_CALLBACK, FAULT_NONE, 0},
    };
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        struct fault_decision decision = faults_decide(&counted, STEPS[i].route);
        cr_expect(decision.kind == STEPS[i].kind, "step %zu: kind %d", i, (int)decision.kind);
        cr_expect(decision.latency_ms == STEPS[i].latency_ms, "step %zu: latency", i);
    }
    faults_clear(&one);
    faults_clear(&two);
    faults_clear(&counted);
}

Test(verdict, urls)
{
    static const struct {
        const char *url;
        const char *media_type;
        const char *failure;
        enum medium_kind kind;
        unsigned flaky;
        bool stuck;
        bool stuck_index;
    } CASES[] = {
        {"https://x/a.mp4", NULL, NULL, MEDIUM_VIDEO, 0, false, false},
        {"https://x/a.mp4?missing", NULL, NULL, MEDIUM_VIDEO, 0, false, false},
        {"https://missing/a.mp4", NULL, NULL, MEDIUM_VIDEO, 0, false, false},
        {"https://x", NULL, NULL, MEDIUM_VIDEO, 0, false, false},
        {"https://x/watch", "audio", NULL, MEDIUM_AUDIO, 0, false, false},
        {"https://x/a.MP3", NULL, NULL, MEDIUM_AUDIO, 0, false, false},
        {"https://x/a.wav", "audio", NULL, MEDIUM_AUDIO, 0, false, false},
        {"https://x/a.png", NULL, NULL, MEDIUM_IMAGE, 0, false, false},
        {"https://x/a.mp4", "image", "Invalid media type", MEDIUM_VIDEO, 0, false, false},
        {"https://x/a.mp4", "audio", "Invalid media type", MEDIUM_VIDEO, 0, false, false},
        {"https://x/missing.mp4", NULL, "Download failed.", MEDIUM_VIDEO, 0, false, false},
        {"https://x/download-failed/a", NULL, "Download failed.", MEDIUM_VIDEO, 0, false, false},
        {"https://x/invalid-media", NULL, "Invalid media type", MEDIUM_VIDEO, 0, false, false},
        {"https://x/corrupt.mp4", NULL, "Something went wrong", MEDIUM_VIDEO, 0, false, false},
        {"https://x/too-long.mp4", NULL,
         "Video is over 3 hours, please reachout to contact@videodb.io to increase the quota",
         MEDIUM_VIDEO, 0, false, false},
        {"https://x/download-flaky-12.mp4", NULL, NULL, MEDIUM_VIDEO, 12, false, false},
        {"https://x/download-flaky-.mp4", NULL, NULL, MEDIUM_VIDEO, 0, false, false},
        {"https://x/stuck.mp4", NULL, NULL, MEDIUM_VIDEO, 0, true, false},
        {"https://x/stuck-index.mp4", NULL, NULL, MEDIUM_VIDEO, 0, false, true},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct slice path = verdict_url_path(slice_text(CASES[i].url));
        struct verdict verdict = verdict_of(path, slice_text(CASES[i].media_type));
        const char *failure = verdict.failure == NULL ? "" : verdict.failure;
        cr_expect_str_eq(failure, CASES[i].failure == NULL ? "" : CASES[i].failure, "%s",
                         CASES[i].url);
        cr_expect(verdict.kind == CASES[i].kind, "kind of %s", CASES[i].url);
        cr_expect(verdict.flaky == CASES[i].flaky, "flaky of %s", CASES[i].url);
        cr_expect(verdict.stuck == CASES[i].stuck, "stuck of %s", CASES[i].url);
        cr_expect(verdict.stuck_index == CASES[i].stuck_index, "index of %s", CASES[i].url);
    }
    cr_expect(verdict_of(slice_text("/silent.mp4"), slice_text("")).silent);
}

Test(table, thousands)
{
    enum { COUNT = 5000 };
    static char keys[COUNT][16];
    struct table table = {0};
    cr_expect_null(table_get(&table, slice_text("none")));
    cr_expect(!table_remove(&table, slice_text("none")));
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "key-%d", i);
        table_put(&table, keys[i], keys[i]);
    }
    /* Taking every third one out moves others about; all that stay must be found. */
    for (int i = 0; i < COUNT; i += 3) {
        cr_expect(table_remove(&table, slice_text(keys[i])), "%s was not there", keys[i]);
        cr_expect(!table_remove(&table, slice_text(keys[i])), "%s was there twice", keys[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        void *found = table_get(&table, slice_text(keys[i]));
        cr_expect(found == (i % 3 == 0 ? NULL : keys[i]), "%s", keys[i]);
    }
    cr_expect_eq(table.count, COUNT - (COUNT + 2) / 3);
    table_clear(&table);
}

Test(journal, lines)
{
    struct journal journal;
    struct journal_entry entry = {
        .operation = "upload",
        .video_id = "m-1",
        .url = "https://x/a \"b\".mp4",
        .callback_url = "http://127.0.0.1:9/webhooks/upload?id=1&sig=0123abcd&n=1",
        .body = slice_text("{\"callback_url\":\n\"http://h/?sig=0123abcd\"}"),
    };
    journal_init(&journal, 600);
    journal_add_operation(&journal, &entry, 5);
    cr_expect_str_eq(buffer_text(&journal.lines),
                     "{\"seq\":1,\"op\":\"upload\",\"at\":5,\"video_id\":\"m-1\",\"job_id\":null,"
                     "\"collection_id\":null,\"name\":null,\"url\":\"https://x/a \\\"b\\\".mp4\","
                     "\"callback_url\":\"/webhooks/upload?id=1&sig=&n=1\","
                     "\"body\":{\"callback_url\": \"http://h/?sig=\"}}\n");
    journal_add_operation(&journal, &entry, 6);
    journal_add_operation(&journal, &entry, 7);
    cr_expect_eq(journal.dropped, 1, "a full journal drops whole lines");
    cr_expect_eq(journal.lines.data[journal.lines.length - 1], '\n');
    cr_expect_eq(journal.counts[0], 3);
    journal_reset(&journal);
    journal_add_operation(&journal, &entry, 8);
    cr_expect(strncmp(buffer_text(&journal.lines), "{\"seq\":1,", 9) == 0);
    journal_clear(&journal);
}
