/* The frames of a request, by as few runs as it takes.
 *
 * The bits of a frame must not depend on the way to it. In sound data they do not: frames
 * from a start on refer to nothing before it. In damaged data a decoder fills gaps with
 * what it has, so there the way is fixed: once damage is seen, each frame is decoded from
 * the last start at or before it, by one thread, whatever was asked for. */
#include "media/source_libav_priv.h"

/* How many frames are decoded on rather than jumping to a start beyond them. */
enum { FRAMES_OF_A_JUMP = 16 };

/* Where a container has no index, how far ahead a frame must be to jump. */
enum { UNINDEXED_JUMP_S = 5 };

typedef struct {
    ask_libav_source *source;
    const ask_source_request *request;
    int at; // the frame that is looked for
} search;

static int64_t wanted_pts(const search *q)
{
    return q->request->pts[q->at];
}

/* ---- sound data ---- */

static double ticks_of(const ask_libav_source *s, double seconds)
{
    const ask_video_info *info = &s->base.head.info;
    return seconds * (double)info->time_base_den / (double)info->time_base_num;
}

/* Whether decoding on from where the run is costs more than beginning anew. */
static bool should_jump(const search *q)
{
    const ask_libav_source *s = q->source;
    const ask_run *r = &s->run;
    const ask_source_table *t = q->request->table;
    int64_t pts = wanted_pts(q);
    double here = (double)(r->has_next ? ask_run_next_pts(r) : ask_run_pts(r));
    int64_t start = AV_NOPTS_VALUE;
    if (t) {
        int64_t i = ask_source_start_at(t, pts);
        if (i >= 0) start = t->starts[i].pts;
    } else {
        start = ask_packets_indexed_start(&s->packets, pts);
    }
    if (start == AV_NOPTS_VALUE) return (double)pts - here > ticks_of(s, UNINDEXED_JUMP_S);
    double fps = s->base.head.fps > 0 ? s->base.head.fps : 25;
    return (double)start - here > ticks_of(s, FRAMES_OF_A_JUMP / fps);
}

static bool is_ahead(const search *q)
{
    const ask_run *r = &q->source->run;
    return r->codec && r->damage == ASK_DAMAGE_STOPS && r->has_current &&
           ask_run_pts(r) <= wanted_pts(q);
}

static bool goes_on(const search *q)
{
    const ask_run *r = &q->source->run;
    if (!is_ahead(q)) return false;
    if (!r->has_next || ask_run_next_pts(r) > wanted_pts(q)) return true; // it is here
    switch (q->request->access) {
    case ASK_ACCESS_SEQUENTIAL:
        return true;
    case ASK_ACCESS_SEEK:
        return false;
    case ASK_ACCESS_AUTO:
        break;
    }
    return !should_jump(q);
}

static ask_run_result begin(const search *q, ask_error *err)
{
    ask_libav_source *s = q->source;
    const ask_source_table *t = q->request->table;
    int64_t pts = wanted_pts(q);
    if (q->request->access == ASK_ACCESS_SEQUENTIAL) {
        if (!t) return ask_run_begin(&s->run, s->packets.first_tag, ASK_DAMAGE_STOPS, err);
        return ask_run_begin_at(&s->run, &t->starts[0], ASK_DAMAGE_STOPS, err);
    }
    if (!t) return ask_run_begin(&s->run, pts, ASK_DAMAGE_STOPS, err);
    int64_t i = ask_source_start_at(t, pts);
    return ask_run_begin_at(&s->run, &t->starts[i < 0 ? 0 : i], ASK_DAMAGE_STOPS, err);
}

/* Finds the frame in sound data; ASK_RUN_DAMAGED when the data turns out not to be. */
static ask_run_result find(const search *q, ask_error *err)
{
    ask_run *r = &q->source->run;
    int64_t pts = wanted_pts(q);
    ask_run_result result = goes_on(q) ? ASK_RUN_OK : begin(q, err);
    if (result == ASK_RUN_OK) {
        const int64_t *wanted = &q->request->pts[q->at];
        bool alone = q->request->access == ASK_ACCESS_SEEK;
        result = ask_run_to(r, pts, wanted, alone ? 1 : q->request->n - q->at, err);
    }
    if (result == ASK_RUN_OK &&
        (ask_run_misses(r, pts) || (q->request->table && ask_run_pts(r) != pts)))
        return ASK_RUN_DAMAGED;
    return result == ASK_RUN_END ? ASK_RUN_DAMAGED : result;
}

/* ---- damaged data ---- */

/* Decodes one group of frames, those from a start to the next, beginning at this or an
 * earlier start; *error_tag is the first packet that does not decode, or whose frame does
 * not come. ASK_RUN_OK: there is none. */
static ask_run_result trace(const search *q, int64_t begin_at, int64_t group,
                            int64_t *error_tag, ask_error *err)
{
    ask_run *r = &q->source->run;
    const ask_source_table *t = q->request->table;
    ask_run_result result =
        ask_run_begin_at(r, &t->starts[begin_at], ASK_DAMAGE_TRACED, err);
    if (result == ASK_RUN_FAILED) return result;
    int64_t i = ask_source_frame_at(t, t->starts[group].pts - 1) + 1;
    int64_t end_pts = group + 1 < t->n_starts ? t->starts[group + 1].pts : INT64_MAX;
    for (; i < t->n_frames && t->frames[i].pts < end_pts; i++) {
        int64_t pts = t->frames[i].pts;
        if (result == ASK_RUN_OK) result = ask_run_to(r, pts, NULL, 0, err);
        if (result == ASK_RUN_FAILED) return result;
        if (result != ASK_RUN_OK || ask_run_pts(r) != pts) {
            *error_tag = r->has_error ? r->error_tag : t->frames[i].tag;
            return ASK_RUN_DAMAGED;
        }
    }
    return ASK_RUN_OK;
}

/* Decides once for a group where its frames are decoded from. A group that does not decode
 * from its own start may be sound and its start falsely marked; then it decodes from an
 * earlier one. Where the same packet fails again, it is that packet that is damaged. */
static bool judge(const search *q, int64_t group, ask_error *err)
{
    ask_libav_source *s = q->source;
    int64_t error_tag = 0, last_tag = 0;
    s->judged = -1;
    ask_run_result result = trace(q, group, group, &last_tag, err);
    int64_t begin_at = group;
    for (int64_t back = 1; result == ASK_RUN_DAMAGED && begin_at > 0; back *= 2) {
        begin_at = group > back ? group - back : 0;
        result = trace(q, begin_at, group, &error_tag, err);
        if (result == ASK_RUN_DAMAGED && error_tag == last_tag) break;
        last_tag = error_tag;
    }
    if (result == ASK_RUN_FAILED) return false;
    s->judged = group;
    s->judged_begin = result == ASK_RUN_OK ? begin_at : group;
    ask_run_end(&s->run);
    return true;
}

/* The run goes on when it is on the way that is fixed for this group. */
static ask_run_result follow(const search *q, int64_t start, ask_damage damage,
                             ask_error *err)
{
    ask_run *r = &q->source->run;
    const ask_source_start *begin_at = &q->request->table->starts[start];
    int64_t pts = wanted_pts(q);
    bool is_on_way = r->codec && r->damage == damage && r->start_pts == begin_at->pts &&
                     r->has_current && ask_run_pts(r) <= pts;
    ask_run_result result =
        is_on_way ? ASK_RUN_OK : ask_run_begin_at(r, begin_at, damage, err);
    return result == ASK_RUN_OK ? ask_run_to(r, pts, NULL, 0, err) : result;
}

static bool fail_frame(const search *q, ask_error *err)
{
    const ask_source_table *t = q->request->table;
    int64_t pts = wanted_pts(q);
    return ask_fail(
        err, ASK_ERR_FORMAT,
        "frame %lld at %.3f s cannot be decoded: the data is damaged or missing",
        (long long)ask_source_frame_at(t, pts),
        ask_source_seconds(&q->source->base.head, pts));
}

static bool find_in_damaged(const search *q, ask_error *err)
{
    ask_libav_source *s = q->source;
    int64_t pts = wanted_pts(q);
    int64_t group = ask_source_start_at(q->request->table, pts);
    if (group < 0) group = 0;
    if (s->judged != group) {
        ask_run_result result = follow(q, group, ASK_DAMAGE_TRACED, err);
        if (result == ASK_RUN_FAILED) return false;
        if (result == ASK_RUN_OK && ask_run_pts(&s->run) == pts) return true;
        if (!judge(q, group, err)) return false;
    }
    ask_run_result result = follow(q, s->judged_begin, ASK_DAMAGE_FILLED, err);
    if (result == ASK_RUN_OK && ask_run_pts(&s->run) == pts) return true;
    return result == ASK_RUN_FAILED ? false : fail_frame(q, err);
}

/* ---- the request ---- */

/* Whether the wanted time may lie behind the end, which only the table knows. */
static bool may_be_past_end(const search *q)
{
    const ask_run *r = &q->source->run;
    if (q->request->table || r->has_next) return false;
    return wanted_pts(q) - ask_run_pts(r) >= q->request->slack;
}

static ask_source_outcome look_for(const search *q, ask_error *err)
{
    ask_libav_source *s = q->source;
    if (!s->is_damaged) {
        ask_run_result result = find(q, err);
        if (result == ASK_RUN_OK)
            return may_be_past_end(q) ? ASK_SOURCE_NEEDS_TABLE : ASK_SOURCE_DONE;
        if (result == ASK_RUN_FAILED) return ASK_SOURCE_FAILED;
        s->is_damaged = true;
    }
    if (!q->request->table) return ASK_SOURCE_NEEDS_TABLE;
    return find_in_damaged(q, err) ? ASK_SOURCE_DONE : ASK_SOURCE_FAILED;
}

static bool make_picture(ask_libav_source *s, const ask_image **image, ask_error *err)
{
    const ask_video_info *info = &s->base.head.info;
    const AVFrame *f = s->run.current;
    if (f->width > s->base.options.max_side_px || f->height > s->base.options.max_side_px ||
        (int64_t)f->width * f->height > s->base.options.max_pixels)
        return ask_fail(err, ASK_ERR_LIMIT, "a frame of %d x %d pixels", f->width,
                        f->height);
    return ask_picture_make(&s->maker, image, f, info->coded_width, info->coded_height,
                            s->orientation, err);
}

static bool give(const search *q, const ask_image **image, ask_source_fn *fn, void *user,
                 ask_error *err)
{
    ask_libav_source *s = q->source;
    if (!*image && !make_picture(s, image, err)) return false;
    const ask_source_picture picture = {.image = *image,
                                        .pts = ask_run_pts(&s->run),
                                        .key = ask_run_key(&s->run),
                                        .damaged = ask_run_is_damaged(&s->run),
                                        .request = q->at};
    return fn(user, &picture, err);
}

ask_source_outcome ask_libav_frames(ask_source *source, const ask_source_request *request,
                                    ask_source_fn *fn, void *user, int *n_given,
                                    ask_error *err)
{
    ask_libav_source *s = (ask_libav_source *)source;
    search q = {.source = s, .request = request};
    const ask_image *image = NULL;
    int64_t image_pts = 0;
    ask_source_outcome outcome = ASK_SOURCE_DONE;
    if (source->head.is_counted && !request->table) return ASK_SOURCE_NEEDS_TABLE;
    s->run.map = source->head.is_counted ? request->table : NULL;
    for (; q.at < request->n; q.at++) {
        outcome = look_for(&q, err);
        if (outcome != ASK_SOURCE_DONE) break;
        if (image && ask_run_pts(&s->run) != image_pts) image = NULL;
        image_pts = ask_run_pts(&s->run);
        if (!give(&q, &image, fn, user, err)) outcome = ASK_SOURCE_FAILED;
        if (outcome != ASK_SOURCE_DONE) break;
        ++*n_given;
    }
    // Between the times of a request that is not finished frames may have been left out.
    if (outcome != ASK_SOURCE_DONE) ask_run_end(&s->run);
    return outcome;
}
