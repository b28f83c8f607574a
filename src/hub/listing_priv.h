/* hub/listing_priv.h - the files of one revision of a model, as the hub tells them. */
#ifndef ASK_HUB_LISTING_PRIV_H
#define ASK_HUB_LISTING_PRIV_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "hub/head_priv.h"

/* Longest answer that is read, and largest file that is believed. */
enum { HUB_LISTING_BYTES = 32 << 20 };
#define HUB_FILE_BYTES ((int64_t)1 << 50)

typedef struct {
    const char *path;              // safe to put behind a folder; parts joined by '/'
    int64_t n_bytes;               // -1: not told
    char hash[HUB_HASH_CHARS + 1]; // SHA-256, or git's SHA-1 of a blob; "": not told
} hub_file;

typedef struct {
    char commit[HUB_HASH_CHARS + 1];
    hub_file *files; // in memory of room, in the order of the answer
    size_t n;
} hub_listing;

/* Reads the answer of api/models/ID/revision/REVISION. Refused is the whole of it when a
 * path in it leads out of a folder, is not to be shown, or comes twice. what stands in
 * front of messages. Fails: ASK_ERR_FORMAT, ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
bool hub_listing_parse(hub_listing *out, const char *text, size_t n_bytes, const char *what,
                       ask_arena *room, ask_error *err);

#endif
