/* askance features info - what a store of features holds, and what lies under a key. */
#include "base/json_write.h"
#include "cli/command.h"
#include "model/feature_store.h"

enum { MOST_KEYS = 5 }; // that are listed

typedef struct {
    ask_feature_store_options store;
} values;

typedef struct {
    double min, max, mean;
} spread;

typedef struct {
    const ask_feature_store *store;
    const char *key;              // NULL: none was asked for
    const ask_feature_rows *rows; // of the key
} findings;

/* Of numbers that are there: rows->n is not 0. */
static spread spread_of(const ask_feature_rows *rows)
{
    int64_t n = rows->n * rows->width;
    spread s = {.min = (double)rows->data[0], .max = (double)rows->data[0]};
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double x = (double)rows->data[i];
        if (x < s.min) s.min = x;
        if (x > s.max) s.max = x;
        sum += x;
    }
    s.mean = sum / (double)n;
    return s;
}

static size_t n_listed(const ask_feature_store_info *i)
{
    return i->n_keys < MOST_KEYS ? i->n_keys : MOST_KEYS;
}

/* ---- in words ---- */

static void text_store(ask_str *out, const ask_feature_store *store)
{
    ask_feature_store_info i = ask_feature_store_info_of(store);
    ask_str_printf(out, "store       %s\nform        %s\n", i.path, i.form);
    if (i.dataset) ask_str_printf(out, "data set    %s\n", i.dataset);
    if (i.width)
        ask_str_printf(out, "width       %lld\n", (long long)i.width);
    else
        ask_str_append(out, "width       differs, or is not known before reading\n");
    ask_str_printf(out, "keys        %zu: ", i.n_keys);
    size_t n = n_listed(&i);
    for (size_t k = 0; k < n; k++)
        ask_str_printf(out, "%s%s", k ? ", " : "", ask_feature_store_key_at(store, k));
    if (n < i.n_keys) ask_str_printf(out, " and %zu more", i.n_keys - n);
    ask_str_append_char(out, '\n');
}

static void text_rows(ask_str *out, const char *key, const ask_feature_rows *r)
{
    ask_str_printf(out, "\nkey         %s\nshape      ", key);
    for (int d = 0; d < r->n_dims; d++)
        ask_str_printf(out, "%s %lld", d ? " x" : "", (long long)r->shape[d]);
    ask_str_printf(out, "\nrows        %lld of %lld\n", (long long)r->n,
                   (long long)r->width);
    if (r->n > 0) {
        spread s = spread_of(r);
        ask_str_printf(out, "numbers     %.6g to %.6g, mean %.6g\n", s.min, s.max, s.mean);
    }
    if (r->n_times > 0)
        ask_str_printf(out, "times       %lld, %.6g s to %.6g s\n", (long long)r->n_times,
                       r->t_s[0], r->t_s[r->n_times - 1]);
    if (r->model_id) ask_str_printf(out, "model       %s\n", r->model_id);
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    text_store(out, f->store);
    if (f->key) text_rows(out, f->key, f->rows);
}

/* ---- as JSON: docs/formats.md ---- */

static void json_store(ask_json_writer *w, const ask_feature_store *store)
{
    ask_feature_store_info i = ask_feature_store_info_of(store);
    ask_json_put_string(w, "store", i.path);
    ask_json_put_string(w, "form", i.form);
    if (i.dataset) ask_json_put_string(w, "dataset", i.dataset);
    if (i.width) ask_json_put_int(w, "width", i.width);
    ask_json_put_int(w, "n_keys", (int64_t)i.n_keys);
    ask_json_open_array(w, "first_keys");
    size_t n = n_listed(&i);
    for (size_t k = 0; k < n; k++)
        ask_json_put_string(w, NULL, ask_feature_store_key_at(store, k));
    ask_json_close(w);
}

static void json_rows(ask_json_writer *w, const char *key, const ask_feature_rows *r)
{
    ask_json_open_object(w, "features");
    ask_json_put_string(w, "key", key);
    ask_json_open_array(w, "shape");
    for (int d = 0; d < r->n_dims; d++) ask_json_put_int(w, NULL, r->shape[d]);
    ask_json_close(w);
    ask_json_put_int(w, "n_rows", r->n);
    ask_json_put_int(w, "width", r->width);
    if (r->n > 0) {
        spread s = spread_of(r);
        ask_json_put_double(w, "min", s.min);
        ask_json_put_double(w, "max", s.max);
        ask_json_put_double(w, "mean", s.mean);
    }
    if (r->t_s) {
        ask_json_open_array(w, "t_s");
        for (int64_t i = 0; i < r->n_times; i++) ask_json_put_double(w, NULL, r->t_s[i]);
        ask_json_close(w);
    }
    if (r->model_id) ask_json_put_string(w, "model_id", r->model_id);
    ask_json_close(w);
}

/* Why fields are absent. */
static void json_notes(ask_json_writer *w, const findings *f)
{
    ask_json_open_object(w, "notes");
    if (!ask_feature_store_info_of(f->store).width)
        ask_json_put_string(w, "width", "keys differ, or only reading one tells");
    if (!f->key) ask_json_put_string(w, "features", "no KEY was named");
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.features.info/1");
    json_store(&w, f->store);
    if (f->key) json_rows(&w, f->key, f->rows);
    json_notes(&w, f);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    const cli_arguments *arguments = call->arguments;
    ask_feature_store *store = ask_feature_store_open(arguments->items[0], &v->store, err);
    if (!store) return CLI_FAILED;
    ask_feature_rows rows = {0};
    findings f = {.store = store, .rows = &rows};
    if (arguments->n == 2) f.key = arguments->items[1];
    bool ok = (!f.key || ask_feature_store_read(&rows, store, f.key, err)) &&
              cli_output_result(call->output, as_text, as_json, &f, err);
    ask_feature_rows_free(&rows);
    ask_feature_store_close(store);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {0};

static const cli_option options[] = {
    {.name = "keys",
     .kind = CLI_TEXT,
     .at = offsetof(values, store.list),
     .argument = "FILE",
     .help = "of HDF5: the key of each row, a line each (default: its data set ids)"},
    {.name = "dataset",
     .kind = CLI_TEXT,
     .at = offsetof(values, store.dataset),
     .argument = "NAME",
     .help = "of HDF5: the data set with the features (default: the one that can be)"},
    {.name = "id-map",
     .kind = CLI_TEXT,
     .at = offsetof(values, store.id_map),
     .argument = "FILE",
     .help = "JSON {key: number}, where the store's own keys are such numbers"},
    {.name = "width",
     .kind = CLI_INT,
     .at = offsetof(values, store.width),
     .min = 1,
     .max = 1 << 30,
     .argument = "N",
     .help = "fail unless each row has N numbers"},
    {.name = "model-id",
     .kind = CLI_TEXT,
     .at = offsetof(values, store.model_id),
     .argument = "ID",
     .help = "fail unless KEY was made by this model, where the store says it"},
    {0},
};

const cli_command cli_features_info_command = {
    .name = "features info",
    .summary = "Show what a store of features holds",
    .arguments = "STORE [KEY]",
    .min_arguments = 1,
    .max_arguments = 2,
    .description =
        "STORE is what people publish, told apart by its content: a torch archive, a\n"
        "pickle or safetensors with a tensor for each key; HDF5; .npz; a folder with a\n"
        ".npy, .pkl, .pt or .safetensors file for each key, as `askance features` makes\n"
        "them; one such file. A key is a video, a clip or a question. With KEY its\n"
        "features are read and checked. Nothing that is pickled is executed.\n\n"
        "Exit status 1 when STORE has no KEY, 3 when STORE cannot be read or its numbers\n"
        "are none, 2 when this askance was built without HDF5 and STORE needs it.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
