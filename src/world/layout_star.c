/* layout_star.c - STAR as published, and in the files that Glance-Focus reads.
 *
 *     STAR_train.json            questions with choices, and annotated frames
 *     STAR_classes/              names of classes; video_fps, a pickle
 *     txt_db/train.jsonl         the same questions
 *     txt_db/events.json         what happens in the clip of each, by question
 *     txt_db/action_mapping.txt  names of its classes
 *
 * After: Wu et al. 2021 (STAR), Bai et al. 2023 (Glance-Focus). Classes of actions are the
 * kinds of events; those of objects are pairs of colour and shape, and screens. As in the
 * set, lists of classes end without a line feed, STAR_test.json hides its answers, and the
 * test file of Glance-Focus does not. */
#include "world/layout_star_priv.h"

enum { QUESTIONS, LINES, EVENTS, MAPPING, ACTIONS, VERBS, OBJECTS, RELATIONS, RATES };

/* ---- a question ---- */

typedef struct {
    const ask_world_clip *clip;
    const ask_world_question *question;
    const char *id, *video;
} item;

static void put_question(layout_run *r, const item *it)
{
    ask_json_writer *w = &r->files[QUESTIONS].json;
    const ask_world_question *q = it->question;
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "question_id", it->id);
    ask_json_put_string(w, "question", q->text);
    ask_json_put_string(w, "video_id", it->video);
    ask_json_put_int(w, "start", 0);
    layout_put_seconds(w, "end", q->until);
    if (r->split != ASK_SPLIT_TEST)
        ask_json_put_string(w, "answer", q->options[q->answer].text);
    layout_star_put_question_program(w, it->clip, q);
    ask_json_open_array(w, "choices");
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        ask_json_open_object(w, NULL);
        ask_json_put_int(w, "choice_id", i);
        ask_json_put_string(w, "choice", q->options[i].text);
        layout_star_put_choice_program(w, it->clip, q, i);
        ask_json_close(w);
    }
    ask_json_close(w);
    layout_star_put_situations(w, it->clip, q->until);
    ask_json_close(w);
}

static void put_line(layout_run *r, const item *it)
{
    const ask_world_question *q = it->question;
    ask_json_writer w = layout_begin_line(&r->files[LINES]);
    ask_json_put_string(&w, "question", q->text);
    ask_json_put_string(&w, "video_id", it->video);
    ask_json_put_int(&w, "answer", q->answer);
    ask_json_put_string(&w, "question_id", it->id);
    ask_json_open_array(&w, "options");
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        ask_json_put_string(&w, NULL, q->options[i].text);
    ask_json_close(&w);
    layout_end_line(&w);
}

/* "Interaction_T12_345": the template is the family. */
static void add_question(layout_run *r, const ask_world_clip *c, int k, const char *video)
{
    char id[64];
    const ask_world_question *q = &c->questions[k];
    const char *type = ask_family_of(q->family).star;
    if (!type) return;
    ask_format(id, sizeof id, "%s_T%d_%lld", type, (int)q->family,
               (long long)layout_number(c, k));
    const item it = {c, q, id, video};
    put_question(r, &it);
    put_line(r, &it);
    layout_put_timeline(&r->files[EVENTS].json, id, &c->scene, q->until);
}

/* ---- all of it ---- */

static bool begin(layout_run *r, ask_error *err)
{
    layout_star_put_actions(&r->files[ACTIONS].text);
    layout_star_put_mapping(&r->files[MAPPING].text);
    layout_star_put_verbs(&r->files[VERBS].text);
    layout_star_put_objects(&r->files[OBJECTS].text);
    layout_star_put_relations(&r->files[RELATIONS].text);
    layout_star_begin_rates(&r->files[RATES].text);
    return layout_star_keep_rates(r, RATES, true, err);
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    (void)err;
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    layout_star_put_rate(&r->files[RATES].text, video);
    for (int k = 0; k < c->n_questions; k++) add_question(r, c, k, video);
    return true;
}

static bool end(layout_run *r, ask_error *err)
{
    if (!layout_star_keep_rates(r, RATES, false, err)) return false;
    layout_star_end_rates(&r->files[RATES].text);
    return true;
}

const layout_kind layout_star = {
    .name = "star",
    .title = "STAR, and the lines and events of Glance-Focus",
    .asks = true,
    .split_words = {"train", "val", "test"},
    .files = {[QUESTIONS] = {.name = "STAR_*.json", .form = LAYOUT_LIST},
              [LINES] = {.name = "txt_db/*.jsonl"},
              [EVENTS] = {.name = "txt_db/events.json", .form = LAYOUT_MAP},
              [MAPPING] = {.name = "txt_db/action_mapping.txt"},
              [ACTIONS] = {.name = "STAR_classes/action_classes.txt"},
              [VERBS] = {.name = "STAR_classes/verb_classes.txt"},
              [OBJECTS] = {.name = "STAR_classes/object_classes.txt"},
              [RELATIONS] = {.name = "STAR_classes/relationship_classes.txt"},
              [RATES] = {.name = "STAR_classes/video_fps"}},
    .videos = "videos",
    .link = {"txt_db/videos", "../videos"},
    .begin = begin,
    .add = add,
    .end = end,
};
