/* Where the state of a job is looked for: documents on other hosts, listings of many pages. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

#define ITEM(id) "{\"id\":\"" id "\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}"

/* --- pages ------------------------------------------------------------------------------------ */

static void start_pages(const char *faults)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_UNKNOWN_GRACE=1s",
                                                                        "REELQ_LEASE=500ms",
                                                                        "REELQ_BREAKER=10000"),
                                                         .sandbox = LIST("--page-size", "3")});
    pipeline_faults(&pipeline, faults);
}

/* What was accepted is found, on whatever page it stands: newer ones push it to the third. */
Test(questions, a_medium_on_a_later_page)
{
    static const char *const files[] = {"a.mp4", "a.mp3", "a.png"};

    for (size_t i = 0; i < COUNT(files); i++) {
        start_pages("upload:reset-after=x1 callback:lost=x1 list:500=1");
        pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/%s\",\"index\":[]}",
                        files[i]);
        (void)pipeline_await(&pipeline, "unknown", "t");
        for (int k = 0; k < 7; k++)
            pipeline_submit(&pipeline, "{\"id\":\"o%d\",\"url\":\"https://e.com/%s\",\"index\":[]}",
                            k, files[i]);
        (void)pipeline_await_nth(&pipeline, "ready", NULL, 7);
        pipeline_faults(&pipeline, "");
        pipeline_has(files[i], pipeline_await(&pipeline, "ready", "t"), "\"attempts\":1,");
        cr_expect_gt(pipeline_asked(&pipeline, "page_index=2", NULL), 0, "%s", files[i]);
        cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 8, "%s is paid for twice", files[i]);
        pipeline_stop(&pipeline);
    }
}

/* What never arrived is missing at the end of all pages, also where there are none. */
static const char *const pagings[] = {"upload:reset-before=x1",
                                      "list:no-paging=1 upload:reset-before=x1"};

Test(questions, a_video_on_no_page)
{
    for (size_t i = 0; i < COUNT(pagings); i++) {
        start_pages("");
        for (int k = 0; k < 4; k++)
            pipeline_submit(&pipeline,
                            "{\"id\":\"o%d\",\"url\":\"https://e.com/o.mp4\",\"index\":[]}", k);
        (void)pipeline_await_nth(&pipeline, "ready", NULL, 4);
        pipeline_faults(&pipeline, pagings[i]);
        pipeline_submit(&pipeline, ITEM("t"));
        pipeline_has(pagings[i], pipeline_await(&pipeline, "ready", "t"), "\"attempts\":2,");
        cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 5);
        pipeline_stop(&pipeline);
    }
}

/* --- other hosts ------------------------------------------------------------------------------ */

/* Documents are said to be on another host, which does this to whoever asks; NULL: nobody listens.
 */
static const struct {
    const char *fault, *path;
} hosts[] = {{NULL, ""},         {"any:401=1", ""}, {"any:429(60)=1", ""},
             {"any:500=1", ""},  {"any:404=1", ""}, {"any:404=x0", "/_sandbox/state?x="},
             {"any:hang=1", ""}, {"any:cut=1", ""}};

static struct process *start_host(const char *fault, const char *path, char **url)
{
    const char *const *words = LIST("--listen", "127.0.0.1:0", "--fault", fault);

    *url = xstrdup("http://127.0.0.1:1");
    if (fault == NULL)
        return NULL;
    struct process *host =
        process_start(&(struct process_options){REELQ_BIN_DIR "/reelq-sandbox", words, NULL});
    cr_assert(process_wait_log(host, "listening address=", 1, PIPELINE_WAIT_MS));
    const char *at = strstr(process_log(host), "listening address=") + strlen("listening address=");
    free(*url);
    *url = xasprintf("http://%.*s%s", (int)strcspn(at, " \n"), at, path);
    return host;
}

static void end_host(struct process *host)
{
    if (host == NULL)
        return;
    process_signal(host, SIGTERM);
    cr_expect_eq(process_wait(host), 0);
    process_free(host);
}

/* The lists are asked instead, and the API is not blamed. */
Test(questions, documents_elsewhere)
{
    for (size_t i = 0; i < COUNT(hosts); i++) {
        char *url;
        struct process *host = start_host(hosts[i].fault, hosts[i].path, &url);
        const char *what = hosts[i].fault != NULL ? hosts[i].fault : "nobody";
        pipeline_start(&pipeline, &(struct pipeline_options){
                                      .worker = LIST("REELQ_CALLBACK_TIMEOUT=100ms",
                                                     "REELQ_API_TIMEOUT=500ms", "REELQ_BREAKER=1"),
                                      .sandbox = LIST("--output-base", url)});
        pipeline_faults(&pipeline, "callback:lost=1");
        pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\","
                                   "\"index\":[\"spoken_words\",\"scenes\"]}");
        pipeline_has(what, pipeline_await(&pipeline, "ready", "t"), "\"attempts\":1,");
        cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 3, "%s", what);
        cr_expect_eq(witness_events(pipeline.witness, "rate_limited", NULL), 0, "%s", what);
        cr_expect_eq(witness_events(pipeline.witness, "blocked", NULL), 0, "%s", what);
        cr_expect_null(strstr(process_log(pipeline.workers[0]), "api-"), "%s", what);
        pipeline_stop(&pipeline);
        end_host(host);
        free(url);
    }
}

/* A host that does not answer this time: what it has to say is not forgotten. */
Test(questions, the_document_is_asked_for_again)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST("REELQ_CALLBACK_TIMEOUT=50ms"),
                                              .sandbox = LIST("--output-base", "http://127.0.0.1:1",
                                                              "--upload-time", "2s")});
    pipeline_faults(&pipeline, "callback:lost=1");
    pipeline_submit(&pipeline, ITEM("t"));
    pipeline_await_asked(&pipeline, "\"GET\"", "/video?collection_id=", 2);
    char *kept = pipeline_record(&pipeline, "t", "output_url");
    cr_expect_neq(kept[0], '\0');
    free(kept);
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":1,");
    pipeline_stop(&pipeline);
}
