#include "vqa/answer_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/str.h"
#include "focus/find_record.h"
#include "vqa/record_parts_priv.h"

static ask_find_options find_options(const ask_ask_options *opt)
{
    ask_ask_options o = ask_ask_defaults();
    ask_options_take(&o, sizeof o, opt);
    ask_find_options find = ask_find_defaults();
    find.sampling = o.sampling;
    return find;
}

bool ask_answer_record_plan(ask_record *r, const ask_find_plan *plan, const char *question,
                            const ask_ask_options *opt, ask_error *err)
{
    const ask_find_options o = find_options(opt);
    return ask_find_record_plan(r, plan, question, &o, err);
}

/* ---- what an answer shares with a search ---- */

/* Only the evidence is retrieved; moments point at more. */
static bool mark_evidence(ask_record *r, const ask_answer *a, ask_error *err)
{
    ask_record_frame *frames = malloc(r->n_frames * sizeof *frames);
    if (!frames) return ask_fail_memory(err);
    memcpy(frames, r->frames, r->n_frames * sizeof *frames);
    for (size_t i = 0; i < r->n_frames; i++) frames[i].role = ASK_ROLE_ANCHOR;
    for (int i = 0; i < a->n_evidence; i++)
        frames[a->evidence[i]].role = ASK_ROLE_RETRIEVED;
    bool ok = ask_record_set_frames(r, frames, r->n_frames, err);
    free(frames);
    return ok;
}

static bool set_search(ask_record *r, const ask_answer *a, const char *question,
                       const ask_ask_options *opt, ask_error *err)
{
    const ask_find_options o = find_options(opt);
    const ask_find_result found = {
        .plan = a->plan,
        .frames = a->frames,
        .n_frames = a->n_frames,
        .moments = a->moments,
        .n_moments = a->n_moments,
        .present = a->present,
        .presence = a->presence,
        .threshold = a->threshold,
        .level = a->level,
        .threshold_source = a->threshold_source,
        .calibration_data = a->calibration_data,
        .calibration_n = a->calibration_n,
        .decode_s = a->decode_s,
        .encode_s = a->encode_s,
        .answer_s = a->answer_s,
    };
    return ask_find_record(r, &found, question, &o, err) && mark_evidence(r, a, err);
}

/* ---- what a memory tells ---- */

static bool set_events(ask_record *r, const ask_answer *a, ask_error *err)
{
    ask_record_moment *moments = calloc((size_t)a->n_moments + 1, sizeof *moments);
    if (!moments) return ask_fail_memory(err);
    for (int i = 0; i < a->n_moments; i++) {
        const ask_answer_event *e = &a->events[i];
        moments[i] = r->moments[i];
        moments[i].event = e->event;
        moments[i].text = e->text;
        moments[i].confidence = ask_known_real(e->confidence);
        moments[i].slot = ask_known_int(e->slot);
    }
    bool ok = ask_record_set_moments(r, moments, (size_t)a->n_moments, err);
    free(moments);
    return ok;
}

static bool note_memory(ask_record *r, const ask_answer *a, ask_error *err)
{
    bool asked = strcmp(a->threshold_source, "none") != 0;
    return ask_record_note(r, "frames.cosine",
                           "frames are remembered, not compared with texts", err) &&
           ask_record_note(r, "moments",
                           a->n_moments ? NULL : "no event was seen surely enough", err) &&
           (asked || ask_record_note(r, "presence",
                                     "the model has no answer of its own that denies: it "
                                     "was not asked",
                                     err));
}

/* ---- the answer ---- */

static bool set_answer(ask_record *r, const ask_answer *a, ask_error *err)
{
    ask_record_option options[ASK_MOST_CHOICES];
    for (int i = 0; i < a->n_options; i++)
        options[i] =
            (ask_record_option){a->options[i].text, a->options[i].s, a->options[i].p};
    const ask_record_answer part = {
        .text = a->options[a->choice].text,
        .choice = ask_known_int(a->choice),
        .options = options,
        .n_options = (size_t)a->n_options,
        .confidence = a->options[a->choice].p,
        .denies = {.known = a->events != NULL, .value = a->denies},
    };
    return ask_record_set_answer(r, &part, err);
}

/* ---- checks ---- */

static bool set_checks(ask_record *r, const ask_answer *a, ask_error *err)
{
    return a->is_checked ? record_set_checks(r, &a->checks, false, err)
                         : ask_record_note(r, "checks", "not asked for", err);
}

/* ---- the verdict ---- */

static void say_outside(ask_str *out, const ask_answer_verdict *v, bool unknown_words)
{
    if (v->new_word)
        ask_str_printf(out, "the model has never seen the word \"%s\"; ", v->new_word);
    else if (unknown_words)
        ask_str_append(out, "a part of the text has no token; ");
    if (v->most_distance >= 0 && !(v->distance <= v->most_distance))
        ask_str_append(out, "the footage is unlike what the model was calibrated on; ");
    if (v->download)
        ask_str_printf(out, "download %s and name it with --model", v->download);
    else
        ask_str_append(out, "name a model for such footage with --model");
}

static bool set_verdict(ask_record *r, const ask_answer *a, ask_error *err)
{
    const ask_answer_verdict *v = &a->verdict;
    ask_str note = {0};
    bool outside = v->known && v->verdict == ASK_VERDICT_OUTSIDE;
    if (outside) say_outside(&note, v, a->plan.unknown_words);
    if (v->redundant) ask_str_append(&note, "redundant");
    bool ok = note.failed
                  ? ask_fail_memory(err)
                  : record_set_verdict(r, v, note.length ? ask_str_text(&note) : NULL, err);
    ask_str_free(&note);
    return ok;
}

/* ---- maps ---- */

static bool set_maps(ask_record *r, const ask_answer *a, ask_error *err)
{
    return a->n_maps > 0 ? record_set_maps(r, a->maps, a->n_maps, a->method, a->layer, err)
                         : ask_record_note(r, "saliency", "not asked for", err);
}

/* ---- all of it ---- */

bool ask_answer_record(ask_record *r, const ask_answer *a, const char *question,
                       const ask_ask_options *opt, ask_error *err)
{
    return set_search(r, a, question, opt, err) &&
           (!a->events || (set_events(r, a, err) && note_memory(r, a, err))) &&
           set_answer(r, a, err) && set_checks(r, a, err) && set_verdict(r, a, err) &&
           set_maps(r, a, err) &&
           ask_record_note(r, "regions", "objects are not segmented for this", err);
}
