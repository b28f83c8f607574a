#include "base/rle.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"

void ask_rle_free(ask_rle *rle)
{
    free(rle->counts);
    *rle = (ask_rle){0};
}

/* ---- making one ---- */

/* Runs being collected. Neighbouring runs are on different sides of the mask's edge, so the
 * next run's side is known from their number. */
typedef struct {
    uint32_t *counts;
    size_t n, capacity;
    bool failed;
} run_list;

static void push_run(run_list *list, uint32_t count)
{
    if (list->failed) return;
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        size_t bytes;
        uint32_t *grown = NULL;
        if (ask_mul_size(&bytes, capacity, sizeof *grown))
            grown = realloc(list->counts, bytes);
        if (!grown) {
            list->failed = true;
            return;
        }
        list->counts = grown;
        list->capacity = capacity;
    }
    list->counts[list->n++] = count;
}

/* Adds pixels of one side: to the last run if it is of that side, else as a new run. */
static void push_pixels(run_list *list, bool inside, uint32_t count)
{
    if (count == 0) return;
    if (list->n == 0 && inside) push_run(list, 0);
    if (list->failed) return;
    if (list->n % 2 == (inside ? 0 : 1)) {
        list->counts[list->n - 1] += count;
    } else {
        push_run(list, count);
    }
}

/* Hands the runs to *out, or frees them on failure. */
static bool finish(ask_rle *out, run_list *list, int height, int width, ask_error *err)
{
    if (list->n == 0) push_run(list, 0); // an image without pixels has one empty run
    if (list->failed) {
        free(list->counts);
        return ask_fail_memory(err);
    }
    *out = (ask_rle){height, width, list->counts, list->n};
    return true;
}

static bool count_pixels(uint32_t *out, int height, int width, ask_error *err)
{
    int64_t n;
    if (height < 0 || width < 0 || !ask_mul_i64(&n, height, width) || n > UINT32_MAX) {
        return ask_fail(err, ASK_ERR_LIMIT,
                        "mask of %d x %d pixels: sizes from 0 to 2^32-1 "
                        "pixels are possible",
                        height, width);
    }
    *out = (uint32_t)n;
    return true;
}

bool ask_rle_encode(ask_rle *out, const uint8_t *pixels, int height, int width,
                    ask_error *err)
{
    uint32_t n_pixels = 0;
    if (!count_pixels(&n_pixels, height, width, err)) return false;
    run_list list = {0};
    bool inside = false;
    uint32_t run = 0;
    for (int x = 0; x < width; x++) {
        const uint8_t *pixel = pixels + x;
        for (int y = 0; y < height; y++, pixel += width) {
            if ((*pixel != 0) != inside) {
                push_pixels(&list, inside, run);
                inside = !inside;
                run = 0;
            }
            run++;
        }
    }
    push_pixels(&list, inside, run);
    return finish(out, &list, height, width, err);
}

bool ask_rle_from_counts(ask_rle *out, const uint32_t *counts, size_t n_counts, int height,
                         int width, ask_error *err)
{
    uint32_t n_pixels = 0;
    if (!count_pixels(&n_pixels, height, width, err)) return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < n_counts && sum <= n_pixels; i++) sum += counts[i];
    if (sum != n_pixels) {
        return ask_fail(err, ASK_ERR_FORMAT,
                        "mask runs cover %s than the %d x %d pixels of the image",
                        sum < n_pixels ? "less" : "more", height, width);
    }
    run_list list = {0};
    for (size_t i = 0; i < n_counts; i++) push_run(&list, counts[i]);
    return finish(out, &list, height, width, err);
}

/* ---- text ---- */

/* Reads one number of the text at *at and moves *at behind it; false when there is none
 * that fits the runs of an image (their differences take at most seven groups). */
static bool read_number(int64_t *out, const char **at)
{
    const char *c = *at;
    int64_t value = 0;
    for (int shift = 0; shift < 7 * 5; shift += 5, c++) {
        int group = *c - 48;
        if (group < 0 || group > 63) return false;
        value |= (int64_t)(group & 0x1f) << shift;
        if (!(group & 0x20)) {
            if (group & 0x10) value -= (int64_t)1 << (shift + 5);
            *out = value;
            *at = c + 1;
            return true;
        }
    }
    return false;
}

bool ask_rle_from_string(ask_rle *out, const char *text, int height, int width,
                         ask_error *err)
{
    uint32_t n_pixels = 0;
    if (!count_pixels(&n_pixels, height, width, err)) return false;
    run_list list = {0};
    uint64_t sum = 0;
    const char *at = text;
    while (*at && !list.failed) {
        const char *start = at;
        int64_t run;
        if (!read_number(&run, &at)) {
            free(list.counts);
            return ask_fail(err, ASK_ERR_FORMAT,
                            "mask text: character %zu: not a run length",
                            (size_t)(start - text) + 1);
        }
        if (list.n > 2) run += list.counts[list.n - 2];
        if (run < 0 || sum + (uint64_t)run > n_pixels) {
            free(list.counts);
            return ask_fail(err, ASK_ERR_FORMAT,
                            "mask text: character %zu: a run of %lld does not fit the "
                            "%d x %d pixels of the image",
                            (size_t)(start - text) + 1, (long long)run, height, width);
        }
        sum += (uint64_t)run;
        push_run(&list, (uint32_t)run);
    }
    if (!list.failed && sum != n_pixels) {
        free(list.counts);
        return ask_fail(err, ASK_ERR_FORMAT,
                        "mask text: runs cover %llu of the %d x %d pixels of the image",
                        (unsigned long long)sum, height, width);
    }
    return finish(out, &list, height, width, err);
}

static void append_number(ask_str *out, int64_t value)
{
    for (;;) {
        int group = (int)(value & 0x1f);
        value >>= 5; // keeps the sign
        bool last = value == ((group & 0x10) ? -1 : 0);
        ask_str_append_char(out, (char)((last ? group : group | 0x20) + 48));
        if (last) return;
    }
}

char *ask_rle_to_string(const ask_rle *rle, ask_error *err)
{
    ask_str text = {0};
    for (size_t i = 0; i < rle->n_counts; i++) {
        int64_t value = rle->counts[i];
        if (i > 2) value -= rle->counts[i - 2];
        append_number(&text, value);
    }
    return ask_str_take(&text, err);
}

/* ---- using it ---- */

void ask_rle_decode(uint8_t *pixels, const ask_rle *rle)
{
    size_t width = (size_t)rle->width;
    size_t x = 0, y = 0;
    for (size_t i = 0; i < rle->n_counts; i++) {
        for (uint32_t left = rle->counts[i]; left > 0; left--) {
            pixels[y * width + x] = i % 2;
            if (++y == (size_t)rle->height) {
                y = 0;
                x++;
            }
        }
    }
}

uint64_t ask_rle_area(const ask_rle *rle)
{
    uint64_t area = 0;
    for (size_t i = 1; i < rle->n_counts; i += 2) area += rle->counts[i];
    return area;
}

ask_rle_box ask_rle_bounds(const ask_rle *rle)
{
    uint64_t height = (uint64_t)rle->height;
    uint64_t left = UINT64_MAX, right = 0, top = UINT64_MAX, bottom = 0;
    uint64_t begin = 0;
    for (size_t i = 0; i < rle->n_counts; begin += rle->counts[i], i++) {
        if (i % 2 == 0 || rle->counts[i] == 0) continue;
        uint64_t last = begin + rle->counts[i] - 1;
        bool one_column = begin / height == last / height;
        uint64_t first_y = one_column ? begin % height : 0;
        uint64_t last_y = one_column ? last % height : height - 1;
        if (begin / height < left) left = begin / height;
        right = last / height;
        if (first_y < top) top = first_y;
        if (last_y > bottom) bottom = last_y;
    }
    if (left == UINT64_MAX) return (ask_rle_box){0};
    return (ask_rle_box){(int)left, (int)top, (int)(right - left + 1),
                         (int)(bottom - top + 1)};
}

/* Two masks walked together, in steps over which neither of them has an edge. */
typedef struct {
    const ask_rle *mask[2];
    size_t run[2];    // the current run of each
    uint32_t left[2]; // pixels of it that are still to come
    bool inside[2];   // what the last step was
} pair_walk;

static pair_walk walk_pair(const ask_rle *a, const ask_rle *b)
{
    return (pair_walk){.mask = {a, b}, .left = {a->counts[0], b->counts[0]}};
}

/* The length of the next step; 0 when all pixels were seen. */
static uint32_t next_step(pair_walk *w)
{
    for (int m = 0; m < 2; m++) {
        while (w->left[m] == 0) {
            if (++w->run[m] >= w->mask[m]->n_counts) return 0;
            w->left[m] = w->mask[m]->counts[w->run[m]];
        }
        w->inside[m] = w->run[m] % 2;
    }
    uint32_t step = w->left[0] < w->left[1] ? w->left[0] : w->left[1];
    w->left[0] -= step;
    w->left[1] -= step;
    return step;
}

static bool check_sizes(const ask_rle *a, const ask_rle *b, ask_error *err)
{
    if (a->height == b->height && a->width == b->width) return true;
    return ask_fail(err, ASK_ERR_SHAPE,
                    "masks of different sizes: %d x %d and %d x %d pixels", a->height,
                    a->width, b->height, b->width);
}

bool ask_rle_merge(ask_rle *out, const ask_rle *a, const ask_rle *b,
                   ask_rle_operation operation, ask_error *err)
{
    if (!check_sizes(a, b, err)) return false;
    run_list list = {0};
    pair_walk w = walk_pair(a, b);
    for (uint32_t n; (n = next_step(&w)) > 0;) {
        bool inside = operation == ASK_RLE_UNION ? w.inside[0] || w.inside[1]
                                                 : w.inside[0] && w.inside[1];
        push_pixels(&list, inside, n);
    }
    return finish(out, &list, a->height, a->width, err);
}

bool ask_rle_iou(double *out, const ask_rle *a, const ask_rle *b, bool b_is_crowd,
                 ask_error *err)
{
    if (!check_sizes(a, b, err)) return false;
    uint64_t both = 0;
    pair_walk w = walk_pair(a, b);
    for (uint32_t n; (n = next_step(&w)) > 0;) {
        if (w.inside[0] && w.inside[1]) both += n;
    }
    uint64_t whole = ask_rle_area(a);
    if (!b_is_crowd) whole += ask_rle_area(b) - both;
    *out = whole > 0 ? (double)both / (double)whole : 0;
    return true;
}
