/* One matrix of few bits beside its original, and beside what the reference makes of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "model/verify_against_priv.h"
#include "tensor/ops.h"
#include "tensor/quant.h"
#include "tensor/store.h"

enum {
    TOKENS = 16,      // of each kind: plain ones, then those with outliers
    BLOCK_PANELS = 8, // that are multiplied together
    BLOCK_ROWS = BLOCK_PANELS * ASK_QUANT_ROWS,
};

/* Sums of squares: of what is right, and of what ours and the reference are off. */
typedef struct {
    double all, ours, reference;
} squares;

static void add_squares(squares *s, double weight, float right, float ours, float reference)
{
    double a = (double)ours - right, b = (double)reference - right;
    s->all += weight * right * right;
    s->ours += weight * a * a;
    s->reference += weight * b * b;
}

/* Adds the relative squares of one, which counts as much as any other. */
static void add_relative(squares *sum, const squares *s)
{
    if (s->all == 0) return;
    sum->all += 1;
    sum->ours += s->ours / s->all;
    sum->reference += s->reference / s->all;
}

static ask_verify_error error_of(const squares *s)
{
    if (s->all == 0) return (ask_verify_error){0};
    return (ask_verify_error){sqrt(s->ours / s->all), sqrt(s->reference / s->all)};
}

/* Rows of w, and what is multiplied with them. */
typedef struct {
    ask_backend *backend;
    const ask_weights_entry *e, *original;
    const char *file; // of the original
    int64_t k;
    float *x, *x_rounded;            // [2 TOKENS, k]
    float *w, *w_coded, *w_rounded;  // [BLOCK_ROWS, k]: right, ours, the reference's
    uint8_t *panels;                 // ours, as they are multiplied
    float *y, *y_coded, *y_rounded;  // [2 TOKENS, rows of the block]
    double token_weight[2 * TOKENS]; // with which all tokens are of one length
    squares weights, products, outliers;
} measuring;

static bool make_rooms(measuring *m)
{
    size_t k = (size_t)m->k, tokens = 2 * TOKENS;
    m->x = calloc(k, tokens * sizeof(float));
    m->x_rounded = calloc(k, tokens * sizeof(float));
    m->w = calloc(k, BLOCK_ROWS * sizeof(float));
    m->w_coded = calloc(k, BLOCK_ROWS * sizeof(float));
    m->w_rounded = calloc(k, BLOCK_ROWS * sizeof(float));
    m->panels = calloc(ask_quant_panel_bytes(m->e->type, m->k), BLOCK_PANELS);
    m->y = calloc(tokens, BLOCK_ROWS * sizeof(float));
    m->y_coded = calloc(tokens, BLOCK_ROWS * sizeof(float));
    m->y_rounded = calloc(tokens, BLOCK_ROWS * sizeof(float));
    return m->x && m->x_rounded && m->w && m->w_coded && m->w_rounded && m->panels &&
           m->y && m->y_coded && m->y_rounded;
}

static void free_rooms(measuring *m)
{
    void *rooms[] = {m->x,      m->x_rounded, m->w,       m->w_coded,  m->w_rounded,
                     m->panels, m->y,         m->y_coded, m->y_rounded};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) free(rooms[i]);
}

/* Those with outliers are of a model in which some channels, and some token, are far larger
 * than the others, as in published language models. */
static void draw_tokens(measuring *m, uint64_t seed)
{
    enum { MOST_LARGE = 6 };
    const float large_channel = 50, large_token = 200;
    int64_t k = m->k, n_large = k < MOST_LARGE ? k : MOST_LARGE;
    ask_rng root = ask_rng_new(seed);
    ask_rng all = ask_rng_split(&root, "tokens"); // not the stream that drew the weights
    ask_rng rng = ask_rng_split(&all, m->e->name);
    for (int64_t i = 0; i < 2 * TOKENS * k; i++) m->x[i] = (float)ask_rng_normal(&rng);
    float *outliers = m->x + TOKENS * k;
    int64_t begin = (int64_t)ask_rng_below(&rng, (uint64_t)k);
    for (int64_t c = 0; c < n_large; c++) { // all over the row, each another one
        int64_t channel = (begin + c * k / n_large) % k;
        for (int t = 0; t < TOKENS; t++) outliers[t * k + channel] *= large_channel;
    }
    for (int64_t i = 0; i < k; i++) outliers[i] *= large_token;
    for (int t = 0; t < 2 * TOKENS; t++) {
        double square = 0;
        for (int64_t i = 0; i < k; i++) square += (double)m->x[t * k + i] * m->x[t * k + i];
        m->token_weight[t] = square > 0 ? 1 / square : 0;
        verify_scalar_round(ASK_Q8, m->x_rounded + t * k, m->x + t * k, k);
    }
}

/* Whether n rows of the original, from `row` on, hold numbers alone. */
static bool check_finite(const measuring *m, const float *numbers, int64_t row, int64_t n,
                         ask_error *err)
{
    for (int64_t i = 0; i < n * m->k; i++) {
        if (isfinite(numbers[i])) continue;
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\": the number in row %lld, column %lld is not "
                        "finite, or too large for few bits",
                        m->file, m->original->name, (long long)(row + i / m->k),
                        (long long)(i % m->k));
    }
    return true;
}

/* Reads n rows from `row` on, and adds what is off in them. */
static bool read_rows(measuring *m, int64_t row, int64_t n, ask_error *err)
{
    int64_t k = m->k;
    const char *from = m->original->data;
    from += (size_t)(row * k) * ask_dtype_bytes(m->original->type);
    ask_dtype_to_f32(m->original->type, m->w, from, (size_t)(n * k));
    if (!check_finite(m, m->w, row, n, err)) return false;
    size_t panel_bytes = ask_quant_panel_bytes(m->e->type, k);
    memcpy(m->panels,
           (const uint8_t *)m->e->data + (size_t)(row / ASK_QUANT_ROWS) * panel_bytes,
           (size_t)ask_quant_n_panels(n) * panel_bytes);
    for (int64_t i = 0; i < n; i++) {
        ask_quant_decode(m->e->type, m->w_coded + i * k, m->panels, i, k);
        verify_scalar_round(m->e->type, m->w_rounded + i * k, m->w + i * k, k);
    }
    if (!check_finite(m, m->w_rounded, row, n, err)) return false;
    for (int64_t i = 0; i < n * k; i++)
        add_squares(&m->weights, 1, m->w[i], m->w_coded[i], m->w_rounded[i]);
    return true;
}

/* One of the products: x w^T of n rows of w. */
typedef struct {
    const float *x;
    const void *w;
    ask_dtype type;
    float *y;
    ask_tensor *out;
} product;

static bool add_product(product *p, const measuring *m, ask_graph *g, ask_store *s,
                        int64_t n, int i, ask_error *err)
{
    const int64_t x_shape[2] = {2 * TOKENS, m->k}, w_shape[2] = {n, m->k};
    char name[2] = {(char)('a' + i), 0};
    ask_tensor *w = ask_store_borrow(s, name, p->type, 2, w_shape, p->w, false, err);
    if (!w) return false;
    ask_tensor *x = ask_constant(g, ASK_F32, 2, x_shape, p->x);
    p->out = ask_keep(g, ask_linear(g, x, w, NULL));
    return true;
}

static bool run_products(product *p, int n_products, const measuring *m, ask_graph *g,
                         ask_store *s, int64_t n, ask_error *err)
{
    for (int i = 0; i < n_products; i++)
        if (!add_product(&p[i], m, g, s, n, i, err)) return false;
    ask_backend *backend = m->backend;
    const ask_plan_options opt = {.backends = &backend, .n_backends = 1};
    if (!ask_graph_plan(g, &opt, err) || !ask_graph_run(g, NULL, err)) return false;
    for (int i = 0; i < n_products; i++)
        if (!ask_tensor_read(p[i].out, p[i].y, (size_t)(2 * TOKENS * n) * sizeof(float),
                             err))
            return false;
    return true;
}

/* What is off in an output of a block of n rows, for TOKENS tokens. */
static squares squares_of_output(const measuring *m, int64_t output, int64_t n,
                                 int first_token)
{
    squares s = {0};
    for (int t = first_token; t < first_token + TOKENS; t++) {
        int64_t at = t * n + output;
        add_squares(&s, m->token_weight[t], m->y[at], m->y_coded[at], m->y_rounded[at]);
    }
    return s;
}

/* Multiplies n rows, and adds what is off in the products. */
static bool multiply(measuring *m, int64_t n, ask_error *err)
{
    product p[] = {
        {.x = m->x, .w = m->w, .type = ASK_F32, .y = m->y},
        {.x = m->x, .w = m->panels, .type = m->e->type, .y = m->y_coded},
        {.x = m->x_rounded, .w = m->w_rounded, .type = ASK_F32, .y = m->y_rounded},
    };
    ask_store *s = ask_store_new(m->backend, err);
    ask_graph *g = s ? ask_graph_new(err) : NULL;
    bool ok = g && run_products(p, sizeof p / sizeof *p, m, g, s, n, err);
    for (int64_t i = 0; i < n && ok; i++) {
        squares plain = squares_of_output(m, i, n, 0);
        squares outliers = squares_of_output(m, i, n, TOKENS);
        add_relative(&m->products, &plain);
        add_relative(&m->outliers, &outliers);
    }
    ask_graph_free(g);
    ask_store_free(s);
    return ok;
}

static bool measure(measuring *m, uint64_t seed, ask_error *err)
{
    if (!make_rooms(m)) return ask_fail_memory(err);
    draw_tokens(m, seed);
    int64_t n = m->e->shape[0];
    for (int64_t row = 0; row < n; row += BLOCK_ROWS) {
        int64_t here = n - row < BLOCK_ROWS ? n - row : BLOCK_ROWS;
        if (!read_rows(m, row, here, err) || !multiply(m, here, err)) return false;
    }
    return true;
}

bool verify_matrix_measure(ask_verify_matrix *out, ask_backend *backend,
                           const ask_weights_entry *e, const ask_weights_entry *original,
                           const char *file, uint64_t seed, ask_error *err)
{
    measuring m = {
        .backend = backend, .e = e, .original = original, .file = file, .k = e->shape[1]};
    bool ok = measure(&m, seed, err);
    free_rooms(&m);
    if (!ok) return false;
    out->type = e->type;
    out->n = e->shape[0];
    out->k = e->shape[1];
    out->bits = (ask_verify_error){8.0 * (double)e->bytes / (double)e->n_elements,
                                   verify_scalar_bits(e->type, e->shape[1])};
    double more = ask_verify_ratio(out->bits);
    out->has_more_bits = more > 1;
    out->judged = more <= ASK_VERIFY_MOST_RATIO;
    out->weights = error_of(&m.weights);
    out->products = error_of(&m.products);
    out->outliers = error_of(&m.outliers);
    return true;
}
