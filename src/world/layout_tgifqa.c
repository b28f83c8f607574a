/* layout_tgifqa.c - TGIF-QA: four tasks, tables separated by tabs although they are called
 * .csv.
 *
 * After: Jang et al. 2017 (TGIF-QA). The set has no val: both val and test worlds are Test.
 * The "GIFs" are the clips. The set tells no events: those are ours. */
#include <string.h>

#include "world/layout_priv.h"

enum { ACTION, TRANSITION, COUNT, FRAME, N_TASKS, EVENTS = N_TASKS, EVENT_NAMES };

/* Task by name, and what its ids begin with. */
static const struct {
    const char *name, *id;
} tasks[N_TASKS] = {
    [ACTION] = {"action", "ACTION"},
    [TRANSITION] = {"transition", "TRANS"},
    [COUNT] = {"count", "COUNT"},
    [FRAME] = {"frameqa", "FRAMEQA"},
};

/* The set counts how often one thing is done, not how many do it. */
static int task_of(const ask_world_question *q)
{
    if (q->family == ASK_FAMILY_DOERS) return -1;
    const char *name = ask_family_of(q->family).tgif;
    for (int i = 0; i < N_TASKS && name; i++)
        if (strcmp(tasks[i].name, name) == 0) return i;
    return -1;
}

/* The number by which frame questions tell what they ask for. */
static int frame_type(const ask_world_question *q)
{
    switch (q->type) {
    case ASK_QUESTION_COUNT:
        return 1;
    case ASK_QUESTION_COLOR:
        return 2;
    case ASK_QUESTION_LOCATION:
        return 3;
    default:
        return 0; // objects
    }
}

static void begin_row(layout_file *f, const char *video, const char *question)
{
    ask_csv_put(&f->table, video);
    ask_csv_put(&f->table, question);
}

/* "ACTION7" and the number of the GIF. */
static void put_ids(layout_file *f, const ask_world_clip *c, int k, int task)
{
    char id[48];
    ask_format(id, sizeof id, "%s%lld", tasks[task].id, (long long)layout_number(c, k));
    ask_csv_put(&f->table, id);
    ask_csv_put_int(&f->table, layout_clip_number(c));
}

static void put_choice(layout_file *f, const ask_world_clip *c, int k, int task,
                       const char *video)
{
    const char *options[LAYOUT_FIVE];
    int answer;
    if (!layout_five_options(options, &answer, c, k)) return;
    begin_row(f, video, c->questions[k].text);
    for (int i = 0; i < LAYOUT_FIVE; i++) ask_csv_put(&f->table, options[i]);
    ask_csv_put_int(&f->table, answer);
    put_ids(f, c, k, task);
    ask_csv_end_row(&f->table);
}

static void put_count(layout_file *f, const ask_world_clip *c, int k, const char *video)
{
    const ask_world_question *q = &c->questions[k];
    begin_row(f, video, q->text);
    ask_csv_put(&f->table, ask_question_open_answer(q));
    put_ids(f, c, k, COUNT);
    ask_csv_end_row(&f->table);
}

static void put_frame(layout_file *f, const ask_world_clip *c, int k, const char *video)
{
    const ask_world_question *q = &c->questions[k];
    begin_row(f, video, q->text);
    ask_csv_put(&f->table, ask_question_open_answer(q));
    ask_csv_put_int(&f->table, frame_type(q));
    put_ids(f, c, k, FRAME);
    ask_csv_put(&f->table, c->captions.clip);
    ask_csv_end_row(&f->table);
}

static bool begin(layout_run *r, ask_error *err)
{
    (void)err;
    for (int task = ACTION; task <= TRANSITION; task++)
        layout_put_row(&r->files[task],
                       (const char *const[]){"gif_name", "question", "a1", "a2", "a3", "a4",
                                             "a5", "answer", "vid_id", "key", NULL});
    layout_put_event_names(&r->files[EVENT_NAMES].text);
    layout_put_row(&r->files[COUNT], (const char *const[]){"gif_name", "question", "answer",
                                                           "vid_id", "key", NULL});
    layout_put_row(&r->files[FRAME],
                   (const char *const[]){"gif_name", "question", "answer", "type", "vid_id",
                                         "key", "description", NULL});
    return true;
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    (void)err;
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    layout_add_events(&r->files[EVENTS], c);
    for (int k = 0; k < c->n_questions; k++) {
        int task = task_of(&c->questions[k]);
        if (task < 0 || !layout_is_whole(c, &c->questions[k])) continue;
        bool is_open = ask_question_is_open(&c->questions[k], c->scene.n_frames);
        if (task == COUNT && is_open) put_count(&r->files[task], c, k, video);
        if (task == FRAME && is_open) put_frame(&r->files[task], c, k, video);
        if (task < COUNT) put_choice(&r->files[task], c, k, task, video);
    }
    return true;
}

const layout_kind layout_tgifqa = {
    .name = "tgifqa",
    .title = "TGIF-QA (action, transition, count, frame)",
    .asks = true,
    .split_words = {"Train", "Test", "Test"},
    .files = {[ACTION] = {.name = "*_action_question.csv"},
              [TRANSITION] = {.name = "*_transition_question.csv"},
              [COUNT] = {.name = "*_count_question.csv"},
              [FRAME] = {.name = "*_frameqa_question.csv"},
              [EVENTS] = {.name = "events.json", .form = LAYOUT_MAP},
              [EVENT_NAMES] = {.name = "action_mapping.txt"}},
    .videos = "gifs",
    .separator = '\t',
    .begin = begin,
    .add = add,
};
