#include "train/timeline_imagine_priv.h"

#include <string.h>

/* ---- numbers ---- */

double ask_imagine_between(ask_rng *r, double low, double high)
{
    return low + (high - low) * ask_rng_double(r);
}

double ask_imagine_held(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

bool ask_imagine_chance(ask_rng *r, double share)
{
    return ask_rng_double(r) < share;
}

int ask_imagine_number(ask_rng *r, double mean)
{
    int n = 0;
    while (ask_imagine_chance(r, mean / (1 + mean))) n++;
    return n;
}

/* ---- kinds ---- */

int ask_imagine_value(ask_rng *r, int right, int n, double wrong)
{
    if (!ask_imagine_chance(r, wrong)) return right;
    int other = (int)ask_rng_below(r, (uint64_t)(n - 1));
    return other < right ? other : other + 1;
}

int ask_imagine_event(ask_rng *r, int right, double wrong)
{
    if (!ask_imagine_chance(r, wrong)) return right;
    bool alike = ask_event_goes((ask_event_kind)right) && ask_imagine_chance(r, 0.7);
    int shown;
    do {
        shown = ask_imagine_value(r, right, ASK_N_EVENTS, 1);
    } while (alike && !ask_event_goes((ask_event_kind)shown));
    return shown;
}

double ask_imagine_doubt(ask_rng *r)
{
    double u = ask_rng_double(r);
    return 0.49 * u * u;
}

/* Weights of which few are much more than the others. */
static double draw_weights(float *p, int n, ask_rng *r)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double u = ask_rng_double(r);
        p[i] = (float)(u * u * u + 1e-3);
        sum += p[i];
    }
    return sum;
}

void ask_imagine_kind(float *p, int n, int shown, int right, double doubt, ask_rng *r)
{
    enum { MOST_OF_REST = 4 };
    double top =
        shown == right ? 1 - doubt * ask_rng_double(r) : ask_imagine_between(r, 0.51, 0.8);
    double rest = draw_weights(p, n, r) - p[shown];
    if (shown != right) {
        p[right] += MOST_OF_REST;
        rest += MOST_OF_REST;
    }
    for (int i = 0; i < n; i++) p[i] = (float)(p[i] * (1 - top) / rest);
    p[shown] = (float)top;
}

void ask_imagine_any(float *p, int n, ask_rng *r)
{
    double sum = draw_weights(p, n, r);
    for (int i = 0; i < n; i++) p[i] = (float)(p[i] / sum);
}

/* ---- guises ---- */

ask_guise ask_guise_of(const ask_toy *t)
{
    return (ask_guise){(int)t->color, (int)t->shape, (int)t->size, (int)t->texture};
}

ask_guise ask_guise_any(ask_rng *r)
{
    return (ask_guise){.color = (int)ask_rng_below(r, ASK_N_COLORS),
                       .shape = (int)ask_rng_below(r, ASK_N_SHAPES),
                       .size = (int)ask_rng_below(r, ASK_N_SIZES),
                       .texture = (int)ask_rng_below(r, ASK_N_TEXTURES)};
}

ask_guise ask_guise_mistaken(ask_rng *r, ask_guise right, ask_guise_shares wrong)
{
    return (ask_guise){
        .color = ask_imagine_value(r, right.color, ASK_N_COLORS, wrong.color),
        .shape = ask_imagine_value(r, right.shape, ASK_N_SHAPES, wrong.shape),
        .size = ask_imagine_value(r, right.size, ASK_N_SIZES, wrong.size),
        .texture = ask_imagine_value(r, right.texture, ASK_N_TEXTURES, wrong.texture)};
}

ask_guise_shares ask_guise_half(ask_guise_shares wrong)
{
    return (ask_guise_shares){wrong.color / 2, wrong.shape / 2, wrong.size / 2,
                              wrong.texture / 2};
}

ask_guise ask_guise_looked_at(ask_rng *r, ask_guise right, ask_guise taken,
                              ask_guise_shares wrong)
{
    ask_guise now = ask_guise_mistaken(r, right, ask_guise_half(wrong));
    if (now.color == right.color) now.color = taken.color;
    if (now.shape == right.shape) now.shape = taken.shape;
    if (now.size == right.size) now.size = taken.size;
    if (now.texture == right.texture) now.texture = taken.texture;
    return now;
}

/* ---- rows ---- */

static bool comes_first(const ask_imagine_rows *list, float a, float b)
{
    return list->least_first ? a < b : a > b;
}

void ask_imagine_rows_add(ask_imagine_rows *list, const float *row, const void *mark)
{
    size_t width = (size_t)list->width, bytes = list->mark_bytes;
    int at = list->n;
    while (at > 0 && comes_first(list, row[list->key],
                                 list->rows[(size_t)(at - 1) * width + (size_t)list->key]))
        at--;
    if (at == list->most) return;
    if (list->n < list->most) list->n++;
    size_t behind = (size_t)(list->n - 1 - at);
    float *to = list->rows + (size_t)at * width;
    char *mark_to = (char *)list->marks + (size_t)at * bytes;
    memmove(to + width, to, behind * width * sizeof *to);
    memmove(mark_to + bytes, mark_to, behind * bytes);
    memcpy(to, row, width * sizeof *to);
    memcpy(mark_to, mark, bytes);
}
