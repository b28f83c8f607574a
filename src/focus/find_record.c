#include "focus/find_record.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/str.h"

/* ---- query and plan ---- */

static ask_maybe_int int_if(bool known, int64_t value)
{
    return known ? ask_known_int(value) : (ask_maybe_int){0};
}

static ask_maybe_real real_if(bool known, double value)
{
    return known ? ask_known_real(value) : (ask_maybe_real){0};
}

static ask_record_request request_of(const ask_find_options *o)
{
    const ask_sampling_options *s = &o->sampling;
    return (ask_record_request){
        .frames = int_if(s->n_frames > 0, s->n_frames),
        .fps = real_if(s->fps > 0, s->fps),
        .max_frames = int_if(s->max_frames > 0, s->max_frames),
        .start_s = real_if(s->start_s > 0, s->start_s),
        .end_s = real_if(s->end_s > 0 && isfinite(s->end_s), s->end_s),
        .top = int_if(o->n_top > 0, o->n_top),
    };
}

bool ask_find_record_plan(ask_record *r, const ask_find_plan *plan, const char *text,
                          const ask_find_options *opt, ask_error *err)
{
    ask_find_options options = ask_find_defaults();
    ask_options_take(&options, sizeof options, opt);
    const ask_sampling *s = &plan->sampling;
    const ask_record_query query = {
        .text = text, .n_tokens = plan->n_tokens, .unknown_words = plan->unknown_words};
    const ask_record_plan part = {
        .mode = "original",
        .strategy = "uniform",
        .requested = request_of(&options),
        .resolved = {s->n, s->fps, s->start_s, s->end_s},
        .tokens = plan->n_all_tokens,
        .work = {.images = plan->n_images, .gflop = plan->gflop},
        .why_changed = s->why_changed[0] ? s->why_changed : NULL,
    };
    return ask_record_set_query(r, &query, err) && ask_record_set_plan(r, &part, err) &&
           ask_record_note(r, "plan.expected_s",
                           "the speed of this machine was not measured", err) &&
           ask_record_note(r, "plan.peak_mib", "memory is not estimated beforehand", err);
}

/* ---- what was found ---- */

static bool set_presence(ask_record *r, const ask_find_result *f, ask_error *err)
{
    const ask_record_presence part = {
        .present = f->present,
        .score = f->presence,
        .threshold = f->threshold,
        .threshold_source = f->threshold_source,
        .threshold_data = f->calibration_data,
        .threshold_n = int_if(f->calibration_n > 0, f->calibration_n),
        .level = real_if(!isnan(f->level), f->level),
    };
    return ask_record_set_presence(r, &part, err);
}

/* Frames are anchors, picked by time; the best of each moment is what was retrieved. */
static void list_frames(ask_record_frame *out, const ask_find_result *f)
{
    for (int i = 0; i < f->n_frames; i++) {
        const ask_find_frame *frame = &f->frames[i];
        out[i] = (ask_record_frame){
            .index = int_if(frame->index >= 0, frame->index),
            .pts = frame->pts,
            .t_s = frame->t_s,
            .role = ASK_ROLE_ANCHOR,
            .score = frame->score,
            .cosine = real_if(!isnan(frame->cosine), frame->cosine),
            .duplicate_of = int_if(frame->duplicate_of >= 0, frame->duplicate_of),
            .damaged = frame->damaged,
        };
    }
    for (int k = 0; k < f->n_moments; k++)
        out[f->moments[k].best].role = ASK_ROLE_RETRIEVED;
}

static bool note_frames(ask_record *r, const ask_find_result *f, ask_error *err)
{
    int n_times = f->plan.sampling.n;
    char reason[96];
    ask_format(reason, sizeof reason, "%d times fell on %d frames; each is here once",
               n_times, f->n_frames);
    return (f->frames[0].index >= 0 ||
            ask_record_note(r, "frames.index",
                            "the frames of the video were not counted: picked by time",
                            err)) &&
           (n_times == f->n_frames || ask_record_note(r, "frames", reason, err)) &&
           ask_record_note(r, "frames.thumb", "no pictures were written", err);
}

static bool set_frames(ask_record *r, const ask_find_result *f, ask_error *err)
{
    ask_record_frame *frames = calloc((size_t)f->n_frames, sizeof *frames);
    if (!frames) return ask_fail_memory(err);
    list_frames(frames, f);
    bool ok = ask_record_set_frames(r, frames, (size_t)f->n_frames, err);
    free(frames);
    return ok && note_frames(r, f, err);
}

static bool set_moments(ask_record *r, const ask_find_result *f, ask_error *err)
{
    ask_record_moment *moments = calloc((size_t)f->n_moments + 1, sizeof *moments);
    if (!moments) return ask_fail_memory(err);
    for (int k = 0; k < f->n_moments; k++) {
        const ask_find_moment *m = &f->moments[k];
        moments[k] = (ask_record_moment){
            .start_s = m->start_s,
            .end_s = m->end_s,
            .score = m->score,
            .best_s = f->frames[m->best].t_s,
            .repeats = int_if(m->repeats >= 0, m->repeats),
        };
    }
    bool ok = ask_record_set_moments(r, moments, (size_t)f->n_moments, err);
    free(moments);
    return ok && (f->present ||
                  ask_record_note(r, "moments",
                                  "the best there are, though the text is not in the video",
                                  err));
}

static bool set_cost(ask_record *r, const ask_find_result *f, ask_error *err)
{
    size_t peak_bytes = ask_peak_resident_bytes();
    const ask_record_cost part = {
        .decode_s = f->decode_s,
        .encode_s = f->encode_s,
        .answer_s = f->answer_s,
        .peak_mib = real_if(peak_bytes > 0, (double)peak_bytes / (1 << 20)),
    };
    return ask_record_set_cost(r, &part, err) &&
           (peak_bytes > 0 ||
            ask_record_note(r, "cost.peak_mib", "this system does not tell", err));
}

bool ask_find_record(ask_record *r, const ask_find_result *found, const char *text,
                     const ask_find_options *opt, ask_error *err)
{
    return ask_find_record_plan(r, &found->plan, text, opt, err) &&
           set_presence(r, found, err) && set_frames(r, found, err) &&
           set_moments(r, found, err) && set_cost(r, found, err);
}
