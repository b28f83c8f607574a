#include "vqa/reply_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "vqa/record_parts_priv.h"
#include "vqa/talk_priv.h"

/* ---- query and plan ---- */

static ask_maybe_int int_if(bool known, int64_t value)
{
    return known ? ask_known_int(value) : (ask_maybe_int){0};
}

static ask_maybe_real real_if(bool known, double value)
{
    return known ? ask_known_real(value) : (ask_maybe_real){0};
}

static ask_record_request request_of(const ask_sampling_options *s)
{
    return (ask_record_request){
        .frames = int_if(s->n_frames > 0, s->n_frames),
        .fps = real_if(s->fps > 0, s->fps),
        .max_frames = int_if(s->max_frames > 0, s->max_frames),
        .start_s = real_if(s->start_s > 0, s->start_s),
        .end_s = real_if(s->end_s > 0 && isfinite(s->end_s), s->end_s),
    };
}

static bool set_plan(ask_record *r, const ask_talk_plan *p, const ask_talk *t,
                     ask_error *err)
{
    const ask_sampling *s = &t->footage.sampling;
    char why[ASK_SAMPLING_WHY_BYTES + ASK_TALK_WHY_BYTES];
    ask_format(why, sizeof why, "%s%s%s", s->why_changed,
               s->why_changed[0] && p->why_changed[0] ? "; " : "", p->why_changed);
    const ask_record_plan part = {
        .mode = "original",
        .strategy = "uniform",
        .requested = request_of(&t->options.sampling),
        .resolved = {s->n, s->fps, s->start_s, s->end_s},
        .tokens = p->n_prompt,
        .visual_tokens = ask_known_int(p->n_visual),
        .answer_tokens = ask_known_int(p->n_answer),
        .context = ask_known_int(p->n_context),
        .work = {.images = p->n_frames, .gflop = p->gflop},
        .why_changed = why[0] ? why : NULL,
    };
    return ask_record_set_plan(r, &part, err) &&
           ask_record_note(r, "plan.expected_s",
                           "the speed of this machine was not measured", err) &&
           ask_record_note(r, "plan.peak_mib", "memory is not estimated beforehand", err);
}

static bool set_query(ask_record *r, int n_tokens, const char *question, const char *prompt,
                      ask_error *err)
{
    const ask_record_query query = {
        .text = question, .n_tokens = n_tokens, .prompt = prompt};
    return ask_record_set_query(r, &query, err);
}

bool ask_reply_record_plan(ask_record *r, const ask_talk_plan *plan, const ask_talk *t,
                           const char *question, ask_error *err)
{
    return set_query(r, plan->n_question, question, NULL, err) && set_plan(r, plan, t, err);
}

/* ---- the answer ---- */

static const char *const ends[] = {
    [ASK_END_TOKEN] = "end",       [ASK_END_STOP] = "stop",     [ASK_END_LENGTH] = "length",
    [ASK_END_CONTEXT] = "context", [ASK_END_CALLER] = "caller",
};

static void list_tokens(ask_record_token *out, const ask_reply *reply)
{
    for (int i = 0; i < reply->n_tokens; i++) {
        const ask_reply_token *t = &reply->tokens[i];
        out[i] = (ask_record_token){.text = t->text, .logprob = fmin(0, t->logprob)};
        if (!t->shares) continue;
        out[i].text_share = ask_known_real(t->text_share);
        out[i].frames = (ask_record_reals){t->shares, (size_t)reply->n_frames};
    }
}

static bool set_answer_of(ask_record *r, const ask_reply *reply, ask_record_token *tokens,
                          ask_error *err)
{
    ask_record_option options[ASK_MOST_CHOICES];
    bool words = reply->choice < 0;
    for (int i = 0; i < reply->n_options; i++)
        options[i] = (ask_record_option){reply->options[i].text, reply->options[i].s,
                                         reply->options[i].p};
    list_tokens(tokens, reply);
    const ask_record_answer part = {
        .text = reply->text,
        .choice = int_if(!words, reply->choice),
        .options = words ? NULL : options,
        .n_options = (size_t)reply->n_options,
        .confidence = fmin(1, reply->confidence),
        .tokens = tokens,
        .n_tokens = (size_t)reply->n_tokens,
        .ended_by = words ? ends[reply->end] : NULL,
    };
    return ask_record_set_answer(r, &part, err);
}

static bool note_answer(ask_record *r, const ask_reply *reply, ask_error *err)
{
    static const char in_words[] = "answered in words, not by choice";
    static const char no_looks[] = "where the model looked was not read";
    bool words = reply->choice < 0;
    if (reply->n_tokens == 0 &&
        !ask_record_note(r, "answer.confidence", "no whole token was said: it says nothing",
                         err))
        return false;
    return (!words || (ask_record_note(r, "answer.choice", in_words, err) &&
                       ask_record_note(r, "answer.options", in_words, err))) &&
           (reply->all_shares ||
            (ask_record_note(r, "answer.tokens.text_share", no_looks, err) &&
             ask_record_note(r, "answer.tokens.frames", no_looks, err) &&
             ask_record_note(r, "frames.score", no_looks, err)));
}

static bool set_answer(ask_record *r, const ask_reply *reply, ask_error *err)
{
    ask_record_token *tokens = calloc((size_t)reply->n_tokens + 1, sizeof *tokens);
    if (!tokens) return ask_fail_memory(err);
    bool ok = set_answer_of(r, reply, tokens, err) && note_answer(r, reply, err);
    free(tokens);
    return ok;
}

/* ---- what was shown ---- */

static bool is_evidence(const ask_reply *reply, int frame)
{
    for (int i = 0; i < reply->n_evidence; i++)
        if (reply->evidence[i] == frame) return true;
    return false;
}

static bool set_frames(ask_record *r, const ask_reply *reply, ask_error *err)
{
    ask_record_frame *frames = calloc((size_t)reply->n_frames + 1, sizeof *frames);
    if (!frames) return ask_fail_memory(err);
    for (int i = 0; i < reply->n_frames; i++) {
        const ask_find_frame *f = &reply->frames[i];
        frames[i] = (ask_record_frame){
            .index = int_if(f->index >= 0, f->index),
            .pts = f->pts,
            .t_s = f->t_s,
            .role = is_evidence(reply, i) ? ASK_ROLE_RETRIEVED : ASK_ROLE_ANCHOR,
            .score = f->score,
            .damaged = f->damaged,
        };
    }
    bool counted = reply->n_frames > 0 && reply->frames[0].index >= 0;
    bool ok = ask_record_set_frames(r, frames, (size_t)reply->n_frames, err);
    free(frames);
    return ok &&
           (counted ||
            ask_record_note(r, "frames.index",
                            "the frames of the video were not counted: picked by "
                            "time",
                            err)) &&
           ask_record_note(r, "frames.cosine", "a language model compares no vectors",
                           err) &&
           ask_record_note(r, "frames.thumb", "no pictures were written", err);
}

static bool set_subtitles(ask_record *r, const ask_reply *reply, const ask_talk *t,
                          ask_error *err)
{
    const ask_subtitles *s = t->options.subtitles;
    char track[32];
    if (!s) return true;
    ask_format(track, sizeof track, "stream %d", s->stream);
    ask_record_cue *cues = calloc((size_t)t->n_told + 1, sizeof *cues);
    if (!cues) return ask_fail_memory(err);
    for (int i = 0; i < t->n_told; i++)
        cues[i] =
            (ask_record_cue){t->cues[i]->start_s, t->cues[i]->end_s, t->cues[i]->text};
    const ask_record_subtitles part = {
        .source = s->kind == ASK_SUBTITLES_FILE ? s->path : track,
        .cues = cues,
        .n_cues = (size_t)t->n_told,
        .left_out = int_if(reply->plan.n_left_out > 0, reply->plan.n_left_out)};
    bool ok = ask_record_set_subtitles(r, &part, err);
    free(cues);
    return ok;
}

/* ---- checks and verdict ---- */

static bool set_checks(ask_record *r, const ask_reply *reply, ask_error *err)
{
    const char *why_not =
        reply->n_tokens ? "not asked for" : "no whole token was said that could be scored";
    return reply->is_checked ? record_set_checks(r, &reply->checks, reply->choice < 0, err)
                             : ask_record_note(r, "checks", why_not, err);
}

static bool set_verdict(ask_record *r, const ask_reply *reply, ask_error *err)
{
    const ask_answer_verdict *v = &reply->verdict;
    return record_set_verdict(r, v, v->redundant ? "redundant" : NULL, err);
}

/* ---- maps ---- */

static bool set_maps(ask_record *r, const ask_reply *reply, const ask_talk *t,
                     ask_error *err)
{
    const char *layer = ask_talk_footage(t)->info.looks
                            ? "mean of all, to rows and from these to patches"
                            : "mean of all";
    return reply->n_maps > 0
               ? record_set_maps(r, reply->maps, reply->n_maps, "attention", layer, err)
               : ask_record_note(r, "saliency", "not asked for, or the model does not tell",
                                 err);
}

/* ---- what it cost ---- */

static bool set_cost(ask_record *r, const ask_reply *reply, ask_error *err)
{
    size_t peak_bytes = ask_peak_resident_bytes();
    bool words = reply->choice < 0;
    const ask_record_cost part = {
        .decode_s = reply->decode_s,
        .encode_s = reply->encode_s,
        .answer_s = reply->answer_s,
        .peak_mib = real_if(peak_bytes > 0, (double)peak_bytes / (1 << 20)),
        .prompt_tokens = ask_known_int(reply->n_prompt),
        .reused_tokens = ask_known_int(reply->n_reused),
        .first_token_s = real_if(words, reply->first_s),
        .tokens_per_s = real_if(words && reply->tokens_per_s > 0, reply->tokens_per_s),
    };
    return ask_record_set_cost(r, &part, err) &&
           (peak_bytes > 0 ||
            ask_record_note(r, "cost.peak_mib", "this system does not tell", err));
}

/* ---- all of it ---- */

bool ask_reply_record(ask_record *r, const ask_reply *reply, const ask_talk *t,
                      const char *question, ask_error *err)
{
    return set_query(r, reply->plan.n_question, question, reply->prompt, err) &&
           set_plan(r, &reply->plan, t, err) && set_frames(r, reply, err) &&
           set_answer(r, reply, err) && set_subtitles(r, reply, t, err) &&
           set_checks(r, reply, err) && set_verdict(r, reply, err) &&
           set_maps(r, reply, t, err) && set_cost(r, reply, err) &&
           ask_record_set_moments(r, NULL, 0, err) &&
           ask_record_note(r, "moments", "a language model was shown frames, not moments",
                           err) &&
           ask_record_note(r, "presence", "whether it is in the video was not asked",
                           err) &&
           ask_record_note(r, "regions", "objects are not segmented for this", err);
}

void ask_reply_generation(ask_record_pair out[ASK_REPLY_N_PAIRS],
                          char texts[ASK_REPLY_N_PAIRS][ASK_REPLY_PAIR_BYTES],
                          const ask_generate_options *opt)
{
    const ask_sampler_options *s = &opt->sampler;
    const struct {
        const char *name;
        double value;
    } pairs[ASK_REPLY_N_PAIRS] = {
        {"max_tokens", opt->max_tokens},
        {"temperature", s->temperature},
        {"top_k", s->top_k},
        {"top_p", s->top_p},
        {"min_p", s->min_p},
        {"repetition_penalty", s->repetition_penalty},
        {"beams", opt->n_beams},
        {"length_penalty", opt->length_penalty},
    };
    for (int i = 0; i < ASK_REPLY_N_PAIRS; i++) {
        ask_format(texts[i], ASK_REPLY_PAIR_BYTES, "%.9g", pairs[i].value);
        out[i] = (ask_record_pair){pairs[i].name, texts[i]};
    }
}
