#include "eval/summary.h"

#include <math.h>

#include "eval/fit.h"
#include "eval/playroom_priv.h"

double ask_share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

/* ---- finding ---- */

static ask_hits hits_of(const ask_found_rows *rows, ask_query_kind kind)
{
    int64_t n = 0, n_hit = 0, n_centre = 0;
    double random = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        const ask_found_row *r = &rows->rows[i];
        if (r->kind != kind || !r->judged) continue;
        n++;
        n_hit += r->hit;
        n_centre += r->centre;
        random += r->random;
    }
    return (ask_hits){
        .n = n,
        .n_hit = n_hit,
        .hit = ask_share(n_hit, n),
        .random = n ? random / (double)n : NAN,
        .centre = ask_share(n_centre, n),
    };
}

/* Rows of some kinds, and how many a threshold rejects. */
typedef struct {
    int64_t n, n_rejected;
} rejected;

static rejected reject(const ask_found_rows *rows, unsigned kinds, double threshold)
{
    rejected out = {0};
    for (int64_t i = 0; i < rows->n; i++) {
        const ask_found_row *r = &rows->rows[i];
        if (!(kinds >> r->kind & 1U)) continue;
        out.n++;
        out.n_rejected += r->presence < threshold;
    }
    return out;
}

bool ask_found_summarise(ask_found_summary *out, const ask_found_rows *rows,
                         double threshold, ask_error *err)
{
    ask_found_summary sum = {0};
    if (!ask_fit_found_threshold(&sum.tenth, rows, 0.1, err)) return false;
    unsigned there = 0;
    for (int kind = 0; kind < ASK_N_QUERY_KINDS; kind++) {
        bool none = !playroom_is_there((ask_query_kind)kind);
        if (!none) there |= 1U << kind;
        rejected given = reject(rows, none ? 1U << kind : 0, threshold);
        rejected tenth = reject(rows, none ? 1U << kind : 0, sum.tenth);
        sum.hits[kind] = hits_of(rows, (ask_query_kind)kind);
        sum.rejected[kind] = (ask_rejections){
            .n = given.n,
            .at_threshold = ask_share(given.n_rejected, given.n),
            .at_tenth = ask_share(tenth.n_rejected, tenth.n),
        };
    }
    rejected wrongly = reject(rows, there, threshold);
    sum.n_there = wrongly.n;
    sum.false_rejection = ask_share(wrongly.n_rejected, wrongly.n);
    *out = sum;
    return true;
}

/* ---- answering ---- */

static void add(ask_answers *a, const ask_answered_row *r, ask_verdict verdict)
{
    bool grounded = verdict == ASK_VERDICT_GROUNDED && r->right;
    a->n++;
    a->n_right += r->right;
    a->verdicts[verdict]++;
    a->n_right_grounded += grounded;
    a->n_held += grounded && r->in_moment;
}

/* Without a verdict, only what was answered. */
static void add_unjudged(ask_answers *a, const ask_answered_row *r)
{
    a->n++;
    a->n_right += r->right;
}

ask_answered_summary ask_answered_summarise(const ask_answered_rows *rows,
                                            const ask_verdict_terms *terms)
{
    ask_answered_summary sum = {0};
    for (int64_t i = 0; i < rows->n; i++) {
        const ask_answered_row *r = &rows->rows[i];
        ask_answers *groups[] = {&sum.all, &sum.types[r->type],
                                 r->visual && r->judged ? &sum.judged : &sum.others,
                                 r->visual ? &sum.visual : NULL};
        for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
            if (!groups[g]) continue;
            if (terms)
                add(groups[g], r, ask_answered_verdict(r, terms));
            else if (r->has_verdict)
                add(groups[g], r, r->verdict);
            else
                add_unjudged(groups[g], r);
        }
    }
    return sum;
}
