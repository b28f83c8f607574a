#include <stdlib.h>
#include <string.h>

#include "eval/set_priv.h"
#include "world/clip_files.h"
#include "world/layout.h"
#include "world/truth_read.h"

/* What a family's denials were last said as; by type in a simple world. */
typedef struct {
    const char *of_family[ASK_N_FAMILIES];
} denials;

/* Texts of one clip that its items share. */
typedef struct {
    ask_eval_set *set;
    const ask_world_clip *clip;
    const char *video, *path;
    const ask_named_span *events;
    denials *said;
} playroom_clip_items;

static const double FRAME_S = 1.0 / ASK_WORLD_FPS;

static char *keep(const ask_eval_set *s, const char *text)
{
    return ask_arena_strdup(s->room, text);
}

/* ---- denials ---- */

/* Simple worlds say it by what the option is not: a phrase, where all others are one. */
static bool denies(const ask_world_clip *c, const ask_world_question *q, int option)
{
    const ask_world_option *o = &q->options[option];
    if (c->scene.full) return o->denies;
    bool of_phrases = q->type <= ASK_QUESTION_ACTION || q->type == ASK_QUESTION_ABSENT;
    return of_phrases && !o->has_phrase;
}

static bool take_denials(ask_eval_item *item, playroom_clip_items *p,
                         const ask_world_question *q)
{
    const char **said = &p->said->of_family[q->family];
    item->knows_denials = true;
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        if (!denies(p->clip, q, i)) continue;
        item->denies |= UINT32_C(1) << i;
        item->denial = *said = keep(p->set, q->options[i].text);
        if (!*said) return false;
    }
    item->absent = item->denies >> q->answer & 1;
    if (!item->denial && p->clip->scene.full) item->denial = *said;
    return true;
}

/* ---- what it points at ---- */

static bool take_targets(ask_eval_item *item, const playroom_clip_items *p,
                         const ask_world_question *q)
{
    const int n = q->n_objects, n_frames = p->clip->scene.n_frames;
    item->has_targets = n > 0;
    if (n == 0) return true;
    ask_eval_targets *t = ask_arena_alloc(p->set->room, sizeof *t);
    int16_t(*boxes)[4] =
        ask_arena_array(p->set->room, (size_t)(n * n_frames), sizeof *boxes);
    if (!t || !boxes) return false;
    for (int i = 0; i < n_frames; i++) {
        for (int k = 0; k < n; k++) {
            const ask_toy_view *v = &p->clip->views[i].toys[q->objects[k]];
            const int sides[] = {v->x0, v->y0, v->x1, v->y1};
            for (int side = 0; side < 4; side++)
                boxes[i * n + k][side] = (int16_t)sides[side];
        }
    }
    *t = (ask_eval_targets){.n = n,
                            .n_frames = n_frames,
                            .fps = ASK_WORLD_FPS,
                            .width = ASK_WORLD_SIDE_PX,
                            .height = ASK_WORLD_SIDE_PX,
                            .boxes = (const int16_t(*)[4])boxes};
    item->targets = t;
    return true;
}

/* ---- what happens ---- */

/* Of the whole clip, in order of their begins. */
static bool read_events(playroom_clip_items *p)
{
    const ask_scene *s = &p->clip->scene;
    ask_named_span *events =
        ask_arena_array(p->set->room, (size_t)s->n_events, sizeof *events);
    if (!events) return false;
    for (int i = 0; i < s->n_events; i++)
        events[i] = (ask_named_span){
            .label = ask_event_name(s->events[i].kind),
            .at = {s->events[i].begin * FRAME_S, s->events[i].end * FRAME_S}};
    p->events = events;
    return true;
}

/* Those that have begun in the part of the clip that is shown, as far as it shows them. */
static bool take_events(ask_eval_item *item, const playroom_clip_items *p,
                        const ask_world_question *q)
{
    const ask_scene *s = &p->clip->scene;
    item->events = p->events;
    item->n_events = s->n_events;
    if (!item->record.has_clip) return true;
    ask_named_span *events =
        ask_arena_array(p->set->room, (size_t)s->n_events, sizeof *events);
    if (!events) return false;
    item->n_events = 0;
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].begin >= q->until) continue;
        ask_named_span *e = &events[item->n_events++];
        *e = p->events[i];
        if (s->events[i].end > q->until) e->at.end_s = q->until * FRAME_S;
    }
    item->events = events;
    return true;
}

/* ---- records ---- */

static bool take_moment(ask_data_record *r, const playroom_clip_items *p,
                        const ask_world_question *q)
{
    if (q->moment.begin >= q->moment.end) return true;
    ask_data_span *window = ask_arena_alloc(p->set->room, sizeof *window);
    if (!window) return false;
    *window = (ask_data_span){q->moment.begin * FRAME_S, q->moment.end * FRAME_S};
    r->windows = window;
    r->n_windows = 1;
    return true;
}

static bool take_options(ask_data_record *r, const playroom_clip_items *p,
                         const ask_world_question *q)
{
    const char **options = ask_arena_array(p->set->room, ASK_N_OPTIONS, sizeof *options);
    if (!options) return false;
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        options[i] = keep(p->set, q->options[i].text);
        if (!options[i]) return false;
    }
    r->kind = ASK_DATA_CHOICE;
    r->options = options;
    r->n_options = ASK_N_OPTIONS;
    r->answer_index = q->answer;
    r->answer = options[q->answer];
    return true;
}

/* Models may have learnt from one of the layouts, which have other names. */
static const char *event_name(const char *class_name)
{
    ask_event_kind kind;
    return ask_layout_event(&kind, class_name) ? ask_event_name(kind) : class_name;
}

/* The question with its options; id is the family, or the type. */
static bool make_item(ask_eval_item *out, playroom_clip_items *p,
                      const ask_world_question *q)
{
    const bool full = p->clip->scene.full;
    const int n_frames = p->clip->scene.n_frames;
    ask_eval_item item = {
        .record = {.id = ask_arena_sprintf(p->set->room, "%s/%s", p->video,
                                           full ? ask_family_of(q->family).name
                                                : ask_question_type_name(q->type)),
                   .video = p->video,
                   .video_path = p->path,
                   .features = p->video,
                   .video_s = n_frames * FRAME_S,
                   .has_clip = full && q->until < n_frames,
                   .question = keep(p->set, q->text),
                   .language = "en",
                   .file = p->set->file,
                   .row = (size_t)p->clip->scene.index},
        .counts = ask_count_any(),
        .event_name = event_name,
    };
    if (item.record.has_clip) item.record.clip.end_s = q->until * FRAME_S;
    if (!item.record.id || !item.record.question ||
        !set_tags_of(&item.record, &p->clip->scene, q, p->set->room) ||
        !take_moment(&item.record, p, q) || !take_options(&item.record, p, q) ||
        !take_denials(&item, p, q) || !take_targets(&item, p, q) ||
        !take_events(&item, p, q))
        return false;
    item.judged = q->judged && item.record.n_windows > 0;
    *out = item;
    return true;
}

/* The same question without options. */
static bool make_open(ask_eval_item *item, const playroom_clip_items *p,
                      const ask_world_question *q)
{
    ask_data_record *r = &item->record;
    const int number = p->clip->scene.full ? q->options[q->answer].number : ASK_ANY;
    r->id = ask_arena_sprintf(p->set->room, "%s/open", r->id);
    r->options = NULL;
    r->n_options = 0;
    r->answer_index = -1;
    item->denies = 0;
    r->kind = number == ASK_ANY ? ASK_DATA_OPEN : ASK_DATA_COUNT;
    r->has_count = number != ASK_ANY;
    r->count = r->has_count ? number : 0;
    r->answer = r->has_count ? NULL : keep(p->set, ask_question_open_answer(q));
    return r->id && (r->has_count || r->answer);
}

/* ---- clips ---- */

static bool add_questions(playroom_clip_items *p, ask_error *err)
{
    if (!read_events(p)) return ask_fail_memory(err);
    for (int k = 0; k < p->clip->n_questions; k++) {
        const ask_world_question *q = &p->clip->questions[k];
        ask_eval_item item;
        if (!make_item(&item, p, q)) return ask_fail_memory(err);
        if (!set_add(p->set, &item, err)) return false;
        if (!ask_question_is_open(q, p->clip->scene.n_frames)) continue;
        if (!make_open(&item, p, q)) return ask_fail_memory(err);
        if (!set_add(p->set, &item, err)) return false;
    }
    return true;
}

static bool add_clip(ask_eval_set *s, const char *dir, int64_t index, denials *said,
                     ask_error *err)
{
    char *truth = ask_world_truth_path(dir, index, err);
    char *video = truth ? ask_world_video_path(dir, index, err) : NULL;
    ask_world_clip clip = {0};
    bool ok = video && ask_world_clip_read(&clip, truth, err);
    playroom_clip_items p = {.set = s, .clip = &clip, .said = said};
    if (ok) {
        p.video = ask_arena_sprintf(s->room, "%06lld", (long long)index);
        p.path = keep(s, video);
        ok = (p.video && p.path) || ask_fail_memory(err);
    }
    ok = ok && add_questions(&p, err);
    ask_world_clip_free(&clip);
    free(truth);
    free(video);
    return ok;
}

bool set_read_playroom(ask_eval_set *s, const char *dir, const char *split, ask_error *err)
{
    ask_world_info world;
    if (!ask_world_open(&world, dir, err)) return false;
    s->split = ask_split_name(world.split);
    if (split && strcmp(split, s->split) != 0)
        return ask_fail(err, ASK_ERR_USAGE, "%s is a world of the split %s, not of %s", dir,
                        s->split, split);
    if (world.n_ready == 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s has no clips yet: make some with `askance world`", dir);
    s->file = keep(s, dir);
    if (!s->file) return ask_fail_memory(err);
    denials said = {{0}};
    for (int64_t i = 0; i < world.n_ready && !set_is_full(s); i++) {
        if (!ask_cancel_check(s->opt.cancel, err) || !add_clip(s, dir, i, &said, err))
            return false;
        ask_progress_send(s->opt.progress, i + 1, world.n_ready, "clips",
                          "reading questions");
    }
    return true;
}
