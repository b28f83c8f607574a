/* layout_nextqa.c - NExT-QA: a table of questions with five options, one of questions with
 * open answers, and the answers of the latter.
 *
 * After: Xiao et al. 2021 (NExT-QA). The fifth option is one more that is wrong. The
 * vocabulary is that of the world, the most frequent answer first. */
#include <stdlib.h>
#include <string.h>

#include "world/layout_priv.h"

enum { CHOICES, OPEN, VOCABULARY };

/* ---- the vocabulary ---- */

typedef struct {
    char *text; // owned
    int64_t n;
} word;

typedef struct {
    word *words; // in the order of bytes until the end
    size_t n, capacity;
} state;

/* Where a text is, or has to be put. */
static size_t place_of(const state *s, const char *text)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(s->words[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(state *s, ask_error *err)
{
    if (s->n < s->capacity) return true;
    size_t capacity = s->capacity ? 2 * s->capacity : 64;
    word *words = realloc(s->words, capacity * sizeof *words);
    if (!words) return ask_fail_memory(err);
    s->words = words;
    s->capacity = capacity;
    return true;
}

static bool count(state *s, const char *text, ask_error *err)
{
    size_t i = place_of(s, text);
    if (i < s->n && strcmp(s->words[i].text, text) == 0) {
        s->words[i].n++;
        return true;
    }
    char *copy = ask_strdup(text, err);
    if (!copy || !grow(s, err)) {
        free(copy);
        return false;
    }
    memmove(s->words + i + 1, s->words + i, (s->n - i) * sizeof *s->words);
    s->words[i] = (word){copy, 1};
    s->n++;
    return true;
}

static int compare_words(const void *a, const void *b)
{
    const word *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : strcmp(x->text, y->text);
}

static void put_vocabulary(layout_file *f, state *s)
{
    if (s->n > 0) qsort(s->words, s->n, sizeof *s->words, compare_words);
    ask_json_open_array(&f->json, NULL);
    for (size_t i = 0; i < s->n; i++) ask_json_put_string(&f->json, NULL, s->words[i].text);
    ask_json_close(&f->json);
}

static void free_state(void *user)
{
    state *s = user;
    for (size_t i = 0; i < s->n; i++) free(s->words[i].text);
    free(s->words);
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
    (void)err;
    layout_put_row(&r->files[CHOICES],
                   (const char *const[]){"video", "frame_count", "width", "height",
                                         "question", "answer", "qid", "type", "a0", "a1",
                                         "a2", "a3", "a4", NULL});
    layout_put_row(&r->files[OPEN],
                   (const char *const[]){"video", "frame_count", "width", "height",
                                         "question", "answer", "qid", "type",
                                         "additional_ref_answer", NULL});
    return true;
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    for (int k = 0; k < c->n_questions; k++) {
        const ask_world_question *q = &c->questions[k];
        const char *type = ask_family_of(q->family).nextqa;
        if (!type || !layout_is_whole(c, q)) continue;
        put_choice(&r->files[CHOICES], c, k, type);
        if (!layout_is_open(c, q)) continue;
        put_open(&r->files[OPEN], c, k, type);
        if (!count(r->state, ask_question_open_answer(q), err)) return false;
    }
    return true;
}

static bool end(layout_run *r, ask_error *err)
{
    (void)err;
    put_vocabulary(&r->files[VOCABULARY], r->state);
    return true;
}

const layout_kind layout_nextqa = {
    .name = "nextqa",
    .title = "NExT-QA (multiple choice, open answers)",
    .asks = true,
    .split_words = {"train", "val", "test"},
    .files = {[CHOICES] = "*_mc.csv", [OPEN] = "*_oe.csv", [VOCABULARY] = "vocab.json"},
    .links = {{"videos", "../clips"}},
    .separator = ',',
    .state_bytes = sizeof(state),
    .begin = begin,
    .add = add,
    .end = end,
    .free_state = free_state,
};
