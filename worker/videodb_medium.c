#include "worker/videodb_medium.h"

#include "base/slice.h"

static const struct videodb_medium_words media[] = {
    [VIDEODB_VIDEO] = {"video", "videos", "m-"},
    [VIDEODB_AUDIO] = {"audio", "audios", "a-"},
    [VIDEODB_IMAGE] = {"image", "images", "img-"},
};

const struct videodb_medium_words *videodb_medium_words(enum videodb_medium medium)
{
    return &media[medium];
}

enum videodb_medium videodb_medium_of_type(const char *media_type)
{
    enum videodb_medium medium = VIDEODB_VIDEO;

    while (medium < VIDEODB_MEDIA && !slice_is(slice_text(media_type), media[medium].type))
        medium++;
    return medium;
}

enum videodb_medium videodb_medium_of_id(const char *media_id)
{
    enum videodb_medium medium = VIDEODB_VIDEO;

    while (medium < VIDEODB_MEDIA && !slice_starts_with(slice_text(media_id), media[medium].prefix))
        medium++;
    return medium;
}
