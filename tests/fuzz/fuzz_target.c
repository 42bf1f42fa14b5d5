/* The URL of a callback, and URLs in general. The input is read as a request target of which
 * nothing is true, as a URL, as a query and as plain bytes; and it names a task for which a genuine
 * URL is made, which must be taken, while no change of it may be. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/url.h"
#include "fuzz.h"
#include "webhook/target.h"

/* The time is always the same, so that an input means the same tomorrow. */
enum { MAX_ID = 256, MAX_TEXT = 1 << 20, MAX_URL = 8192, NOW_S = 1000000000, HOUR_S = 3600 };

static struct signature_keys old_and_new, only_new, other, none;

static void make_keys(void)
{
    struct error error;

    if (other.count > 0)
        return;
    assert(signature_keys_parse(&old_and_new,
                                slice_text("the-new-secret-of-all,the-old-secret-of-all"), &error));
    assert(signature_keys_parse(&only_new, slice_text("the-new-secret-of-all"), &error));
    assert(signature_keys_parse(&other, slice_text("the-old-secret-of-all"), &error));
}

/* --- a target as it comes --------------------------------------------------------------------- */

/* Is it the signature by one of the two secrets, told without signature_verify()? */
static bool is_signed(const struct target *target, struct slice query)
{
    struct signature_subject subject = {target->kind, buffer_slice(&target->id), target->call,
                                        target->expires_s};
    char first[SIGNATURE_LENGTH + 1], second[SIGNATURE_LENGTH + 1];
    struct slice given;

    signature_make(&only_new, &subject, first);
    signature_make(&other, &subject, second);
    return url_query_get(query, "sig", &given) &&
           (slice_is(given, first) || slice_is(given, second));
}

static void read_target(struct slice text)
{
    struct slice query = text, path = fuzz_cut(&query, '?');
    const struct target_rules known = {&old_and_new, NOW_S}, unknown = {&none, NOW_S};
    struct target target;

    enum target_verdict verdict = target_read(&target, path, query, &known);
    assert(verdict != TARGET_UNKNOWN);
    bool is_signed_one = verdict == TARGET_GENUINE || verdict == TARGET_EXPIRED;
    if (is_signed_one) {
        assert(target.id.length > 0 && target.id.length <= MAX_ID && is_signed(&target, query));
        assert((target.expires_s <= NOW_S) == (verdict == TARGET_EXPIRED));
    }
    target_clear(&target);
    enum target_verdict unsure = target_read(&target, path, query, &unknown);
    assert(unsure == TARGET_UNKNOWN || unsure == TARGET_WRONG);
    assert(!is_signed_one || unsure == TARGET_UNKNOWN);
    target_clear(&target);
}

/* --- a genuine one, and what is near to it ---------------------------------------------------- */

struct made {
    const char *kind;
    struct slice id;
    uint64_t call, expires_s;
    char signature[SIGNATURE_LENGTH + 2]; /* room for one digit too many */
};

static enum target_verdict verdict_of(const struct made *made, const struct signature_keys *keys)
{
    const struct target_rules rules = {keys, NOW_S};
    struct buffer query = BUFFER(MAX_TEXT);
    char path[32] = "/webhooks/";
    struct target target;

    (void)strncat(path, made->kind, sizeof(path) - strlen(path) - 1);
    buffer_add_text(&query, "id=");
    url_add_encoded(&query, made->id);
    buffer_add_format(&query, "&n=%" PRIu64 "&exp=%" PRIu64 "&sig=%s", made->call, made->expires_s,
                      made->signature);
    enum target_verdict verdict =
        target_read(&target, slice_text(path), buffer_slice(&query), &rules);
    if (verdict == TARGET_GENUINE)
        assert(slice_equal(buffer_slice(&target.id), made->id) && target.call == made->call);
    target_clear(&target);
    buffer_clear(&query);
    return verdict;
}

static void expect_only_genuine(struct slice id, struct fuzz_dice *dice)
{
    static const char *const kinds[] = {"upload", "index"};
    size_t kind = fuzz_roll(dice, 2);
    struct made made = {kinds[kind], id, fuzz_roll(dice, 100000),
                        NOW_S + HOUR_S + fuzz_roll(dice, HOUR_S), ""};
    const struct signature_subject subject = {made.kind, made.id, made.call, made.expires_s};
    const struct signature_subject late = {made.kind, made.id, made.call, NOW_S - HOUR_S};

    signature_make(&only_new, &subject, made.signature);
    assert(verdict_of(&made, &only_new) == TARGET_GENUINE);
    assert(verdict_of(&made, &old_and_new) == TARGET_GENUINE);
    assert(verdict_of(&made, &none) == TARGET_UNKNOWN);
    assert(verdict_of(&made, &other) == TARGET_WRONG);

    struct made changed = made;
    changed.kind = kinds[1 - kind];
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
    changed = made;
    changed.call++;
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
    changed = made;
    changed.expires_s++;
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
    changed.expires_s = NOW_S - HOUR_S;
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
    signature_make(&only_new, &late, changed.signature);
    assert(verdict_of(&changed, &old_and_new) == TARGET_EXPIRED);
    changed = made;
    changed.id = slice_skip(id, 1);
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
    changed = made;
    size_t place = fuzz_roll(dice, SIGNATURE_LENGTH);
    changed.signature[place] = (char)(changed.signature[place] ^ (1 << fuzz_roll(dice, 5)));
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
    changed = made;
    changed.signature[SIGNATURE_LENGTH] = '0';
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
    changed = made;
    changed.signature[fuzz_roll(dice, SIGNATURE_LENGTH)] = '\0';
    assert(verdict_of(&changed, &old_and_new) == TARGET_WRONG);
}

/* --- URLs ------------------------------------------------------------------------------------- */

static bool is_within(struct slice part, struct slice whole)
{
    return part.length == 0 ||
           (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

/* What was read must mean the same when it is put together again. */
static void read_again(const struct url *url)
{
    struct buffer text = BUFFER(MAX_TEXT);
    bool ipv6 = slice_find(url->host, ':') < url->host.length;
    struct url again;

    buffer_add_slice(&text, url->scheme);
    buffer_add_text(&text, ipv6 ? "://[" : "://");
    buffer_add_slice(&text, url->host);
    buffer_add_text(&text, ipv6 ? "]" : "");
    if (url->port.length > 0) {
        buffer_add_char(&text, ':');
        buffer_add_slice(&text, url->port);
    }
    buffer_add_slice(&text, url->target);
    assert(url_parse(buffer_slice(&text), MAX_TEXT, &again, NULL));
    assert(slice_equal(again.host, url->host) && slice_equal(again.target, url->target));
    assert(url_same_origin(&again, url) && url_same_origin(url, &again));
    buffer_clear(&text);
}

static void read_url(struct slice text)
{
    struct error error;
    struct url url;

    if (!url_parse(text, MAX_URL, &url, &error)) {
        fuzz_expect_error(&error);
        return;
    }
    assert(is_within(url.scheme, text) && is_within(url.host, text) && is_within(url.port, text));
    assert(is_within(url.origin, text) && is_within(url.target, text));
    assert(url.host.length > 0 && slice_find(url.host, '@') == url.host.length);
    assert(url.origin.length > 0 || slice_find(text, '@') < text.length);
    for (size_t i = 0; i < text.length; i++)
        assert((unsigned char)text.data[i] > ' ' && text.data[i] != 0x7f);
    read_again(&url);
}

/* --- queries and percent-coding --------------------------------------------------------------- */

static void read_query(struct slice query, const char *name)
{
    struct slice rest = query, value, found = {NULL, 0};
    unsigned count = 0;

    while (rest.length > 0) {
        struct slice pair = fuzz_cut(&rest, '&'), given = fuzz_cut(&pair, '=');
        if (slice_is(given, name)) {
            found = pair;
            count++;
        }
    }
    assert(url_query_get(query, name, &value) == (count == 1));
    assert(count != 1 || slice_equal(value, found));
}

static void code_and_decode(struct slice text)
{
    struct buffer coded = BUFFER(MAX_TEXT), plain = BUFFER(MAX_TEXT), twice = BUFFER(MAX_TEXT);

    url_add_encoded(&coded, text);
    bool decoded = url_add_decoded(&plain, buffer_slice(&coded));
    assert(decoded == (slice_find(text, '\0') == text.length));
    assert(!decoded || slice_equal(buffer_slice(&plain), text));
    buffer_reset(&coded);
    if (url_add_decoded(&coded, text)) {
        assert(coded.length <= text.length);
        url_add_encoded(&twice, buffer_slice(&coded));
        buffer_reset(&plain);
        assert(slice_find(buffer_slice(&coded), '\0') == coded.length ||
               slice_find(text, '\0') < text.length);
        assert(slice_find(text, '\0') < text.length ||
               url_add_decoded(&plain, buffer_slice(&twice)));
        assert(slice_find(text, '\0') < text.length ||
               slice_equal(buffer_slice(&plain), buffer_slice(&coded)));
    }
    buffer_clear(&coded);
    buffer_clear(&plain);
    buffer_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_make(data, size), id = slice_head(input, MAX_ID);
    struct fuzz_dice dice = fuzz_dice(input);

    make_keys();
    read_target(input);
    read_url(input);
    read_query(input, "id");
    read_query(slice_skip(input, slice_find(input, '?') + 1), "sig");
    code_and_decode(input);
    if (id.length > 0 && slice_find(id, '\0') == id.length)
        expect_only_genuine(id, &dice);
    return 0;
}
