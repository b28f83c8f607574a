/* Glance-Focus beside its references: what is found on the way, losses, and the gradients
 * of parameters. Three cases are of the authors' code; their gradients, and four cases of
 * the paper, are of a network written anew (tools/golden/glance_focus.py). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/joint/glance_focus_loss.h"
#include "support/golden.h"

typedef struct {
    const char *name; // the folder
    ask_glance_focus_compat compat;
    ask_answer_head head;
    bool supervised;
} golden_case;

#define RELEASED                                                                           \
    {                                                                                      \
        .added_masks = true, .tail_memory = true, .first_layer = true                      \
    }
#define BOOL_MASKS                                                                         \
    {                                                                                      \
        .tail_memory = true, .first_layer = true                                           \
    }

static const golden_case cases[] = {
    {"glance_focus_sup", RELEASED, ASK_ANSWER_VOCABULARY, true},
    {"glance_focus_uns", RELEASED, ASK_ANSWER_OPTIONS, false},
    {"glance_focus_bool_mask", BOOL_MASKS, ASK_ANSWER_VOCABULARY, false},
    {"glance_focus_paper", {0}, ASK_ANSWER_OPTIONS, true},
    {"glance_focus_paper_open", {0}, ASK_ANSWER_VOCABULARY, false},
    {"glance_focus_paper_count", {0}, ASK_ANSWER_COUNT, false},
    {"glance_focus_paper_moment", {0}, ASK_ANSWER_MOMENT, true},
};

/* What is added up, as the references have it. */
static const double QA = 1, CLASSES = 0.5, SPANS = 0.5, OVERLAP = 0.5, CERTAINTY = 1;

/* ---- a case that is open ---- */

typedef struct {
    const golden_case *c;
    golden inputs, outputs, grads;
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_glance_focus net;
    ask_graph *g;
} opened;

static ask_glance_focus_config config_of(const char *name)
{
    char path[128];
    ask_error err = {0};
    ask_json *doc;
    ask_glance_focus_config c;
    snprintf(path, sizeof path, "golden/%s/config.json", name);
    CHECK_OK(doc = ask_json_read(test_fixture(path), NULL, &err), &err);
    CHECK_OK(ask_glance_focus_config_read(&c, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    return c;
}

static void open_case(opened *o, const golden_case *c)
{
    ask_error err = {0};
    ask_params *p;
    char path[128];
    ask_glance_focus_config config = config_of(c->name);
    *o = (opened){.c = c,
                  .inputs = golden_open_part(c->name, "inputs"),
                  .outputs = golden_open_part(c->name, "outputs"),
                  .grads = golden_open_part(c->name, "grads"),
                  .room = ask_arena_new(0),
                  .g = test_graph()};
    CHECK_CASE(c->name, memcmp(&config.compat, &c->compat, sizeof c->compat) == 0);
    CHECK_CASE(c->name, config.head == c->head);
    snprintf(path, sizeof path, "golden/%s/model.safetensors", c->name);
    CHECK_OK(o->weights = ask_weights_open(test_fixture(path), &err), &err);
    CHECK_OK(o->store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_trainable(o->store, o->weights, o->room, &err), &err);
    ask_glance_focus_bind(&o->net, p, &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
}

static void close_case(opened *o)
{
    golden_close(&o->inputs);
    golden_close(&o->outputs);
    golden_close(&o->grads);
    ask_graph_free(o->g);
    ask_store_free(o->store);
    ask_weights_close(o->weights);
    ask_arena_free(o->room);
}

/* ---- inputs ---- */

/* The names of inputs and what takes them; masks are bool here and i64 in the files. */
typedef struct {
    ask_tensor *features, *mask, *ids, *text_mask, *labels;
    ask_event_targets targets;
} fed;

static ask_tensor *make_mask(opened *o, const char *name)
{
    const ask_weights_entry *e = golden_find(&o->inputs, "%s", name);
    return e ? ask_input(o->g, ASK_BOOL, e->n_dims, e->shape) : NULL;
}

static ask_tensor *make_input(opened *o, const char *name)
{
    return golden_input(o->g, golden_get(&o->inputs, "%s", name));
}

/* Events of a video: in rows; those of the authors' cases follow one another, with as many
 * places as there are slots. */
static int64_t n_places(opened *o)
{
    const ask_weights_entry *e = golden_get(&o->inputs, "target_classes");
    return e->n_dims == 2 ? e->shape[1] : o->net.config.n_queries;
}

static fed make_inputs(opened *o)
{
    fed in = {.features = make_input(o, "visual_inputs"),
              .mask = make_mask(o, "visual_mask"),
              .ids = make_input(o, "text_ids"),
              .text_mask = make_mask(o, "text_attention_mask"),
              .labels = make_input(o, "qa_labels")};
    if (!o->c->supervised) return in;
    in.targets.counts = make_input(o, "target_counts");
    int64_t n = ask_tensor_dim(in.targets.counts, 0), most = n_places(o);
    in.targets.classes = INPUT_I64(o->g, n, most);
    in.targets.spans = INPUT(o->g, n, most, 2);
    return in;
}

static void put(opened *o, ask_tensor *t, const char *name)
{
    golden_put(t, golden_get(&o->inputs, "%s", name));
}

static void put_mask(opened *o, ask_tensor *t, const char *name)
{
    if (!t) return;
    const ask_weights_entry *e = golden_get(&o->inputs, "%s", name);
    bool *mask = calloc((size_t)e->n_elements, sizeof *mask);
    assert_non_null(mask);
    for (int64_t i = 0; i < e->n_elements; i++) {
        int64_t flag;
        memcpy(&flag, (const char *)e->data + i * 8, sizeof flag);
        mask[i] = flag != 0;
    }
    test_put(t, mask);
    free(mask);
}

/* Items of `bytes` each into rows of `most`: from rows, or from one after another. */
static void put_events(opened *o, const fed *in, ask_tensor *t, const char *name,
                       size_t bytes)
{
    const ask_weights_entry *e = golden_get(&o->inputs, "%s", name);
    int64_t n = ask_tensor_dim(t, 0), most = ask_tensor_dim(t, 1);
    int64_t *counts = test_get(in->targets.counts);
    char *rows = calloc((size_t)(n * most), bytes);
    const char *from = e->data;
    assert_non_null(rows);
    bool in_rows = golden_get(&o->inputs, "target_classes")->n_dims == 2;
    for (int64_t i = 0; i < n; i++) {
        size_t size = (size_t)(in_rows ? most : counts[i]) * bytes;
        memcpy(rows + (size_t)(i * most) * bytes, from, size);
        from += size;
    }
    test_put(t, rows);
    free(rows);
    free(counts);
}

static void put_inputs(opened *o, const fed *in)
{
    put(o, in->features, "visual_inputs");
    put_mask(o, in->mask, "visual_mask");
    put(o, in->ids, "text_ids");
    put_mask(o, in->text_mask, "text_attention_mask");
    put(o, in->labels, "qa_labels");
    if (!o->c->supervised) return;
    put(o, in->targets.counts, "target_counts");
    put_events(o, in, in->targets.classes, "target_classes", sizeof(int64_t));
    put_events(o, in, in->targets.spans, "target_spans", 2 * sizeof(float));
}

/* ---- building ---- */

/* Names the mean and gives it, weighted. */
static ask_tensor *weighted(opened *o, const ask_loss_part *part, const char *name,
                            double weight)
{
    ask_tensor *mean = ask_name(o->g, ask_loss_mean(o->g, part), "%s", name);
    return ask_scale(o->g, mean, weight);
}

static ask_tensor *supervised_losses(opened *o, const ask_glance *glance, const fed *in)
{
    const ask_matching how = {.cost_l1 = 1, .cost_class = 1, .background = 0.1};
    ask_loss_part part;
    ask_tensor *match = ask_match_events(o->g, glance, &in->targets, &how);
    ask_name(o->g, match, "match.query_index");
    ask_event_class_loss(&part, o->g, glance, &in->targets, match, how.background);
    ask_tensor *total = weighted(o, &part, "loss_cls", CLASSES);
    ask_event_span_loss(&part, o->g, glance, &in->targets, match);
    return ask_add(o->g, total, weighted(o, &part, "loss_l1", SPANS));
}

static ask_tensor *unsupervised_losses(opened *o, const ask_glance *glance)
{
    ask_loss_part part;
    ask_diversity_loss(&part, o->g, glance);
    ask_tensor *total = weighted(o, &part, "loss_cls", CLASSES);
    ask_certainty_loss(&part, o->g, glance);
    total = ask_add(o->g, total, weighted(o, &part, "loss_cert", CERTAINTY));
    ask_overlap_loss(&part, o->g, glance);
    return ask_add(o->g, total, weighted(o, &part, "loss_giou", OVERLAP));
}

/* -> the sum of all losses */
static ask_tensor *build(opened *o, const fed *in)
{
    ask_glance glance;
    ask_focus focus;
    ask_loss_part part;
    ask_glance_build(&glance, o->g, &o->net, in->features, in->mask, NULL);
    const ask_bert_input tokens = {.ids = in->ids, .mask = in->text_mask};
    ask_tensor *text = ask_focus_text(o->g, &o->net, &tokens);
    ask_focus_build(&focus, o->g, &o->net, &glance, text, in->text_mask, NULL);
    ask_qa_loss(&part, o->g, o->c->head, focus.answer, in->labels);
    ask_tensor *total = weighted(o, &part, "loss_qa", QA);
    total = ask_add(o->g, total,
                    o->c->supervised ? supervised_losses(o, &glance, in)
                                     : unsupervised_losses(o, &glance));
    return ask_name(o->g, total, "loss_total");
}

/* ---- comparing ---- */

/* f32 sums in another order: absolute and relative. */
static void check_values(const opened *o, const ask_tensor *t, const ask_weights_entry *e,
                         double absolute, double relative)
{
    if (ask_tensor_count(t) != e->n_elements)
        fail_msg("%s, %s: another shape", o->c->name, e->name);
    float *actual = test_get(t);
    for (int64_t i = 0; i < e->n_elements; i++) {
        float expected;
        memcpy(&expected, (const char *)e->data + i * 4, sizeof expected);
        if (!(fabs((double)actual[i] - expected) <= absolute + relative * fabs(expected)))
            fail_msg("%s, %s at %d: %.9g, not %.9g", o->c->name, e->name, (int)i,
                     (double)actual[i], (double)expected);
    }
    free(actual);
}

static void check_indices(const opened *o, const ask_tensor *t, const ask_weights_entry *e)
{
    int64_t *actual = test_get(t);
    if (memcmp(actual, e->data, e->bytes) != 0)
        fail_msg("%s, %s: another order", o->c->name, e->name);
    free(actual);
}

/* The authors' cases tell pairs one after another: (match.query_index, match.target_index).
 */
static void check_pairs(const opened *o, const fed *in)
{
    const ask_weights_entry *slot = ask_weights_find(o->outputs.file, "match.query_index");
    const ask_weights_entry *event =
        ask_weights_find(o->outputs.file, "match.target_index");
    ask_tensor *match = ask_graph_find(o->g, "match.query_index");
    int64_t n = ask_tensor_dim(match, 0), most = ask_tensor_dim(match, 1), at = 0;
    int64_t *counts = test_get(in->targets.counts), *actual = test_get(match);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < counts[i]; j++, at++) {
            int64_t s, e;
            memcpy(&s, (const char *)slot->data + at * 8, sizeof s);
            memcpy(&e, (const char *)event->data + at * 8, sizeof e);
            assert_int_equal(actual[i * most + e], s);
        }
    assert_int_equal(at, slot->n_elements);
    free(counts);
    free(actual);
}

static void check_outputs(const opened *o, const fed *in)
{
    const double ABSOLUTE = 2e-5, RELATIVE = 1e-4;
    bool has_pairs = ask_weights_find(o->outputs.file, "match.target_index");
    if (has_pairs) check_pairs(o, in);
    for (size_t i = 0; i < ask_weights_count(o->outputs.file); i++) {
        const ask_weights_entry *e = ask_weights_at(o->outputs.file, i);
        if (has_pairs && strncmp(e->name, "match.", 6) == 0) continue;
        const ask_tensor *t = ask_graph_find(o->g, e->name);
        if (!t) fail_msg("%s, %s: was not built", o->c->name, e->name);
        if (e->type == ASK_I64)
            check_indices(o, t, e);
        else
            check_values(o, t, e, ABSOLUTE, RELATIVE);
    }
}

static double largest(const ask_weights_entry *e)
{
    double most = 0;
    for (int64_t i = 0; i < e->n_elements; i++) {
        float x;
        memcpy(&x, (const char *)e->data + i * 4, sizeof x);
        most = fmax(most, fabs((double)x));
    }
    return most;
}

/* ---- gradients ---- */

enum { MOST_PARAMETERS = 200 };

/* A case with the gradients of those parameters that the file has. */
typedef struct {
    opened o;
    fed in;
    ask_tensor *total;
    int n;
    ask_tensor *x[MOST_PARAMETERS], *grad[MOST_PARAMETERS];
} learning;

static void find_parameters(learning *l)
{
    const opened *o = &l->o;
    l->n = (int)ask_weights_count(o->grads.file);
    assert_true(l->n > 0 && l->n <= MOST_PARAMETERS);
    for (int i = 0; i < l->n; i++) {
        const char *name = ask_weights_at(o->grads.file, (size_t)i)->name;
        l->x[i] = ask_store_find(o->store, name);
        if (!l->x[i]) fail_msg("%s: there is no parameter %s", o->c->name, name);
    }
}

static void learn(learning *l, const golden_case *c)
{
    open_case(&l->o, c);
    ask_graph *g = l->o.g;
    ask_graph_want(g, "*");
    l->in = make_inputs(&l->o);
    l->total = build(&l->o, &l->in);
    find_parameters(l);
    ask_graph_gradients(g, l->total, l->x, l->n, l->grad);
    for (int i = 0; i < l->n; i++) ask_keep(g, l->grad[i]);
    test_plan(g, the_cpu);
    put_inputs(&l->o, &l->in);
    test_run(g);
}

static void check_gradients(const learning *l)
{
    // the first of the largest; the last for f32 terms of about 1 that cancel
    const double ABSOLUTE = 1e-5, RELATIVE = 1e-4, ROUNDING = 1e-6;
    for (int i = 0; i < l->n; i++) {
        const ask_weights_entry *e = ask_weights_at(l->o.grads.file, (size_t)i);
        check_values(&l->o, l->grad[i], e, ABSOLUTE * largest(e) + ROUNDING, RELATIVE);
    }
}

static void check_case(const golden_case *c)
{
    learning l;
    learn(&l, c);
    check_outputs(&l.o, &l.in);
    check_gradients(&l);
    close_case(&l.o);
}

static void values_losses_and_gradients_are_those_of_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_case(&cases[i]);
}

/* The authors' archive has no configuration: its sizes are those of its tensors. */
static void a_bare_archive_tells_its_sizes(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_weights *w;
    ask_store *s;
    ask_params *p;
    ask_arena *room = ask_arena_new(0);
    ask_glance_focus net;
    ask_glance_focus_config open = ask_glance_focus_released();
    CHECK_OK(w = ask_weights_open_under(test_fixture("golden/glance_focus_uns/model.tar"),
                                        "model_state_dict", &err),
             &err);
    CHECK_OK(s = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_open(s, w, room, &err), &err);
    ask_glance_focus_bind(&net, p, &open);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    const ask_glance_focus_config *c = &net.config;
    ask_glance_focus_config told = config_of("glance_focus_uns");
    assert_int_equal(c->width, told.width);
    assert_int_equal(c->inner, told.inner);
    assert_int_equal(c->n_layers, told.n_layers);
    assert_int_equal(c->n_queries, told.n_queries);
    assert_int_equal(c->n_features, told.n_features);
    assert_int_equal(c->n_classes, told.n_classes);
    assert_int_equal(c->head, told.head);
    assert_int_equal(c->n_answers, 1);
    assert_int_equal(c->n_options, told.n_options);
    assert_memory_equal(&c->compat, &told.compat, sizeof told.compat);
    assert_int_equal(c->n_heads, 8);
    assert_int_equal(c->text.stack.width, told.text.stack.width);
    assert_int_equal(c->text.stack.inner, told.text.stack.inner);
    assert_int_equal(c->text.stack.n_layers, told.text.stack.n_layers);
    assert_int_equal(c->text.n_vocab, told.text.n_vocab);
    assert_int_equal(c->text.n_positions, told.text.n_positions);
    assert_int_equal(c->text.n_types, 1);
    ask_store_free(s);
    ask_weights_close(w);
    ask_arena_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_losses_and_gradients_are_those_of_the_reference),
        cmocka_unit_test(a_bare_archive_tells_its_sizes),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
