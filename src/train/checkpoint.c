#include "train/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/options.h"
#include "base/str.h"
#include "train/tensors_priv.h"
#include "train/terms_priv.h"

#define SCHEMA "askance.checkpoint/1"

enum { N_HEAD = 2 };

/* ---- writing ---- */

bool ask_checkpoint_write(const char *path, const ask_store *store, ask_backend *backend,
                          int64_t step, const ask_train_settings *settings, ask_error *err)
{
    char count[24];
    train_machine m;
    train_machine_read(&m, backend);
    ask_format(count, sizeof count, "%lld", (long long)step);
    size_t n_notes = N_HEAD + TRAIN_N_MACHINE + settings->n;
    ask_weights_note *notes = calloc(n_notes, sizeof *notes);
    if (!notes) return ask_fail_memory(err);
    notes[0] = (ask_weights_note){"schema", SCHEMA};
    notes[1] = (ask_weights_note){"step", count};
    memcpy(notes + N_HEAD, m.notes, sizeof m.notes);
    if (settings->n)
        memcpy(notes + N_HEAD + TRAIN_N_MACHINE, settings->items,
               settings->n * sizeof *notes);
    bool ok = train_write_tensors(path, store, NULL, notes, n_notes, err);
    free(notes);
    return ok;
}

/* ---- reading ---- */

static bool read_step(int64_t *out, const ask_weights *file, const char *path,
                      ask_error *err)
{
    const char *schema = ask_weights_find_note(file, "schema"),
               *step = ask_weights_find_note(file, "step");
    if (!schema || strcmp(schema, SCHEMA) != 0)
        return ask_fail(err, ASK_ERR_MODEL, "%s: is no checkpoint of a training", path);
    if (step && ask_parse_i64(out, step) && *out >= 0) return true;
    return ask_fail(err, ASK_ERR_MODEL, "%s: does not tell how many steps were made", path);
}

static const char *find_note(const void *file, const char *key)
{
    return ask_weights_find_note(file, key);
}

bool ask_checkpoint_read(const char *path, ask_store *store, ask_backend *backend,
                         const ask_train_settings *settings,
                         const ask_checkpoint_options *opt, int64_t *step, ask_error *err)
{
    ask_checkpoint_options o = {0};
    ask_options_take(&o, sizeof o, opt);
    ask_weights *file = ask_weights_open(path, err);
    if (!file) return false;
    const train_kept kept = {path, file, find_note, find_note};
    int64_t done;
    bool ok = read_step(&done, file, path, err) &&
              train_check_terms(&kept, settings, backend, o.allow_drift, err) &&
              train_check_tensors(file, path, store, NULL, err) &&
              train_fill_tensors(store, file, NULL, err);
    ask_weights_close(file);
    if (ok) *step = done;
    return ok;
}
