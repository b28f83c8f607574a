/* hub/store_priv.h - where the files of a model go: into the cache, or into a folder. */
#ifndef ASK_HUB_STORE_PRIV_H
#define ASK_HUB_STORE_PRIV_H

#include "base/arena.h"
#include "base/lock.h"
#include "hub/id.h"
#include "hub/listing_priv.h"

/* Texts are in memory of the arena. */
typedef struct {
    bool is_cache;
    const char *dir;   // where the files are afterwards: the snapshot, or the folder
    const char *model; // in the cache: models--OWNER--NAME
    const char *locks; // in the cache: the folder of the model's locks
    const char *ref;   // in the cache: refs/REVISION; NULL: the revision is the commit
    const char *commit;
} hub_store;

/* Where a file stands when it is whole, and until then; and its lock. */
typedef struct {
    const char *place, *partial, *lock;
} hub_place;

/* commit is borrowed; one of cache_dir and dir is there, dir goes first. */
bool hub_store_make(hub_store *out, const char *cache_dir, const char *dir,
                    const ask_hub_id *id, const char *commit, ask_arena *room,
                    ask_error *err);

/* Fails: ASK_ERR_MODEL in the cache for a file without a hash, by which it would be kept,
 * and in a folder for one that is called as its lock is; ASK_ERR_NOMEM. */
bool hub_store_place(hub_place *out, const hub_store *s, const hub_file *file,
                     ask_arena *room, ask_error *err);

/* Shows the files, which all are in their places, as a snapshot: all at once, or in one
 * that is there each at once. Of a folder there is nothing to do. */
bool hub_store_publish(const hub_store *s, const hub_listing *l, ask_error *err);

/* Ends what a place's lock began: only in a folder does its file go. */
void hub_store_unlock(const hub_store *s, ask_lock *lock);

#endif
