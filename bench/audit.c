/* bench/audit.c - how far one gets with the questions of a full world without looking, or
 * with one frame, and which of it is beyond its bounds. The world stays for later runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/place.h"
#include "world/audit.h"

enum { N_CLIPS = 1500, SEED = 21 };

typedef enum { BLIND, MAJORITY, COLORS, FRAME, LEARNT, BEST, RIGHT, N_COLUMNS } column;

/* What a number may be; most 0: anything. */
typedef struct {
    double least, most;
} bound;

typedef struct {
    int n_bounds, n_missed;
} tally;

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/audit: %s\n", err->message);
    exit(1);
}

static ask_audit make_and_audit(void)
{
    ask_error err = {0};
    ask_audit audit;
    char *dir = bench_place("audit");
    ask_world_options o = ask_world_defaults();
    o.seed = SEED;
    o.split = ASK_SPLIT_TEST;
    o.n_clips = N_CLIPS;
    if (!ask_world_make(NULL, dir, &o, &err) || !ask_world_audit(&audit, dir, NULL, &err))
        give_up(&err);
    free(dir);
    return audit;
}

/* Types that one frame should not answer. */
static bool is_of_time(int type)
{
    return type == ASK_QUESTION_ORDER || type == ASK_QUESTION_COUNT ||
           type == ASK_QUESTION_TRANSITION || type == ASK_QUESTION_CAUSAL;
}

/* type < 0: a family. */
static bound bound_of(column k, int type)
{
    const bound chance = {0.20, 0.30}, none = {0, 0};
    if (k == BLIND || k == MAJORITY) return chance;
    if (!is_of_time(type)) return none;
    return k == COLORS  ? chance
           : k == FRAME ? (bound){0, 0.40}
           : k == BEST  ? (bound){0, 0.60}
                        : none;
}

static void tell_number(tally *t, double value, bound b)
{
    bool misses = b.most > 0 && !(value >= b.least && value <= b.most);
    printf(" %5.2f%c", value, misses ? '!' : ' ');
    t->n_bounds += b.most > 0;
    t->n_missed += misses;
}

static void tell_row(tally *t, const char *name, int type, const ask_audit_row *r)
{
    const double values[N_COLUMNS] = {
        [BLIND] = r->blind,        [MAJORITY] = r->majority,    [COLORS] = r->histogram,
        [FRAME] = r->random_frame, [LEARNT] = r->learned_frame, [BEST] = r->best_frame,
        [RIGHT] = r->best_right};
    if (r->n == 0) return;
    printf("  %-11s %5lld  %5.3f", name, (long long)r->n, sqrt(0.25 * 0.75 / (double)r->n));
    for (int k = 0; k < N_COLUMNS; k++)
        tell_number(t, values[k], bound_of((column)k, type));
    putchar('\n');
}

static void tell_head(const char *what)
{
    printf("  %-11s     n  error  blind  major colors  frame learnt   best  right\n", what);
}

int main(void)
{
    ask_audit a = make_and_audit();
    tally t = {0};
    printf("audit: %lld full clips, seed %d, split test; chance is 0.25\n",
           (long long)a.n_clips, SEED);
    printf(
        "  targets: blind and major 0.20 to 0.30; of order, count, transition and causal "
        "also\n  colors 0.20 to 0.30, frame at most 0.40, best at most 0.60; ! misses. "
        "error: one\n  deviation of a share of 0.25\n");
    tell_head("type");
    for (int type = 0; type < ASK_N_QUESTION_TYPES; type++)
        tell_row(&t, ask_question_type_name((ask_question_type)type), type, &a.types[type]);
    tell_head("family");
    for (int f = ASK_FAMILY_NONE + 1; f < ASK_N_FAMILIES; f++)
        tell_row(&t, ask_family_of((ask_family)f).name, -1, &a.families[f]);
    printf("  %d of %d bounds are missed\n", t.n_missed, t.n_bounds);
    return 0;
}
