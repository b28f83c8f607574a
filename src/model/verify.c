#include "model/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"
#include "base/path.h"
#include "base/str.h"
#include "model/model_priv.h"
#include "model/verify_greedy_priv.h"
#include "model/verify_priv.h"

#define INPUTS_FILE "inputs.safetensors"
#define OUTPUTS_FILE "outputs.safetensors"

/* All that a verification holds. */
typedef struct {
    ask_verify_options opt;
    ask_model *model;
    ask_weights *inputs, *outputs, *grads; // grads: NULL without the file
    ask_weights *own[NETWORK_MAX_RUNS];    // of runs with a file: NULL without it
    ask_arena *texts;                      // of the report
    ask_verify_report report;
    const ask_weights_entry **entries; // of each row
    bool *taken;                       // of each tensor of `inputs`: a run took it
} verification;

/* ---- the report ---- */

static bool is_input(const network_run *run, const char *name)
{
    for (int i = 0; run && run->inputs[i].name; i++)
        if (strcmp(run->inputs[i].name, name) == 0) return true;
    return false;
}

/* run: whose own file it is; or NULL. */
static void add_rows(verification *v, const ask_weights *file, const char *file_name,
                     const network_run *run)
{
    for (size_t i = 0; file && i < ask_weights_count(file); i++) {
        const ask_weights_entry *e = ask_weights_at(file, i);
        if (is_input(run, e->name)) continue;
        v->entries[v->report.n_rows] = e;
        v->report.rows[v->report.n_rows++] = (ask_verify_row){
            .name = ask_arena_strdup(v->texts, e->name), .file = file_name};
    }
}

static bool set_reason(verification *v, ask_verify_row *row, const char *reason,
                       ask_error *err)
{
    row->reason = ask_arena_strdup(v->texts, reason);
    return row->reason || ask_fail_memory(err);
}

static bool is_gradient(const ask_verify_row *row)
{
    return strcmp(row->file, NETWORK_GRADS_FILE) == 0;
}

static bool is_blank(const ask_weights_entry *e)
{
    const char *bytes = e->data;
    return e->bytes == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, e->bytes - 1) == 0);
}

/* A file of nothing but zeros is what is left where nobody computed gradients: of a loss
 * that moves no parameter there is nothing to verify. */
static bool refuse_blank_gradients(verification *v, ask_error *err)
{
    if (!v->grads) return true;
    for (size_t i = 0; i < ask_weights_count(v->grads); i++)
        if (!is_blank(ask_weights_at(v->grads, i))) return true;
    for (int i = 0; i < v->report.n_rows; i++) {
        ask_verify_row *row = &v->report.rows[i];
        if (is_gradient(row) &&
            !set_reason(v, row, "all of the file is zeros, which is no reference", err))
            return false;
    }
    return true;
}

static bool list_rows(verification *v, ask_error *err)
{
    size_t n = ask_weights_count(v->outputs), n_inputs = ask_weights_count(v->inputs);
    if (n == 0)
        return ask_fail(err, ASK_ERR_MODEL, "%s: holds no tensors to compare with",
                        ask_weights_file(v->outputs, 0));
    const network *net = v->model->network;
    if (v->grads) n += ask_weights_count(v->grads);
    for (int i = 0; i < net->n_runs; i++)
        if (v->own[i]) n += ask_weights_count(v->own[i]);
    v->texts = ask_arena_new(0);
    v->report.memory = v->texts;
    v->report.rows = calloc(n + n_inputs, sizeof *v->report.rows);
    v->entries = calloc(n, sizeof *v->entries);
    v->taken = calloc(n_inputs + 1, sizeof *v->taken);
    if (!v->texts || !v->report.rows || !v->entries || !v->taken)
        return ask_fail_memory(err);
    add_rows(v, v->outputs, OUTPUTS_FILE, NULL);
    add_rows(v, v->grads, NETWORK_GRADS_FILE, NULL);
    for (int i = 0; i < net->n_runs; i++)
        add_rows(v, v->own[i], net->runs[i].file, &net->runs[i]);
    for (int i = 0; i < v->report.n_rows; i++)
        if (!v->report.rows[i].name) return ask_fail_memory(err);
    return refuse_blank_gradients(v, err);
}

/* Why no run has reached a row. */
static const char *why_not(const verification *v, const ask_verify_row *row)
{
    const network *n = v->model->network;
    if (!is_gradient(row)) return "no run of the network gives a tensor of that name";
    for (int i = 0; i < n->n_runs; i++)
        if (n->runs[i].loss) return "no run gives the gradient of a parameter of that name";
    return "the network's runs compute no gradients";
}

/* What was fed in and no run takes: the reference may have looked at it. */
static bool add_untaken(verification *v, ask_error *err)
{
    for (size_t i = 0; i < ask_weights_count(v->inputs); i++) {
        if (v->taken[i]) continue;
        ask_verify_row *row = &v->report.rows[v->report.n_rows++];
        row->file = INPUTS_FILE;
        row->name = ask_arena_strdup(v->texts, ask_weights_at(v->inputs, i)->name);
        if (!row->name) return ask_fail_memory(err);
        if (!set_reason(v, row, "no run of the network takes it", err)) return false;
    }
    return true;
}

/* Rows that no run has reached say why; all are counted. */
static bool finish_report(verification *v, ask_error *err)
{
    ask_verify_report *r = &v->report;
    if (!add_untaken(v, err)) return false;
    r->network = v->model->network->name;
    for (int i = 0; i < r->n_rows; i++) {
        ask_verify_row *row = &r->rows[i];
        if (!row->compared && !row->reason && !set_reason(v, row, why_not(v, row), err))
            return false;
        if (!row->compared)
            r->n_not_compared++;
        else if (row->passed)
            r->n_passed++;
        else
            r->n_failed++;
    }
    return true;
}

void ask_verify_report_free(ask_verify_report *r)
{
    if (!r) return;
    free(r->rows);
    ask_arena_free(r->memory);
    *r = (ask_verify_report){0};
}

/* ---- one run ---- */

/* A run with the inputs of one prefix. */
typedef struct {
    verification *v;
    const network_run *run;
    const ask_weights *own; // NULL: the run has no file of its own
    const char *prefix;
    const ask_weights_entry *entry[NETWORK_MAX_INPUTS]; // NULL: absent
    network_value value[NETWORK_MAX_INPUTS];
    void *data[NETWORK_MAX_INPUTS]; // as the graph takes them; owned
    ask_graph *graph;
    ask_tensor **ours;    // of each row, what it is compared with; owned
    verify_greedy greedy; // the same of a run without a graph
} running;

static bool check_type(const running *r, int i, ask_error *err)
{
    const ask_weights_entry *e = r->entry[i];
    const network_input *in = &r->run->inputs[i];
    bool real = in->type == ASK_F32;
    if (in->any_number || real != verify_is_integer(e->type)) return true;
    return ask_fail(err, ASK_ERR_MODEL, "%s is %s; the network takes %s", e->name,
                    ask_dtype_name(e->type), real ? "real numbers" : "integers");
}

static void convert(void *out, ask_dtype type, const ask_weights_entry *e)
{
    if (type == ASK_F32 && !verify_is_integer(e->type))
        ask_dtype_to_f32(e->type, out, e->data, (size_t)e->n_elements);
    else
        for (int64_t k = 0; k < e->n_elements; k++) {
            int64_t number = verify_integer_at(e->type, e->data, k);
            if (type == ASK_F32) ((float *)out)[k] = (float)number;
            if (type == ASK_I64) ((int64_t *)out)[k] = number;
            if (type == ASK_BOOL) ((uint8_t *)out)[k] = number != 0;
        }
}

/* Copies an input out of the file, as the type that the graph takes. */
static bool load(running *r, int i, ask_error *err)
{
    const ask_weights_entry *e = r->entry[i];
    ask_dtype type = r->run->inputs[i].type;
    if (!check_type(r, i, err)) return false;
    size_t n = (size_t)e->n_elements;
    void *data = r->data[i] = malloc(n * ask_dtype_bytes(type) + 1);
    if (!data) return ask_fail_memory(err);
    convert(data, type, e);
    r->value[i] = (network_value){.present = true,
                                  .n_dims = e->n_dims,
                                  .ids = type == ASK_I64 ? data : NULL,
                                  .reals = type == ASK_F32 ? data : NULL,
                                  .flags = type == ASK_BOOL ? data : NULL};
    memcpy(r->value[i].shape, e->shape, sizeof r->value[i].shape);
    return true;
}

static bool load_inputs(running *r, ask_error *err)
{
    for (int i = 0; r->run->inputs[i].name; i++)
        if (r->entry[i] && !load(r, i, err)) return false;
    return r->run->check(r->v->model->net, r->value, err);
}

/* What stands behind a prefix; NULL when the name has another. */
static const char *behind(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(name, prefix, n) == 0 ? name + n : NULL;
}

/* The name without what the run puts before it; NULL when something else stands there. */
static const char *local_name(const running *r, const ask_verify_row *row)
{
    const char *name = behind(row->name, r->prefix);
    return name && r->run->outputs ? behind(name, r->run->outputs) : name;
}

/* The parameter of which a row is the gradient; NULL: it is none. */
static const char *parameter_of(const running *r, const ask_verify_row *row)
{
    const char *name = local_name(r, row);
    if (!name || !r->run->loss || !is_gradient(row)) return NULL;
    char prefix[128];
    ask_format(prefix, sizeof prefix, "d_%s_d_param.", r->run->loss);
    const char *parameter = behind(name, prefix);
    return parameter ? parameter : strcmp(name, r->run->loss) != 0 ? name : NULL;
}

/* Whether the run can still give what the row compares with. */
static bool is_open(const running *r, const ask_verify_row *row)
{
    const char *file = r->run->file ? r->run->file : OUTPUTS_FILE;
    bool gives =
        strcmp(row->file, file) == 0 || (!r->run->file && r->run->loss && is_gradient(row));
    return gives && !row->compared && !row->reason && local_name(r, row);
}

/* The gradients of the run's loss: one call, for they share what is behind the loss. */
static bool add_gradients(running *r, ask_tensor *loss, ask_error *err)
{
    int n_rows = r->v->report.n_rows, n = 0;
    ask_tensor **x = calloc((size_t)n_rows, 2 * sizeof *x), **grad = x + n_rows;
    int *rows = calloc((size_t)n_rows, sizeof *rows);
    bool ok = (x && rows) || ask_fail_memory(err);
    for (int i = 0; i < n_rows && ok; i++) {
        const ask_verify_row *row = &r->v->report.rows[i];
        const char *name = parameter_of(r, row);
        if (!name || !is_open(r, row)) continue;
        x[n] = ask_store_find(r->v->model->store, name);
        if (x[n]) rows[n++] = i;
    }
    if (ok) ask_graph_gradients(r->graph, loss, x, n, grad);
    for (int i = 0; i < n; i++) r->ours[rows[i]] = ask_keep(r->graph, grad[i]);
    free(x);
    free(rows);
    return ok;
}

/* Finds what the rows are compared with, once the graph is built. */
static bool find_ours(running *r, ask_error *err)
{
    const verification *v = r->v;
    for (int i = 0; i < v->report.n_rows; i++) {
        const ask_verify_row *row = &v->report.rows[i];
        if (is_open(r, row) && !parameter_of(r, row))
            r->ours[i] = ask_graph_find(r->graph, local_name(r, row));
    }
    ask_tensor *loss = r->run->loss ? ask_graph_find(r->graph, r->run->loss) : NULL;
    return !loss || add_gradients(r, loss, err);
}

static bool build(running *r, ask_error *err)
{
    const verification *v = r->v;
    r->graph = ask_graph_new(err);
    if (!r->graph) return false;
    r->ours = calloc((size_t)v->report.n_rows, sizeof *r->ours);
    if (!r->ours) return ask_fail_memory(err);
    for (int i = 0; i < v->report.n_rows; i++) {
        const ask_verify_row *row = &v->report.rows[i];
        if (is_open(r, row) && !parameter_of(r, row))
            ask_graph_want(r->graph, local_name(r, row));
    }
    for (int i = 0; r->run->inputs[i].name; i++)
        if (r->entry[i])
            r->value[i].tensor = ask_input(r->graph, r->run->inputs[i].type,
                                           r->value[i].n_dims, r->value[i].shape);
    r->run->build(r->graph, v->model->net, r->value);
    if (!find_ours(r, err)) return false;
    const ask_plan_options opt = {.backends = &v->model->backend, .n_backends = 1};
    return ask_graph_plan(r->graph, &opt, err);
}

static bool compute(const running *r, ask_error *err)
{
    for (int i = 0; r->run->inputs[i].name; i++) {
        ask_tensor *t = r->value[i].tensor;
        if (t && !ask_tensor_write(t, r->data[i], ask_tensor_bytes(t), err)) return false;
    }
    const ask_run_options opt = {.cancel = r->v->opt.cancel,
                                 .progress = r->v->opt.progress};
    return ask_graph_run(r->graph, &opt, err);
}

/* Has the model go on with the texts, as far as the reference did. */
static bool go_on(running *r, ask_error *err)
{
    char name[512];
    ask_format(name, sizeof name, "%s" VERIFY_GREEDY_SCORES, r->prefix);
    const ask_weights_entry *scores = ask_weights_find(r->v->outputs, name);
    const network_prompt *prompt = r->run->prompt;
    const void *net = r->v->model->net;
    const verify_greedy_options opt = {
        .n_first = prompt ? prompt->n_first(net) : 0,
        .n_prompt = prompt ? r->value[prompt->n_tokens].ids : NULL,
        .n_new = scores && scores->n_dims == 3 ? (int)scores->shape[1] : 0,
        .lead = r->run->lead ? r->run->lead(net) : NETWORK_TEXT_LEADS,
        .has_mark = r->run->mark != NULL,
        .mark = r->run->mark ? r->run->mark(net, r->value) : -1,
        .cancel = r->v->opt.cancel,
        .progress = r->v->opt.progress};
    return verify_greedy_run(&r->greedy, r->v->model, r->value, &opt, err);
}

/* The mask of an output; one that does not fit it masks nothing. */
static verify_mask mask_of(const running *r, const char *name, const ask_weights_entry *e)
{
    const network_mask *m = r->run->masks;
    while (m->outputs && !ask_glob_match(m->outputs, name)) m++;
    for (int i = 0; m->outputs && r->run->inputs[i].name; i++) {
        const network_value *value = &r->value[i];
        if (strcmp(r->run->inputs[i].name, m->mask) != 0 || !value->present) continue;
        if (m->axis >= e->n_dims || e->shape[0] != value->shape[0]) break;
        int64_t before = e->shape[m->axis] - value->shape[1];
        if (before < 0 || (before > 0 && !r->run->masks_end)) break;
        return (verify_mask){r->data[i], value->shape[0], value->shape[1], m->axis, before};
    }
    return (verify_mask){0};
}

static void widen_tolerance(const running *r, ask_verify_row *row)
{
    const network *n = r->v->model->network;
    double noise = is_gradient(row) ? n->gradient_noise : n->noise;
    if (noise != 0 && r->v->opt.tol == 0) row->tol_abs *= noise;
}

static bool set_tolerance(const running *r, ask_verify_row *row, const char *name,
                          const ask_weights_entry *e, ask_error *err)
{
    double tol = r->v->opt.tol;
    if (!is_gradient(row))
        verify_set_tolerance(row, name, tol);
    else if (!verify_set_gradient_tolerance(row, e, tol, err))
        return false;
    widen_tolerance(r, row);
    return true;
}

/* Tolerance and mask of a row. */
static bool set_up_row(const running *r, ask_verify_row *row, const ask_weights_entry *e,
                       verify_mask *mask, ask_error *err)
{
    const char *name = local_name(r, row);
    if (!set_tolerance(r, row, name, e, err)) return false;
    if (!is_gradient(row))
        *mask = r->run->greedy ? verify_greedy_mask(&r->greedy, name) : mask_of(r, name, e);
    return true;
}

/* What a row is compared with; NULL values when the run gives no such thing. */
static bool read_ours(verify_numbers *out, const running *r, int i, ask_error *err)
{
    if (r->run->greedy) {
        const ask_verify_row *row = &r->v->report.rows[i];
        return !is_open(r, row) ||
               verify_greedy_find(out, &r->greedy, local_name(r, row), err);
    }
    return !r->ours[i] || verify_numbers_read(out, r->ours[i], err);
}

static bool compare_numbers(const running *r, int i, const verify_numbers *ours,
                            ask_error *err)
{
    ask_verify_row *row = &r->v->report.rows[i];
    const ask_weights_entry *e = r->v->entries[i];
    verify_mask mask = {0};
    ask_str reason = {0};
    if (!set_up_row(r, row, e, &mask, err)) return false;
    bool ok = verify_compare(row, &reason, ours, e, &mask, err);
    if (ok && reason.failed) ok = ask_fail_memory(err);
    if (ok && reason.length > 0) ok = set_reason(r->v, row, ask_str_text(&reason), err);
    ask_str_free(&reason);
    return ok;
}

static bool compare_row(const running *r, int i, ask_error *err)
{
    verify_numbers ours = {0};
    bool ok =
        read_ours(&ours, r, i, err) && (!ours.values || compare_numbers(r, i, &ours, err));
    verify_numbers_free(&ours);
    return ok;
}

static void close_running(running *r)
{
    ask_graph_free(r->graph);
    free(r->ours);
    verify_greedy_free(&r->greedy);
    for (int i = 0; i < NETWORK_MAX_INPUTS; i++) free(r->data[i]);
}

/* Finds the inputs of a prefix; false when it has not all that the run needs. */
static bool find_inputs(running *r)
{
    bool any = false;
    for (int i = 0; r->run->inputs[i].name; i++) {
        char name[512];
        ask_format(name, sizeof name, "%s%s", r->prefix, r->run->inputs[i].name);
        if (r->own) r->entry[i] = ask_weights_find(r->own, name);
        const ask_weights *file = r->run->inputs[i].told ? r->v->outputs : r->v->inputs;
        if (!r->entry[i]) r->entry[i] = ask_weights_find(file, name);
        if (!r->entry[i] && !r->run->inputs[i].optional) return false;
        any |= r->entry[i] != NULL;
    }
    return any;
}

static void note_taken(const running *r)
{
    const ask_weights *inputs = r->v->inputs;
    for (size_t i = 0; i < ask_weights_count(inputs); i++)
        for (int k = 0; r->run->inputs[k].name; k++)
            r->v->taken[i] |= r->entry[k] == ask_weights_at(inputs, i);
}

static bool do_run(verification *v, int i_run, const char *prefix, int *n_done,
                   ask_error *err)
{
    running r = {.v = v,
                 .run = &v->model->network->runs[i_run],
                 .own = v->own[i_run],
                 .prefix = prefix};
    if (!find_inputs(&r)) return true;
    note_taken(&r);
    bool ok = load_inputs(&r, err);
    if (!ok) ask_fail_in(err, "%s", ask_weights_file(r.own ? r.own : v->inputs, 0));
    ok = ok && (r.run->greedy ? go_on(&r, err) : build(&r, err) && compute(&r, err));
    for (int i = 0; i < v->report.n_rows && ok; i++) ok = compare_row(&r, i, err);
    close_running(&r);
    *n_done += ok;
    return ok;
}

/* ---- all runs ---- */

/* Bytes of the prefix before one of the run's own names for inputs; -1 for another name. */
static int prefix_length(const network_run *run, const char *name)
{
    for (int i = 0; run->inputs[i].name; i++) {
        if (!ask_ends_with(name, run->inputs[i].name)) continue;
        size_t length = strlen(name) - strlen(run->inputs[i].name);
        if (length == 0 || name[length - 1] == '.') return (int)length;
    }
    return -1;
}

/* Whether an earlier input of the file has the same prefix. */
static bool is_repeated(const verification *v, const network_run *run, size_t at,
                        int length)
{
    const char *name = ask_weights_at(v->inputs, at)->name;
    for (size_t i = 0; i < at; i++) {
        const char *earlier = ask_weights_at(v->inputs, i)->name;
        if (prefix_length(run, earlier) == length &&
            strncmp(earlier, name, (size_t)length) == 0)
            return true;
    }
    return false;
}

/* Does a run once for each prefix. */
static bool do_prefixes(verification *v, int i_run, int *n_done, ask_error *err)
{
    const network_run *run = &v->model->network->runs[i_run];
    for (size_t i = 0; i < ask_weights_count(v->inputs); i++) {
        const char *name = ask_weights_at(v->inputs, i)->name;
        int length = prefix_length(run, name);
        if (length < 0 || is_repeated(v, run, i, length)) continue;
        char *prefix = ask_arena_strndup(v->texts, name, (size_t)length);
        if (!prefix) return ask_fail_memory(err);
        if (!do_run(v, i_run, prefix, n_done, err)) return false;
    }
    return true;
}

static bool do_runs(verification *v, ask_error *err)
{
    const network *n = v->model->network;
    int n_done = 0;
    for (int i = 0; i < n->n_runs; i++) {
        if (n->runs[i].file && !v->own[i]) continue;
        if (!(v->own[i] ? do_run(v, i, "", &n_done, err) : do_prefixes(v, i, &n_done, err)))
            return false;
    }
    if (n_done > 0) return true;
    return ask_fail(err, ASK_ERR_MODEL, "%s: holds no inputs of %s (its first is %s)",
                    ask_weights_file(v->inputs, 0), n->name, n->runs[0].inputs[0].name);
}

/* ---- once more ---- */

static const char *type_of_16_bits(const ask_model *m, ask_dtype *type)
{
    static const ask_dtype types[] = {ASK_F16, ASK_BF16};
    for (int i = 0; i < 2; i++) {
        *type = types[i];
        if (strcmp(m->info.dtype, ask_dtype_name(types[i])) == 0) return m->info.dtype;
    }
    return NULL;
}

static bool any_differs(const ask_verify_report *r)
{
    for (int i = 0; i < r->n_rows; i++)
        if (r->rows[i].compared && !r->rows[i].passed) return true;
    return false;
}

/* Forgets what was found of the rows that differ. */
static void reopen_rows(ask_verify_report *r)
{
    for (int i = 0; i < r->n_rows; i++) {
        ask_verify_row *row = &r->rows[i];
        if (row->compared && !row->passed)
            *row = (ask_verify_row){.name = row->name, .file = row->file};
    }
}

static bool do_runs_narrowed(verification *v, const char *narrowed, ask_dtype type,
                             ask_error *err)
{
    ask_verify_report *r = &v->report;
    size_t bytes = (size_t)r->n_rows * sizeof *r->rows;
    ask_verify_row *before = malloc(bytes + 1);
    if (!before) return ask_fail_memory(err);
    memcpy(before, r->rows, bytes);
    reopen_rows(r);
    v->model->network->narrow(v->model->net, type);
    bool ok = do_runs(v, err);
    v->model->network->narrow(v->model->net, ASK_F32);
    if (any_differs(r))
        memcpy(r->rows, before, bytes);
    else
        r->narrowed = narrowed;
    free(before);
    return ok;
}

static bool do_all(verification *v, ask_error *err)
{
    ask_dtype type;
    if (!do_runs(v, err)) return false;
    const char *narrowed = type_of_16_bits(v->model, &type);
    bool again = v->model->network->narrow && narrowed && any_differs(&v->report);
    return !again || do_runs_narrowed(v, ask_dtype_name(type), type, err);
}

/* ---- files ---- */

static ask_weights *open_file(const char *dir, const char *name, const char *what,
                              ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    if (!path) return NULL;
    ask_weights *file = NULL;
    if (ask_file_exists(path))
        file = ask_weights_open(path, err);
    else
        ask_fail(err, ASK_ERR_MODEL, "%s: there is no %s, which holds %s", dir, name, what);
    free(path);
    return file;
}

static bool has_file(const char *dir, const char *name)
{
    char path[4096];
    int n = ask_format(path, sizeof path, "%s/%s", dir, name);
    return n < (int)sizeof path && ask_file_exists(path);
}

/* The files that runs of the network have beside the usual ones. */
static bool open_own(verification *v, const char *dir, ask_error *err)
{
    const network *n = v->model->network;
    for (int i = 0; i < n->n_runs; i++) {
        const char *name = n->runs[i].file;
        if (!name || !has_file(dir, name)) continue;
        v->own[i] = open_file(dir, name, "more values of the reference", err);
        if (!v->own[i]) return false;
    }
    return true;
}

/* Whether a run of its own gives what is in the file of gradients. */
static bool has_grads_run(const network *n)
{
    for (int i = 0; i < n->n_runs; i++)
        if (n->runs[i].file && strcmp(n->runs[i].file, NETWORK_GRADS_FILE) == 0)
            return true;
    return false;
}

static bool open_beside(verification *v, const char *dir, ask_error *err)
{
    return (v->inputs = open_file(dir, INPUTS_FILE, "what was fed in", err)) &&
           (v->outputs = open_file(dir, OUTPUTS_FILE, "the reference's values", err)) &&
           (has_grads_run(v->model->network) || !has_file(dir, NETWORK_GRADS_FILE) ||
            (v->grads = open_file(dir, NETWORK_GRADS_FILE, "its gradients", err))) &&
           open_own(v, dir, err);
}

/* place: a folder, or a file in one. */
static bool open_files(verification *v, const char *place, ask_error *err)
{
    const ask_model_options opt = {.network = v->opt.network,
                                   .compat = v->opt.compat,
                                   .n_threads = v->opt.n_threads,
                                   .exact = true};
    v->model = ask_model_open(place, &opt, err);
    if (!v->model) return false;
    char *dir =
        ask_file_is_dir(place) ? ask_strdup(place, err) : ask_path_dirname(place, err);
    bool ok = dir && open_beside(v, dir, err);
    free(dir);
    return ok;
}

static void close_files(verification *v)
{
    ask_model_close(v->model);
    ask_weights_close(v->inputs);
    ask_weights_close(v->outputs);
    ask_weights_close(v->grads);
    for (int i = 0; i < NETWORK_MAX_RUNS; i++) ask_weights_close(v->own[i]);
    free(v->entries);
    free(v->taken);
}

bool ask_model_verify(ask_verify_report *out, const char *dir,
                      const ask_verify_options *opt, ask_error *err)
{
    verification v = {0};
    ask_options_take(&v.opt, sizeof v.opt, opt);
    bool ok = open_files(&v, dir, err) && list_rows(&v, err) && do_all(&v, err) &&
              finish_report(&v, err);
    close_files(&v);
    if (ok)
        *out = v.report;
    else
        ask_verify_report_free(&v.report);
    return ok;
}
