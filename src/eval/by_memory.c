#include "eval/by_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/options.h"
#include "eval/dual.h"
#include "eval/told_priv.h"
#include "eval/watched_priv.h"
#include "world/question.h"

struct ask_by_memory {
    ask_session *session;
    ask_model_info model;
    ask_memory_info info;
    ask_by_memory_options opt;
    ask_standard standard;
    watched watched;
    ask_sightings seen, grey; // of it; grey {0} until it is asked for
    ask_memory memory;        // of what was seen
    ask_dual *finder;         // NULL until a query comes
};

ask_by_memory_options ask_by_memory_defaults(void)
{
    return (ask_by_memory_options){.struct_size = sizeof(ask_by_memory_options),
                                   .sampling = ask_sampling_defaults(),
                                   .seed = 1};
}

/* ---- looking ---- */

static void forget(void *user)
{
    ask_by_memory *b = user;
    ask_sightings_free(&b->seen);
    ask_sightings_free(&b->grey);
    ask_memory_free(&b->memory);
}

static bool look(void *user, ask_video *v, const ask_sampling_options *sampling,
                 ask_error *err)
{
    ask_by_memory *b = user;
    return ask_sightings_make(&b->seen, v, b->session, sampling, b->opt.cancel, NULL,
                              err) &&
           ask_memory_make(&b->memory, b->session, &b->seen.sights, NULL, b->opt.cancel,
                           err);
}

static watcher watcher_of(ask_by_memory *b)
{
    const ask_sampling_options whole = ask_sampling_defaults();
    return (watcher){b, look, forget, whole, b->opt.cancel};
}

/* What is shown. *made: what was made for this question alone; {0}, or freed by the caller.
 */
static const ask_sightings *show(ask_sightings *made, ask_by_memory *b, ask_eval_view view,
                                 uint64_t seed, ask_error *err)
{
    *made = (ask_sightings){0};
    if (view == ASK_VIEW_VIDEO) return &b->seen;
    if (view == ASK_VIEW_SHUFFLED)
        return ask_sightings_shuffle(made, &b->seen, seed, err) ? made : NULL;
    bool ok = b->grey.sights.n > 0 ||
              ask_sightings_make_grey(&b->grey, &b->seen, b->session, b->opt.cancel, err);
    return ok ? &b->grey : NULL;
}

/* ---- what an answer tells ---- */

/* A number in words. */
static bool read_count(double *out, const char *text)
{
    for (int n = 0; ask_count_word(n); n++) {
        if (strcmp(text, ask_count_word(n)) != 0) continue;
        *out = n;
        return true;
    }
    return false;
}

/* The text of one of the model's own answers belongs to the model. */
static bool decide(ask_eval_decision *out, const ask_answer *a, const ask_data_record *r,
                   ask_arena *room)
{
    const bool choice = r->kind == ASK_DATA_CHOICE;
    const char *text = a->options[a->choice].text;
    *out = (ask_eval_decision){.choice = choice ? a->choice : -1,
                               .text = choice ? r->options[a->choice]
                                              : ask_arena_strdup(room, text),
                               .rejects = !a->present || a->denies};
    if (r->kind == ASK_DATA_COUNT) out->has_count = read_count(&out->count, text);
    return out->text;
}

static bool take_guesses(ask_eval_given *out, const ask_answer *a, ask_arena *room)
{
    ask_eval_guess *guesses = ask_arena_array(room, (size_t)a->n_options, sizeof *guesses);
    if (!guesses) return false;
    for (int i = 0; i < a->n_options; i++) {
        guesses[i] =
            (ask_eval_guess){ask_arena_strdup(room, a->options[i].text), a->options[i].s};
        if (!guesses[i].text) return false;
    }
    out->guesses = guesses;
    out->n_guesses = a->n_options;
    return true;
}

static bool is_among(const ask_eval_moment *moments, int n, int slot)
{
    for (int i = 0; i < n; i++)
        if (moments[i].slot == slot) return true;
    return false;
}

/* What an answer tells are the events that it is sure of. The others follow, so that events
 * can be measured however sure they are. */
static bool take_moments(ask_eval_given *out, const ask_by_memory *b, const ask_answer *a,
                         const ask_eval_item *item, ask_arena *room)
{
    if (!told_moments(out, a->moments, a->events, a->n_moments, item, room)) return false;
    const ask_sampling *window = &b->seen.sampling;
    const double from_s = window->start_s, length_s = window->end_s - from_s;
    ask_eval_moment *all =
        ask_arena_array(room, (size_t)(out->n_moments + b->info.n_events), sizeof *all);
    if (!all) return false;
    int n = out->n_moments;
    for (int i = 0; i < n; i++) all[i] = out->moments[i];
    for (int slot = 0; slot < b->info.n_events; slot++) {
        const ask_memory_slot *s = &b->memory.slots[slot];
        if (!b->memory.is_there[slot] || !s->what || is_among(all, n, slot)) continue;
        all[n] = (ask_eval_moment){.start_s = from_s + s->start * length_s,
                                   .end_s = from_s + s->end * length_s,
                                   .label = told_label(s->what, item, room),
                                   .confidence = s->confidence,
                                   .slot = slot};
        if (!all[n++].label) return false;
    }
    out->moments = all;
    out->n_moments = n;
    return true;
}

static bool take_evidence(ask_eval_given *out, const ask_by_memory *b, const ask_answer *a,
                          const ask_eval_item *item, ask_arena *room)
{
    return take_moments(out, b, a, item, room) && told_evidence(out, a, room) &&
           told_point(out, a, room);
}

static bool take(ask_eval_given *out, const ask_by_memory *b, const ask_answer *a,
                 const ask_eval_item *item, ask_eval_view view, ask_arena *room)
{
    const bool choice = item->record.kind == ASK_DATA_CHOICE;
    out->verdict = told_verdict(a);
    if (strcmp(a->threshold_source, "none") != 0) told_presence(out, a->presence);
    return decide(&out->decision, a, &item->record, room) &&
           (choice ? told_scores(out, a, room) : take_guesses(out, a, room)) &&
           (view != ASK_VIEW_VIDEO || take_evidence(out, b, a, item, room));
}

/* ---- answering ---- */

static bool ask(ask_by_memory *b, ask_eval_given *out, const ask_eval_item *item,
                ask_eval_view view, const ask_sightings *shown, ask_arena *room,
                ask_error *err)
{
    const ask_data_record *r = &item->record;
    const bool choice = r->kind == ASK_DATA_CHOICE, video = view == ASK_VIEW_VIDEO;
    ask_ask_options o = ask_ask_defaults();
    ask_answer a;
    o.n_maps = video && item->has_targets && !b->opt.no_points ? 1 : 0;
    o.no_checks = !video || b->opt.no_checks;
    o.sampling = b->watched.sampling;
    o.seed = b->opt.seed;
    o.cancel = b->opt.cancel;
    o.sightings = shown;
    o.standard = &b->standard;
    if (!ask_ask(&a, b->watched.video, b->session, r->question, choice ? r->options : NULL,
                 choice ? r->n_options : 0, &o, err))
        return false;
    bool ok = take(out, b, &a, item, view, room);
    ask_answer_free(&a);
    return ok || ask_fail_memory(err);
}

static bool retrieve(ask_by_memory *b, ask_eval_given *out, const ask_eval_item *item,
                     ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    ask_dual_options o = ask_dual_defaults();
    o.sampling = b->opt.sampling;
    o.finds_only = true;
    o.cancel = b->opt.cancel;
    if (!b->finder) b->finder = ask_dual_open(b->session, &o, err);
    if (!b->finder) return false;
    if (view == ASK_VIEW_SHUFFLED)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "frames are searched in no order");
    const ask_answerer a = ask_dual_answerer(b->finder);
    return a.answer(a.user, out, item, view, seed, room, err);
}

static bool answer(void *user, ask_eval_given *out, const ask_eval_item *item,
                   ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    ask_by_memory *b = user;
    if (item->record.kind == ASK_DATA_RETRIEVE)
        return retrieve(b, out, item, view, seed, room, err);
    ask_eval_given given = {.decision.choice = -1};
    ask_sightings made;
    const watcher who = watcher_of(b);
    double begin_s = ask_clock_s();
    if (!watched_see(&b->watched, &who, &item->record, err)) return false;
    double seen_s = ask_clock_s();
    const ask_sightings *shown = show(&made, b, view, seed, err);
    bool ok = shown && ask(b, &given, item, view, shown, room, err);
    ask_sightings_free(&made);
    if (!ok) return false;
    given.look_s = seen_s - begin_s;
    given.answer_s = ask_clock_s() - seen_s;
    *out = given;
    return true;
}

/* ---- all of it ---- */

static bool prepare(ask_by_memory *b, ask_error *err)
{
    const ask_model *m = ask_session_model(b->session);
    b->model = ask_model_info_of(m);
    return ask_memory_info_of(&b->info, m, err) &&
           ask_standard_read(&b->standard, b->model.dir, b->info.n_features, err);
}

ask_by_memory *ask_by_memory_open(ask_session *s, const ask_by_memory_options *opt,
                                  ask_error *err)
{
    ask_by_memory *b = calloc(1, sizeof *b);
    if (!b) {
        ask_fail_memory(err);
        return NULL;
    }
    b->session = s;
    b->opt = ask_by_memory_defaults();
    ask_options_take(&b->opt, sizeof b->opt, opt);
    if (prepare(b, err)) return b;
    ask_by_memory_close(b);
    return NULL;
}

void ask_by_memory_close(ask_by_memory *b)
{
    if (!b) return;
    const watcher who = watcher_of(b);
    watched_forget(&b->watched, &who);
    ask_dual_close(b->finder);
    ask_standard_free(&b->standard);
    free(b);
}

ask_answerer ask_by_memory_answerer(ask_by_memory *b)
{
    const bool says = b->info.n_answers > 1; // of one there is nothing to choose
    return (ask_answerer){
        .user = b,
        .name = "memory of the video",
        .model_id = b->model.id,
        .kinds = {[ASK_DATA_CHOICE] = true,
                  [ASK_DATA_OPEN] = says,
                  [ASK_DATA_COUNT] = says,
                  [ASK_DATA_RETRIEVE] = b->model.has_pictures},
        .answer = answer,
        .needs_video = true,
    };
}
