/* laws - what must hold in every world that can be reached, and over every step. A law is named by
 * the sentence that it breaks; NULL: none is broken. */
#ifndef REELQ_TESTS_LAWS_H
#define REELQ_TESTS_LAWS_H

#include "model/world.h"

extern const char LAW_HOME[], LAW_KEPT[], LAW_MESSAGE[], LAW_BATCH[], LAW_PAID[], LAW_FIRST[];
extern const char LAW_DUPLICATE[], LAW_TOKEN[], LAW_TWICE[], LAW_LEASE[], LAW_RERUN[];

const char *laws_world(const struct world *world, const struct rules *rules);
const char *laws_step(const struct world *before, const struct step *step,
                      const struct world *after, const struct rules *rules);

#endif
