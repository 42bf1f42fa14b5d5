/* What a hostile document costs: no more than its length says. Each shape is worked on in a short
 * and in an 8 times longer form; work that grows with the square takes 64 times as long then. What
 * is compared is CPU time, the least of several tries, since others may need the machine. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json_read.h"
#include "webhook/envelope.h"
#include "worker/item.h"
#include "worker/videodb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { SHORT = 16 * 1024, TIMES = 8, TRIES = 4, MOST = 3 * TIMES, ROOM = 4 << 20 };

/* "%zu" in the piece stands for a number of its own, in no order. */
struct shape {
    const char *what, *open, *piece, *close;
};

#define NEST60 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
#define TSEN60 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"

static const struct shape shapes[] = {
    {"numbers", "[", "0", "]"},
    {"empty objects", "[", "{}", "]"},
    {"nesting to the limit", "[", NEST60 TSEN60, "]"},
    {"nesting around a list", NEST60 "[", "{}", "]" TSEN60},
    {"keys", "{", "\"k%zu\":0", "}"},
    {"keys that are alike", "{", "\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk%08zu\":0", "}"},
    {"one key again and again", "{", "\"k\":0", "}"},
    {"escaped keys", "{", "\"\\u006b\\n%zu\":[]", "}"},
    {"short strings", "[", "\"a\"", "]"},
    {"a string of escapes", "[\"", "\\n\\u00e9\\ud83d\\ude00", "\"]"},
    {"a string of UTF-8", "[\"", "\xf0\x9f\x98\x80\xc3\xa9", "\"]"},
    {"a number of many digits", "[1", "0", "]"},
    {"white space", "[", " \n\t\r", "]"},
    {"some members that are known, others not",
     "{\"index\":[],\"media_type\":\"video\",\"description\":\"\",\"name\":\"n\",\"max_attempts\":"
     "1",
     ",\"\\u006b%zu\":0", "}"},
    {"a reply of many members", "{\"success\":false", ",\"k%zu\":{\"id\":\"m-1\"}", "}"},
    {"a listing", "{\"success\":true,\"data\":{\"videos\":[", "{\"id\":\"m-%zu\",\"name\":\"n\"}",
     "]}}"},
    {"a batch", "{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[", "{\"url\":\"http://h/%zu\"}", "]}"},
};

static struct buffer make(const struct shape *shape, size_t length)
{
    struct buffer text = BUFFER(ROOM);
    char last = shape->open[strlen(shape->open) - 1];
    bool apart = (last == '[' || last == '{') && strcmp(shape->what, "white space") != 0;
    bool numbered = strchr(shape->piece, '%') != NULL;

    buffer_add_text(&text, shape->open);
    for (size_t i = 0; text.length < length; i++) {
        const char *mark = numbered ? strchr(shape->piece, '%') : shape->piece;
        cr_assert_not_null(mark);
        if (apart && i > 0)
            buffer_add_char(&text, ',');
        if (numbered) {
            buffer_add(&text, shape->piece, (size_t)(mark - shape->piece));
            buffer_add_format(&text, "%08zu", i * 48271 % 99999989);
            mark = strchr(mark, 'u');
            cr_assert_not_null(mark);
            mark++;
        }
        buffer_add_text(&text, mark);
    }
    buffer_add_text(&text, shape->close);
    cr_assert(!text.failed);
    return text;
}

/* --- what is done with a document ------------------------------------------------------------- */

static const struct json_limits limits = {.max_bytes = ROOM, .max_depth = 64};

static void check(struct slice text)
{
    cr_assert(json_check(text, &limits, NULL, NULL));
}

/* Every value is looked at, and every string read. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the limit lets a text be */
static void walk(const struct json *doc, int node)
{
    struct buffer plain = BUFFER(ROOM);

    (void)json_string(doc, node, &plain);
    (void)json_key(doc, node);
    buffer_clear(&plain);
    for (int n = json_first(doc, node); n != JSON_NONE; n = json_next(doc, n))
        walk(doc, n);
}

static void read_all(struct slice text)
{
    struct json doc;

    cr_assert(json_parse(&doc, text, &limits, NULL));
    walk(&doc, JSON_ROOT);
    bool unique = json_unique_keys(&doc, JSON_ROOT, NULL);
    cr_assert(unique || json_length(&doc, JSON_ROOT) > 1);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(json_get(&doc, JSON_ROOT, "missing"), JSON_NONE);
    json_clear(&doc);
}

static void push(struct slice text)
{
    static const struct item_defaults defaults = {3, ""};
    struct item item;

    item_parse(&item, text, &defaults);
    item_clear(&item);
}

static void call_back(struct slice text)
{
    struct envelope envelope = {"upload", slice_text("t"), 1, 1, text};
    struct buffer line = BUFFER(ROOM);
    struct error error;

    (void)envelope_add(&line, &envelope, &error);
    buffer_clear(&line);
}

static void reply(struct slice text)
{
    static const struct videodb_wanted wanted = {.name = "n", .id = "", .skip = "m-1 m-2"};
    struct videodb_answer answer;
    struct videodb_walk pages = {0};

    videodb_read_index(&answer, text);
    videodb_answer_clear(&answer);
    videodb_find_medium(&answer, text, &wanted, &pages);
    videodb_answer_clear(&answer);
    videodb_walk_clear(&pages);
}

static const struct {
    const char *name;
    void (*run)(struct slice text);
} uses[] = {{"json_check", check},
            {"json_read", read_all},
            {"item_parse", push},
            {"envelope_add", call_back},
            {"videodb", reply}};

/* --- what it costs ---------------------------------------------------------------------------- */

static double cpu_ms(void (*run)(struct slice text), struct slice text)
{
    struct timespec before, after;
    double least = 1e9;

    for (int i = 0; i < TRIES; i++) {
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
        run(text);
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
        double ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
                    (double)(after.tv_nsec - before.tv_nsec) / 1e6;
        least = ms < least ? ms : least;
    }
    return least;
}

Test(json_cost, grows_with_the_length_only)
{
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct buffer few = make(&shapes[i], SHORT), many = make(&shapes[i], (size_t)SHORT * TIMES);
        for (size_t j = 0; j < COUNT(uses); j++) {
            double one = cpu_ms(uses[j].run, buffer_slice(&few));
            double other = cpu_ms(uses[j].run, buffer_slice(&many));
            /* What is refused at once costs nothing worth comparing. */
            cr_expect(other < 0.2 || other < one * MOST, "%s: %s: %.3f ms, then %.3f ms",
                      shapes[i].what, uses[j].name, one, other);
            (void)printf("%-40s %-13s %8.3f ms %8.3f ms\n", shapes[i].what, uses[j].name, one,
                         other);
        }
        buffer_clear(&few);
        buffer_clear(&many);
    }
    (void)fflush(stdout);
}
