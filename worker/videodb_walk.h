/* videodb_walk - reads a listing page by page until it has been seen whole. Pure. What page_index
 * counts from, how long a page is, and whether the API looks at it at all is not known for sure: a
 * walk goes on until a page is empty or two of them have brought nothing new. */
#ifndef REELQ_VIDEODB_WALK_H
#define REELQ_VIDEODB_WALK_H

#include "base/json_read.h"
#include "worker/videodb_medium.h"

enum { VIDEODB_WALK_PAGE = 5000, VIDEODB_WALK_MAX_PAGES = 1000 };

/* All zero is a walk before the first page of the videos. */
struct videodb_walk {
    enum videodb_medium medium; /* whose listing it is */
    unsigned page;              /* the page_index to ask for */
    uint64_t *seen;             /* hashes of the ids so far, sorted */
    size_t count;               /* of them */
    unsigned barren;            /* pages in a row that brought nothing new */
    bool filled;                /* the last page had as many entries as were asked for */
};

enum videodb_walk_step {
    VIDEODB_WALK_MORE, /* ask for the next page */
    VIDEODB_WALK_END,  /* the listing has been seen */
    VIDEODB_WALK_STUCK /* pages repeat and there may be more entries, or there is no end to them */
};

/* Takes in the page `list`, an array of objects with an "id". */
enum videodb_walk_step videodb_walk_page(struct videodb_walk *walk, const struct json *doc,
                                         int list);

/* True when the API has refused the page after one that had fewer entries than were asked for: that
 * one was the last. */
bool videodb_walk_refused(const struct videodb_walk *walk);

/* Frees the walk; it is then before the first page of the videos. */
void videodb_walk_clear(struct videodb_walk *walk);

/* The walk is then before the first page of that listing. */
void videodb_walk_start(struct videodb_walk *walk, enum videodb_medium medium);

#endif
