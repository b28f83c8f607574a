/* layout_nextqa.c - NExT-QA: a table of questions with five options, one of questions with
 * open answers, and the answers of the latter.
 *
 * After: Xiao et al. 2021 (NExT-QA). The fifth option is one more that is wrong. The
 * vocabulary is that of all worlds. The set tells no events: those are ours. */
#include <stdlib.h>
#include <string.h>

#include "base/sorted_lines.h"
#include "world/layout_priv.h"

enum { CHOICES, OPEN, VOCABULARY, EVENTS, EVENT_NAMES };

/* ---- the vocabulary ---- */

/* Whether it is in the vocabulary: all answers are, but for events of two toys. */
static bool is_listed(const ask_world_question *q)
{
    return q->type != ASK_QUESTION_ORDER || q->options[q->answer].deed.other == ASK_ANY;
}

static bool put_vocabulary(layout_file *f, ask_error *err)
{
    ask_str answers = {0};
    ask_family_answers(&answers);
    size_t n = 0;
    const char **texts = answers.failed ? NULL : ask_sorted_lines(answers.data, &n, NULL);
    ask_json_open_array(&f->json, NULL);
    for (size_t i = 0; i < n; i++) ask_json_put_string(&f->json, NULL, texts[i]);
    ask_json_close(&f->json);
    bool ok = texts;
    free(texts);
    ask_str_free(&answers);
    return ok || ask_fail_memory(err);
}

/* ---- the tables ---- */

/* The columns up to the question. */
static void begin_row(layout_file *f, const ask_world_clip *c, const char *question)
{
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    ask_csv_put(&f->table, video);
    ask_csv_put_int(&f->table, c->scene.n_frames);
    ask_csv_put_int(&f->table, ASK_WORLD_SIDE_PX);
    ask_csv_put_int(&f->table, ASK_WORLD_SIDE_PX);
    ask_csv_put(&f->table, question);
}

static void put_choice(layout_file *f, const ask_world_clip *c, int k, const char *type)
{
    const char *options[LAYOUT_FIVE];
    int answer;
    if (!layout_five_options(options, &answer, c, k)) return;
    begin_row(f, c, c->questions[k].text);
    ask_csv_put_int(&f->table, answer);
    ask_csv_put_int(&f->table, k);
    ask_csv_put(&f->table, type);
    for (int i = 0; i < LAYOUT_FIVE; i++) ask_csv_put(&f->table, options[i]);
    ask_csv_end_row(&f->table);
}

static void put_open(layout_file *f, const ask_world_clip *c, int k, const char *type)
{
    const ask_world_question *q = &c->questions[k];
    begin_row(f, c, q->text);
    ask_csv_put(&f->table, ask_question_open_answer(q));
    ask_csv_put_int(&f->table, k);
    ask_csv_put(&f->table, type);
    ask_csv_put(&f->table, ""); // no other answer is as right
    ask_csv_end_row(&f->table);
}

static bool begin(layout_run *r, ask_error *err)
{
    layout_put_row(&r->files[CHOICES],
                   (const char *const[]){"video", "frame_count", "width", "height",
                                         "question", "answer", "qid", "type", "a0", "a1",
                                         "a2", "a3", "a4", NULL});
    layout_put_row(&r->files[OPEN],
                   (const char *const[]){"video", "frame_count", "width", "height",
                                         "question", "answer", "qid", "type",
                                         "additional_ref_answer", NULL});
    layout_put_event_names(&r->files[EVENT_NAMES].text);
    return put_vocabulary(&r->files[VOCABULARY], err);
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    (void)err;
    layout_add_events(&r->files[EVENTS], c);
    for (int k = 0; k < c->n_questions; k++) {
        const ask_world_question *q = &c->questions[k];
        const char *type = ask_family_of(q->family).nextqa;
        if (!type || !layout_is_whole(c, q)) continue;
        put_choice(&r->files[CHOICES], c, k, type);
        if (ask_question_is_open(q, c->scene.n_frames) && is_listed(q))
            put_open(&r->files[OPEN], c, k, type);
    }
    return true;
}

const layout_kind layout_nextqa = {
    .name = "nextqa",
    .title = "NExT-QA (multiple choice, open answers)",
    .asks = true,
    .split_words = {"train", "val", "test"},
    .files = {[CHOICES] = {.name = "*_mc.csv"},
              [OPEN] = {.name = "*_oe.csv"},
              [VOCABULARY] = {.name = "vocab.json"},
              [EVENTS] = {.name = "events.json", .form = LAYOUT_MAP},
              [EVENT_NAMES] = {.name = "action_mapping.txt"}},
    .videos = "videos",
    .separator = ',',
    .begin = begin,
    .add = add,
};
