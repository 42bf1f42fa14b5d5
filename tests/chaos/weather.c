#include "chaos/weather.h"

#include <assert.h>

/* In every weather: calls that are accepted and not answered yet, for workers that die meanwhile.
 * The first fault that hits a request is the one that counts, so these come last. */
#define USUAL "upload:late-reply(400)=0.3 index:late-reply(400)=0.3 scene:late-reply(400)=0.3"

static const struct weather weathers[] = {
    {"calm", USUAL},
    {"errors", "upload:500=0.3 index:502=0.3 scene:504=0.3 video:500=0.3 list:503=0.3 "
               "status:500=0.3 async:500=0.3 " USUAL},
    {"crowded", "upload:429(1)=0.3 index:429(1)=0.2 scene:503(1)=0.2 list:429(1)=0.1 "
                "async:429=0.1 " USUAL},
    {"refusing", "upload:401=0.6 index:402=0.6 scene:401=0.6 list:401=0.6 async:401=0.6 " USUAL},
    {"away", "upload:reset-before=1 index:reset-before=1 scene:reset-before=1 "
             "list:reset-before=1 status:reset-before=1 async:reset-before=1"},
    {"hanging", "upload:hang-after=0.3 index:hang-after=0.3 scene:hang-after=0.3 upload:hang=0.1 "
                "index:hang=0.1 list:hang=0.2 status:hang=0.1 async:hang=0.2 " USUAL},
    {"resets", "upload:reset-after=0.4 index:reset-after=0.4 scene:reset-after=0.4 "
               "upload:reset-before=0.1 list:reset-after=0.2 async:reset-before=0.2 " USUAL},
    {"garbled", "upload:cut=0.2 upload:broken-json=0.2 upload:no-request-type=0.1 "
                "upload:not-json=0.1 index:cut=0.2 index:no-data=0.2 scene:cut=0.2 "
                "scene:oversized=0.1 scene:not-json=0.1 list:cut=0.2 async:broken-json=0.2 " USUAL},
    {"slow", "upload:latency(800)=0.5 index:latency(1500)=0.3 scene:latency(700)=0.5 "
             "list:latency(500)=0.5 async:latency(400)=0.5 " USUAL},
    {"thoughtful", "upload:late-reply(1200)=0.8 index:late-reply(1200)=0.8 "
                   "scene:late-reply(1200)=0.8"},
    {"prompt", "upload:sync-done=0.5 index:sync-done=0.5 scene:sync-done=0.5 " USUAL},
    {"mute", "callback:lost=0.6 " USUAL},
    {"echoes", "callback:doubled=0.3 callback:early=0.2 callback:out-of-order(2000)=0.2 "
               "callback:late(4000)=0.2 " USUAL},
    {"mumbling", "callback:broken-json=0.3 callback:empty=0.3 callback:slow(1500)=0.2 " USUAL},
    {"gone silent", "upload:reset-after=0.3 index:reset-after=0.3 scene:reset-after=0.3 "
                    "callback:lost=0.6 " USUAL},
};

unsigned weather_count(void)
{
    return sizeof(weathers) / sizeof(weathers[0]);
}

const struct weather *weather_get(unsigned number)
{
    assert(number < weather_count());
    return &weathers[number];
}
