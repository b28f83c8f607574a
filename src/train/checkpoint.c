#include "train/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/options.h"
#include "base/str.h"
#include "tensor/cpu/cpu.h"
#include "train/tensors_priv.h"

#define SCHEMA "askance.checkpoint/1"

/* ---- notes ---- */

enum { N_MACHINE = 5, N_HEAD = 2 };

/* What bits depend on besides the settings. */
typedef struct {
    char threads[16], library[64];
    ask_weights_note notes[N_MACHINE];
} machine;

static void machine_read(machine *m, const ask_backend *backend)
{
    bool is_cpu = strcmp(backend->name, "cpu") == 0;
    ask_library library = ask_cpu_library();
    ask_format(m->threads, sizeof m->threads, "%d",
               is_cpu ? ask_cpu_n_threads(backend) : 0);
    ask_format(m->library, sizeof m->library, "%s %s", library.name, library.version);
    const ask_weights_note notes[N_MACHINE] = {
        {"machine.version", ask_version()},
        {"machine.backend", backend->name},
        {"machine.isa", is_cpu ? ask_isa_name(ask_cpu_isa(backend)) : ""},
        {"machine.threads", m->threads},
        {"machine.library", m->library},
    };
    memcpy(m->notes, notes, sizeof notes);
}

/* ---- writing ---- */

bool ask_checkpoint_write(const char *path, const ask_store *store, ask_backend *backend,
                          int64_t step, const ask_train_settings *settings, ask_error *err)
{
    char count[24];
    machine m;
    machine_read(&m, backend);
    ask_format(count, sizeof count, "%lld", (long long)step);
    size_t n_notes = N_HEAD + N_MACHINE + settings->n;
    ask_weights_note *notes = calloc(n_notes, sizeof *notes);
    if (!notes) return ask_fail_memory(err);
    notes[0] = (ask_weights_note){"schema", SCHEMA};
    notes[1] = (ask_weights_note){"step", count};
    memcpy(notes + N_HEAD, m.notes, sizeof m.notes);
    if (settings->n)
        memcpy(notes + N_HEAD + N_MACHINE, settings->items, settings->n * sizeof *notes);
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

/* Every expected note must be there, with that value. advice: what to do about it. */
static bool check_notes(const ask_weights *file, const char *path,
                        const ask_weights_note *expected, size_t n, const char *advice,
                        ask_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *is = ask_weights_find_note(file, expected[i].key);
        if (is && strcmp(is, expected[i].value) == 0) continue;
        return ask_fail(err, ASK_ERR_USAGE, "%s: was made with %s %s, this is %s: %s", path,
                        expected[i].key, is ? is : "unknown", expected[i].value, advice);
    }
    return true;
}

static bool same_shape(const ask_weights_entry *e, const ask_tensor *t)
{
    bool same = e->type == ask_tensor_type(t) && e->n_dims == ask_tensor_n_dims(t);
    for (int d = 0; d < e->n_dims && same; d++) same = e->shape[d] == ask_tensor_dim(t, d);
    return same;
}

static bool check_tensors(const ask_weights *file, const char *path, const ask_store *store,
                          ask_error *err)
{
    int n = ask_store_count(store);
    for (int i = 0; i < n; i++) {
        const ask_tensor *t = ask_store_at(store, i);
        const ask_weights_entry *e = ask_weights_find(file, ask_tensor_name(t));
        if (e && same_shape(e, t)) continue;
        return ask_fail(err, ASK_ERR_MODEL, "%s: tensor %s is %s", path, ask_tensor_name(t),
                        e ? "of another shape" : "missing");
    }
    size_t extra = ask_weights_count(file) - (size_t)n;
    return extra == 0 ||
           ask_fail(err, ASK_ERR_MODEL,
                    "%s: has %zu tensors that this training does not have", path, extra);
}

static bool fill(ask_store *store, const ask_weights *file, ask_error *err)
{
    for (int i = 0; i < ask_store_count(store); i++) {
        ask_tensor *t = ask_store_at(store, i);
        const ask_weights_entry *e = ask_weights_find(file, ask_tensor_name(t));
        if (!ask_tensor_write(t, e->data, e->bytes, err)) return false;
    }
    return true;
}

bool ask_checkpoint_read(const char *path, ask_store *store, ask_backend *backend,
                         const ask_train_settings *settings,
                         const ask_checkpoint_options *opt, int64_t *step, ask_error *err)
{
    ask_checkpoint_options o = {0};
    ask_options_take(&o, sizeof o, opt);
    ask_weights *file = ask_weights_open(path, err);
    if (!file) return false;
    machine m;
    machine_read(&m, backend);
    int64_t done;
    bool ok = read_step(&done, file, path, err) &&
              check_notes(file, path, settings->items, settings->n,
                          "go on with the same settings, or begin anew", err) &&
              (o.allow_drift ||
               check_notes(file, path, m.notes, N_MACHINE,
                           "other bits would come of it (--allow-drift)", err)) &&
              check_tensors(file, path, store, err) && fill(store, file, err);
    ask_weights_close(file);
    if (ok) *step = done;
    return ok;
}
