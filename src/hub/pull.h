/* hub/pull.h - get a model from a hub that speaks as Hugging Face's does.
 *
 *     ask_hub_pull_options o = ask_hub_pull_defaults();
 *     o.cache_dir = "/home/me/.cache/huggingface/hub";
 *     ask_hub_pull *p = ask_hub_pull_open("owner/name", &o, err);
 *     ... ask_hub_pull_info_of(p) is the plan; nothing was written ...
 *     ok = p && ask_hub_pull_run(p, err);
 *     ask_hub_pull_close(p);
 *
 * Files go into the cache that other programs use too (hub/cache.h), or into a folder. Each
 * is written under a name that ends in ".incomplete" until it is whole and its hash is that
 * which the hub tells: SHA-256 of large files, git's SHA-1 of small ones. What came before
 * an interruption is gone on with, also by a later run. In the cache, a snapshot and its
 * ref appear when all of its files are there.
 *
 * Nothing here reads the environment, but for the proxy, which libcurl takes from it.
 *
 * Failures: ASK_ERR_USAGE (an id, an endpoint, a token that cannot be; no libcurl in this
 * build), ASK_ERR_IO (network, disk), ASK_ERR_FORMAT (an answer of the hub that makes no
 * sense), ASK_ERR_MODEL (no such model, or gated, private, without weights; a file that is
 * not what the hub says), ASK_ERR_LIMIT (too little room on the disk), ASK_ERR_CANCELLED,
 * ASK_ERR_NOMEM. */
#ifndef ASK_HUB_PULL_H
#define ASK_HUB_PULL_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "hub/hub.h"

/* All is borrowed until close. */
typedef struct {
    size_t struct_size;    // set by ask_hub_pull_defaults
    const char *endpoint;  // https://huggingface.co; only for one that says http:// itself
                           // is anything sent without encryption
    const char *token;     // sent to the endpoint's host alone; NULL: none
    const char *revision;  // a branch, a tag, a commit; NULL: the id's own, else main
    const char *cache_dir; // where the cache is; or
    const char *dir;       // plain files into this folder, whose own they replace
    const char *const *files; // of the weights, by name; NULL: those that a folder is
                              // opened with (weights/weights.h)
    int n_files;
    const char *const *globs; // files that are taken besides (ask_glob_match)
    int n_globs;
    int stall_s;      // 30; a connection over which nothing came for so long is given up
    int n_tries;      // 5, in a row that brought nothing
    double backoff_s; // 1, before the second of them; then twice as long each time
    const ask_cancel *cancel;
    const ask_progress *progress; // of the bytes of all files
    const ask_logger *log;        // warnings: what went wrong and is tried again
} ask_hub_pull_options;

ASK_API ask_hub_pull_options ask_hub_pull_defaults(void);

typedef struct ask_hub_pull ask_hub_pull;

/* Asks the hub what the model has, chooses, and looks what is there already. */
ASK_API ask_hub_pull *ask_hub_pull_open(const char *id, const ask_hub_pull_options *options,
                                        ask_error *err);

typedef struct {
    const char *name, *revision, *commit; // "owner/name", "main", 40 digits
    const char *dir;                      // where the files are afterwards
    size_t n_files;
    int64_t n_bytes, n_missing_bytes; // of all files; of them to be downloaded
} ask_hub_pull_info;

typedef struct {
    const char *path; // below dir
    const char *hash; // SHA-256 (64 digits) or git's SHA-1 (40); "": the hub tells none
    int64_t n_bytes;
    int64_t n_there; // of these are there already; of a file in a folder that has the right
                     // size all, until its hash was looked at
} ask_hub_pull_file;

/* Texts are borrowed until close. After a run, what was missing is what was downloaded. */
ASK_API ask_hub_pull_info ask_hub_pull_info_of(const ask_hub_pull *p);
ASK_API ask_hub_pull_file ask_hub_pull_file_at(const ask_hub_pull *p, size_t i);

/* Downloads what is missing. After a failure what came stays, and may be gone on with. */
ASK_API bool ask_hub_pull_run(ask_hub_pull *p, ask_error *err);

ASK_API void ask_hub_pull_close(ask_hub_pull *p); // NULL is fine

#endif
