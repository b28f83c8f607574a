#include "train/neighbours.h"

#include <math.h>
#include <stdlib.h>

/* The longest wave, in patches; the others are whole parts of it. A tower of more patches a
 * side sees them repeat, and a head then also looks that far away. */
enum { LONGEST = 16 };

/* Shorter ones than two patches would look like longer ones. */
enum { MOST_WAVES = LONGEST / 2 - 1 };

/* The waves' height against the deviation of about 1 that patches have: with it a neighbour
 * gets some 20 times the attention of the next one behind it. */
static const double HEIGHT = 2;

enum { N_DIRECTIONS = 8 };
static const struct {
    int y, x;
} directions[N_DIRECTIONS] = {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1},
                              {0, 1},   {1, -1}, {1, 0},  {1, 1}};

/* A wave is two numbers, its cosine and its sine; there are n along x, then n along y. */
typedef struct {
    int n, n_numbers; // n_numbers: 4 n, of each patch and of each head
    int width;        // of a patch's numbers
    int side;         // patches
    int n_heads;
} waves;

static double frequency(int wave)
{
    return (wave + 1) * 2 * 3.14159265358979323846 / LONGEST;
}

/* ---- parameters ---- */

typedef void (*change)(const waves *w, const ask_tensor *t, float *values);

static bool change_values(const waves *w, ask_tensor *t, change fn, ask_error *err)
{
    size_t bytes = ask_tensor_bytes(t);
    float *values = malloc(bytes);
    if (!values) return ask_fail_memory(err);
    bool ok = ask_tensor_read(t, values, bytes, err);
    if (ok) fn(w, t, values);
    ok = ok && ask_tensor_write(t, values, bytes, err);
    free(values);
    return ok;
}

/* The rows that give the numbers of the waves: they give nothing. */
static void silence(const waves *w, const ask_tensor *t, float *values)
{
    int64_t row = ask_tensor_count(t) / ask_tensor_dim(t, 0);
    for (int64_t i = 0; i < w->n_numbers * row; i++) values[i] = 0;
}

/* ---- positions ---- */

static void put_waves(float *out, const waves *w, int at)
{
    for (int k = 0; k < w->n; k++) {
        out[2 * k] = (float)(HEIGHT * cos(frequency(k) * at));
        out[2 * k + 1] = (float)(HEIGHT * sin(frequency(k) * at));
    }
}

static void place(const waves *w, const ask_tensor *t, float *values)
{
    (void)t;
    for (int i = 0; i < w->n_numbers; i++) values[i] = 0; // the class token is nowhere
    for (int y = 0; y < w->side; y++) {
        for (int x = 0; x < w->side; x++) {
            float *patch = values + (size_t)(1 + y * w->side + x) * (size_t)w->width;
            put_waves(patch, w, x);
            put_waves(patch + 2 * w->n, w, y);
        }
    }
}

/* ---- heads ---- */

/* Two rows of a projection turn wave `at` of the input by an angle. */
static void turn(float *rows, const waves *w, int at, double angle)
{
    float *first = rows + (size_t)(2 * at) * (size_t)w->width, *second = first + w->width;
    for (int i = 0; i < w->n_numbers; i++) first[i] = second[i] = 0;
    first[2 * at] = second[2 * at + 1] = (float)cos(angle);
    first[2 * at + 1] = (float)-sin(angle);
    second[2 * at] = (float)sin(angle);
}

/* Of all heads that have a direction; steps: 0 leaves the waves as they are. */
static void aim(const waves *w, const ask_tensor *t, float *values, int steps)
{
    int64_t head = ask_tensor_count(t) / w->n_heads;
    for (int h = 0; h < w->n_heads && h < N_DIRECTIONS; h++) {
        float *rows = values + h * head;
        for (int k = 0; k < w->n; k++) {
            turn(rows, w, k, frequency(k) * directions[h].x * steps);
            turn(rows, w, w->n + k, frequency(k) * directions[h].y * steps);
        }
    }
}

static void aim_queries(const waves *w, const ask_tensor *t, float *values)
{
    aim(w, t, values, 1);
}

static void aim_keys(const waves *w, const ask_tensor *t, float *values)
{
    aim(w, t, values, 0);
}

static bool begin_layer(const waves *w, const ask_layer *layer, ask_error *err)
{
    const ask_self_attention *a = &layer->attention;
    return change_values(w, a->q.w, aim_queries, err) &&
           change_values(w, a->k.w, aim_keys, err) &&
           change_values(w, a->out.w, silence, err) &&
           change_values(w, layer->mlp.out.w, silence, err);
}

bool ask_neighbours_begin(const ask_clip_vision *v, ask_error *err)
{
    const ask_clip_vision_config *c = &v->config;
    int n = c->stack.width / c->stack.n_heads / 4;
    if (n > MOST_WAVES) n = MOST_WAVES;
    const waves w = {n, 4 * n, c->stack.width, c->image_px / c->patch_px, c->stack.n_heads};
    if (n == 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "heads of %d numbers cannot begin by looking at neighbours: they "
                        "need 4",
                        c->stack.width / c->stack.n_heads);
    bool ok = change_values(&w, v->position_table, place, err) &&
              change_values(&w, v->patch_weight, silence, err) &&
              change_values(&w, v->class_token, silence, err);
    for (int i = 0; ok && i < v->stack.n_layers; i++)
        ok = begin_layer(&w, &v->stack.layers[i], err);
    return ok;
}
