#include "support/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/checkpoint.h"
#include "support/testing.h"

/* A learned table gets as many rows as it needs, those that it had first. */
static void grow_table(tensor_list *weights, const char *name, int64_t n)
{
    ask_weights_entry *e = tensors_get(weights, name);
    ask_rng rng = ask_rng_new(77);
    int64_t n_had = e->n_elements, width = e->shape[1];
    float *had = malloc(e->bytes);
    if (!had) fail_msg("out of memory");
    memcpy(had, e->data, e->bytes);
    tensors_reshape(weights, name, ASK_F32, 2, (int64_t[]){n, width});
    float *values = tensors_floats(weights, name);
    for (int64_t i = 0; i < n * width; i++)
        values[i] = i < n_had ? had[i] : (float)ask_rng_normal(&rng);
    free(had);
}

/* Where positions are computed, a model may be told that it reads more of them. */
static void lengthen(checkpoint *c)
{
    bool is_long = strstr(c->config, "\"max_position_embeddings\": 256");
    bool is_gpt2 = strstr(c->config, "\"n_positions\""),
         is_opt = strstr(c->config, "OPTForCausalLM");
    const char *edits[][2] = {
        {"\"max_position_embeddings\": 64", "\"max_position_embeddings\": 512"},
        {"\"max_position_embeddings\": 256", "\"max_position_embeddings\": 512"},
        {"\"n_positions\": 64", "\"n_positions\": 512"},
    };
    int edit = is_gpt2 ? 2 : is_long;
    checkpoint_edit(c, edits[edit][0], edits[edit][1]);
    if (is_gpt2) grow_table(&c->weights, "transformer.wpe.weight", READER_MOST);
    if (is_opt)
        grow_table(&c->weights, "model.decoder.embed_positions.weight", READER_MOST + 2);
}

reader reader_open(const char *fixture)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    reader r = {.dir = test_temp_dir_make()};
    checkpoint c = checkpoint_of(fixture);
    lengthen(&c);
    checkpoint_write(&c, r.dir);
    checkpoint_free(&c);
    CHECK_OK(r.model = ask_model_open(r.dir, &opt, &err), &err);
    CHECK_OK(r.session = ask_session_open(r.model, &err), &err);
    CHECK_OK(ask_language_info_of(&r.info, r.model, &err), &err);
    assert_int_equal(r.info.n_context, READER_MOST);
    r.n_vocab = (int)r.info.n_vocab;
    return r;
}

void reader_close(reader *r)
{
    ask_session_close(r->session);
    ask_model_close(r->model);
    test_temp_dir_remove(r->dir);
}

ask_context *reader_context(const reader *r, int n_rows)
{
    ask_error err = {0};
    ask_context *c;
    CHECK_OK(c = ask_context_open(r->session, n_rows, &err), &err);
    return c;
}

void reader_text(ask_place *places, int n, int n_vocab, int seed)
{
    ask_rng rng = ask_rng_new((uint64_t)seed);
    for (int i = 0; i < n; i++)
        places[i] = (ask_place){.id = (int64_t)ask_rng_below(&rng, (uint32_t)n_vocab)};
}

static float *new_logits(void)
{
    enum { MOST_VOCAB = 1024 };
    float *logits = malloc(MOST_VOCAB * sizeof *logits);
    if (!logits) fail_msg("out of memory");
    return logits;
}

float *reader_read(ask_context *c, const ask_place *places, int n)
{
    ask_error err = {0};
    float *logits = new_logits();
    CHECK_OK(ask_context_read(c, places, n, logits, NULL, &err), &err);
    assert_int_equal(ask_context_n_read(c), n);
    return logits;
}

float *reader_add(ask_context *c, int64_t id)
{
    ask_error err = {0};
    float *logits = new_logits();
    int n_read = ask_context_n_read(c);
    CHECK_OK(ask_context_add(c, id, logits, NULL, &err), &err);
    assert_int_equal(ask_context_n_read(c), n_read + 1);
    return logits;
}

void reader_near(const char *what, const float *actual, const float *expected, int n)
{
    for (int i = 0; i < n; i++) {
        double a = (double)actual[i], b = (double)expected[i];
        if (!(fabs(a - b) <= 2e-4 + 1e-4 * fabs(b)))
            fail_msg("%s, element %d of %d: %.9g, not %.9g", what, i, n, a, b);
    }
}
