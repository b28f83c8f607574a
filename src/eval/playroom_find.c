#include <stdlib.h>

#include "eval/playroom_priv.h"

bool playroom_is_there(ask_query_kind kind)
{
    return kind != ASK_QUERY_FOREIGN && kind != ASK_QUERY_NEAR_MISS;
}

static int64_t count(const ask_playroom *p)
{
    int64_t n = 0;
    for (int64_t i = 0; i < p->n_clips; i++) n += p->clips[i].truth.n_queries;
    return n;
}

static ask_found_row row_of(const playroom_clip *c, const ask_world_query *q,
                            const ask_find_result *r)
{
    int n_frames = c->truth.scene.n_frames;
    double t_s = r->frames[r->moments[0].best].t_s;
    return (ask_found_row){
        .clip = c->index,
        .kind = q->kind,
        .judged = q->judged,
        .presence = r->presence,
        .t_s = t_s,
        .hit = playroom_is_in(q->moment, t_s),
        .random = (double)(q->moment.end - q->moment.begin) / n_frames,
        .centre = q->moment.begin <= n_frames / 2 && n_frames / 2 < q->moment.end,
    };
}

static bool find(ask_found_row *out, ask_playroom *p, const playroom_clip *c,
                 const ask_world_query *q, ask_error *err)
{
    ask_find_options o = ask_find_defaults();
    o.sampling = p->opt.sampling;
    o.cancel = p->opt.cancel;
    o.seen = &c->seen;
    ask_find_result r;
    if (!ask_find(&r, NULL, p->session, q->text, &o, err)) return false;
    *out = row_of(c, q, &r);
    ask_find_result_free(&r);
    return true;
}

static bool find_in(ask_found_rows *out, ask_playroom *p, const playroom_clip *c,
                    ask_error *err)
{
    for (int k = 0; k < c->truth.n_queries; k++) {
        if (!find(&out->rows[out->n], p, c, &c->truth.queries[k], err))
            return ask_fail_in(err, "clip %lld", (long long)c->index);
        out->n++;
    }
    return true;
}

bool ask_playroom_find(ask_found_rows *out, ask_playroom *p, ask_error *err)
{
    ask_found_rows found = {.rows = calloc((size_t)count(p) + 1, sizeof *found.rows)};
    bool ok = found.rows || ask_fail_memory(err);
    for (int64_t i = 0; ok && i < p->n_clips; i++) {
        ok = ask_cancel_check(p->opt.cancel, err) && find_in(&found, p, &p->clips[i], err);
        if (ok) ask_progress_send(p->opt.progress, i + 1, p->n_clips, "clips", "finding");
    }
    if (ok)
        *out = found;
    else
        free(found.rows);
    return ok;
}
