/* hub/fetch_priv.h - one file from a hub, checked, into its place. */
#ifndef ASK_HUB_FETCH_PRIV_H
#define ASK_HUB_FETCH_PRIV_H

#include "hub/client_priv.h"
#include "hub/listing_priv.h"
#include "hub/pace_priv.h"

/* All borrowed. */
typedef struct {
    hub_client *client;
    const hub_file *file; // its size is known
    const char *url;
    const char *partial; // where it stands until it is whole
    const char *place;   // where it stands then
    hub_pace *pace;
} hub_fetch;

/* Gets what is not there yet. *n_kept: bytes that were there and were of use. On failure
 * what came stays in the partial file and is gone on with, but for what proved wrong: that
 * is gone. Nothing but the right file gets the name of its place.
 * Fails: ASK_ERR_MODEL when the file is not what the hub says it is, ASK_ERR_LIMIT for a
 * full disk, and as hub_ask does. */
bool hub_fetch_file(int64_t *n_kept, const hub_fetch *f, ask_error *err);

/* Whether a file has this size and hash. Without a hash its size decides. Fails:
 * ASK_ERR_IO, ASK_ERR_CANCELLED. */
bool hub_file_is(bool *out, const char *path, const hub_file *file, hub_pace *pace,
                 ask_error *err);

#endif
