/* Which model it is. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "model/model_priv.h"

static void add_number(ask_sha256 *s, int64_t number)
{
    char text[32];
    int n = ask_format(text, sizeof text, "%lld ", (long long)number);
    ask_sha256_update(s, text, (size_t)n);
}

static void add_header(ask_sha256 *s, const ask_weights_entry *e)
{
    ask_sha256_update(s, e->name, strlen(e->name) + 1);
    ask_sha256_update(s, ask_dtype_name(e->type), strlen(ask_dtype_name(e->type)) + 1);
    add_number(s, e->n_dims);
    for (int i = 0; i < e->n_dims; i++) add_number(s, e->shape[i]);
}

/* Training changes every tensor, so a few of the bytes tell checkpoints of one shape apart;
 * all of them would be read for minutes. */
static void add_ends(ask_sha256 *s, const ask_weights *weights)
{
    enum { END_BYTES = 4096 };
    size_t left = END_BYTES, n = ask_weights_count(weights);
    for (size_t i = 0; i < n && left > 0; i++) {
        const ask_weights_entry *e = ask_weights_at(weights, i);
        size_t take = e->bytes < left ? e->bytes : left;
        ask_sha256_update(s, e->data, take);
        left -= take;
    }
    left = END_BYTES;
    for (size_t i = n; i-- > 0 && left > 0;) {
        const ask_weights_entry *e = ask_weights_at(weights, i);
        size_t take = e->bytes < left ? e->bytes : left;
        ask_sha256_update(s, (const uint8_t *)e->data + e->bytes - take, take);
        left -= take;
    }
}

/* The name of a file of the folder and a fast hash of what is in it, if it is there. */
static bool add_file(ask_sha256 *s, const char *dir, const char *name, ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    if (!path) return false;
    ask_map map = {0};
    bool there = ask_file_exists(path), ok = !there || ask_map_open(&map, path, err);
    if (there && ok) {
        ask_sha256_update(s, name, strlen(name) + 1);
        add_number(s, (int64_t)map.n_bytes);
        add_number(s, (int64_t)ask_hash64(map.data, map.n_bytes, 0));
    }
    ask_map_close(&map);
    free(path);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

/* What changes the answers of the same weights. */
static bool add_files(ask_sha256 *s, const char *dir, ask_error *err)
{
    static const char *const others[] = {MODEL_PREPROCESS_FILE,
                                         MODEL_POOLING_FILE,
                                         "calibration.json",
                                         MODEL_ANSWERS_FILE,
                                         MODEL_DENIALS_FILE,
                                         MODEL_CLASSES_FILE,
                                         NULL};
    for (int i = 0; ask_tokenizer_files[i]; i++)
        if (!add_file(s, dir, ask_tokenizer_files[i], err)) return false;
    for (int i = 0; others[i]; i++)
        if (!add_file(s, dir, others[i], err)) return false;
    return true;
}

bool model_identify(char id[65], const char *dir, const char *config, size_t config_bytes,
                    const ask_weights *weights, ask_error *err)
{
    ask_sha256 s;
    uint8_t digest[ASK_SHA256_BYTES];
    ask_sha256_begin(&s);
    if (!add_files(&s, dir, err)) return false;
    add_number(&s, (int64_t)config_bytes);
    ask_sha256_update(&s, config, config_bytes);
    for (size_t i = 0; i < ask_weights_count(weights); i++)
        add_header(&s, ask_weights_at(weights, i));
    add_ends(&s, weights);
    ask_sha256_end(&s, digest);
    ask_hex(id, digest, sizeof digest);
    return true;
}
