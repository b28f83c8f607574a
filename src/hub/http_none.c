/* Every call of hub/http_priv.h, for a build that has no libcurl. */
#include "hub/http_priv.h"

#include "hub/hub.h"

#ifndef ASK_HAVE_CURL

static bool fail(ask_error *err)
{
    return ask_fail(err, ASK_ERR_USAGE,
                    "this askance was built without libcurl and cannot download; install "
                    "libcurl4-openssl-dev and build it again");
}

bool ask_hub_library(ask_library *out)
{
    (void)out;
    return false;
}

http_client *http_open(int stall_s, const ask_cancel *cancel, ask_error *err)
{
    (void)stall_s, (void)cancel;
    fail(err);
    return NULL;
}

void http_close(http_client *c)
{
    (void)c;
}

bool http_ask(http_answer *out, http_client *c, const http_request *r, http_fault *fault,
              ask_error *err)
{
    (void)out, (void)c, (void)r, (void)fault;
    return fail(err);
}

#endif
