#include "base/config_redact.h"

#include "base/config_table.h"
#include "base/config_value.h"
#include "base/redact.h"
#include "base/url.h"
#include "base/wipe.h"

static void add_each(struct slice list)
{
    bool more = true;

    while (more) {
        size_t comma = slice_find(list, ',');
        redact_add(slice_trim(slice_head(list, comma)));
        more = comma < list.length;
        list = slice_skip(list, comma + 1);
    }
}

static void add_password(struct slice password)
{
    struct buffer decoded = BUFFER(password.length + 1);

    redact_add(password);
    if (url_add_decoded(&decoded, password))
        redact_add(buffer_slice(&decoded));
    wipe_free_text(buffer_take(&decoded));
}

void config_redact(const struct config *config)
{
    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        const void *field = (const char *)config + s->offset;
        if ((s->traits & CONFIG_IS_SECRET) == 0) // and those are strings
            continue;
        const char *text = *(char *const *)field;
        if (text[0] == '\0')
            continue;
        if (s->type == CONFIG_REDIS_URL)
            add_password(config_value_password(text));
        else
            add_each(slice_text(text));
    }
}
