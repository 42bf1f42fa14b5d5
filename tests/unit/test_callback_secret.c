#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <string.h>

#include "base/error.h"
#include "queue/callback_secret.h"
#include "support/redis_client.h"
#include "support/wait.h"

#define AGREED "agreed-secret-0123456789"

static bool is_known(void *arg)
{
    return callback_secret_keys(arg)->count > 0;
}

/* Nobody has configured it, so only who reads it can keep it out of logs and errors. */
Test(callback_secret, that_was_agreed_on_is_taken_out_of_what_is_said)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);
    struct callback_secret_options options = {
        .loop = client->loop, .redis = client->redis, .key = "secret", .configured = ""};
    struct error error;

    freeReplyObject(redis_server_command(server, "SET secret " AGREED));
    struct callback_secret *secret = callback_secret_new(&options, &error);
    callback_secret_on_up(secret);
    cr_assert(wait_until(client->loop, is_known, secret, SOON_MS));
    (void)error_set(&error, "Redis says %s", AGREED);
    cr_expect_str_eq(error.text, "Redis says ***");
    redis_client_drop(client);
    callback_secret_free(secret);
    redis_client_free(client);
    redis_server_stop(server);
}
