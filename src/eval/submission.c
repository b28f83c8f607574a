#include "eval/submission.h"

#include <math.h>
#include <string.h>

#include "base/json_write.h"
#include "base/number.h"

typedef size_t write_rows(ask_str *out, const ask_eval_rows *rows);

/* ---- STAR ---- */

/* Rows of one id are of one video, whose rows follow each other. */
static bool is_repeated(const ask_eval_rows *rows, size_t i)
{
    const ask_data_record *r = &rows->rows[i].item.record;
    for (size_t k = i; k-- > 0;) {
        const ask_data_record *before = &rows->rows[k].item.record;
        if (strcmp(before->video, r->video) != 0) return false;
        if (strcmp(before->id, r->id) == 0) return true;
    }
    return false;
}

/* Returns how many are of the type, whether or not they are repeated. */
static size_t put_star_type(ask_json_writer *w, const ask_eval_rows *rows, const char *type)
{
    size_t n = 0;
    ask_json_open_array(w, type);
    for (size_t i = 0; i < rows->n; i++) {
        const ask_eval_row *r = &rows->rows[i];
        int answer = r->given.decision.choice;
        if (answer < 0 || strcmp(ask_eval_type(&r->item), type) != 0) continue;
        n++;
        if (is_repeated(rows, i)) continue;
        ask_json_open_object(w, NULL);
        ask_json_put_string(w, "question_id", r->item.record.id);
        ask_json_put_int(w, "answer", answer);
        ask_json_close(w);
    }
    ask_json_close(w);
    return n;
}

static size_t write_star(ask_str *out, const ask_eval_rows *rows)
{
    static const char *const types[] = {"Interaction", "Sequence", "Prediction",
                                        "Feasibility"};
    ask_json_writer w = {.out = out};
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) n += rows->rows[i].given.decision.choice >= 0;
    ask_json_open_object(&w, NULL);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        n -= put_star_type(&w, rows, types[i]);
    ask_json_close(&w);
    return n;
}

/* ---- QVHighlights ---- */

static const double CLIP_S = 2; // of scores of clips

static void put_window(ask_json_writer *w, double start_s, double end_s, double score)
{
    ask_json_open_array(w, NULL);
    ask_json_put_double(w, NULL, start_s);
    ask_json_put_double(w, NULL, end_s);
    ask_json_put_double(w, NULL, score);
    ask_json_close(w);
}

/* Without an answer, all of the video. */
static void put_windows(ask_json_writer *w, const ask_eval_row *r)
{
    const ask_eval_given *g = &r->given;
    ask_json_open_array(w, "pred_relevant_windows");
    for (int i = 0; i < g->n_moments; i++)
        put_window(w, g->moments[i].start_s, g->moments[i].end_s, g->moments[i].score);
    if (g->n_moments == 0) put_window(w, 0, r->item.record.video_s, 0);
    ask_json_close(w);
}

/* What the windows say of a clip: the highest score of those that cover it; of none, 0,
 * but never more than a window's, which may be less than 0. */
static double clip_score(const ask_eval_given *g, int clip)
{
    double best = -INFINITY, other = 0;
    for (int i = 0; i < g->n_moments; i++) {
        const ask_eval_moment *m = &g->moments[i];
        bool covers = m->start_s < (clip + 1) * CLIP_S && m->end_s > clip * CLIP_S;
        if (covers && m->score > best) best = m->score;
        if (m->score < other) other = m->score;
    }
    return isinf(best) ? other : best;
}

/* As many as the set's scorer counts; of the model's own, those that it has. */
static void put_saliency(ask_json_writer *w, const ask_eval_row *r)
{
    enum { MOST = 1 << 20 };
    const ask_eval_given *g = &r->given;
    double length = fmin(floor(r->item.record.video_s / CLIP_S), MOST);
    ask_json_open_array(w, "pred_saliency_scores");
    for (int k = 0; k < g->n_clip_scores; k++)
        ask_json_put_double(w, NULL, g->clip_scores[k]);
    for (int k = 0; k < (int)length && g->n_clip_scores == 0; k++)
        ask_json_put_double(w, NULL, clip_score(g, k));
    ask_json_close(w);
}

/* Ids are numbers there. */
static void put_qid(ask_json_writer *w, const char *id)
{
    int64_t number;
    if (ask_parse_i64(&number, id))
        ask_json_put_int(w, "qid", number);
    else
        ask_json_put_string(w, "qid", id);
}

static void put_query(ask_str *out, const ask_eval_row *r)
{
    ask_json_writer w = {.out = out};
    ask_json_open_object(&w, NULL);
    put_qid(&w, r->item.record.id);
    ask_json_put_string(&w, "query", r->item.record.question);
    ask_json_put_string(&w, "vid", r->item.record.video);
    put_windows(&w, r);
    put_saliency(&w, r);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* Its scorer wants every query of the split, and each once. */
static size_t write_qvhighlights(ask_str *out, const ask_eval_rows *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        n += rows->rows[i].given.n_moments == 0;
        if (!is_repeated(rows, i)) put_query(out, &rows->rows[i]);
    }
    return n;
}

/* ---- both ---- */

typedef struct {
    const char *task, *name;
    write_rows *write;
    bool wants_all;
} kind;

static const kind kinds[] = {
    {"star", "submission_star.json", write_star, false},
    {"star-lines", "submission_star.json", write_star, false},
    {"qvhighlights", "submission_qvhighlights.jsonl", write_qvhighlights, true},
};

static const kind *find(const char *task)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].task, task) == 0) return &kinds[i];
    return NULL;
}

const char *ask_eval_submission_name(const char *task)
{
    const kind *k = find(task);
    return k ? k->name : NULL;
}

bool ask_eval_submission_wants_all(const char *task)
{
    const kind *k = find(task);
    return k && k->wants_all;
}

size_t ask_eval_submission_write(ask_str *out, const char *task, const ask_eval_rows *rows)
{
    const kind *k = find(task);
    return k ? k->write(out, rows) : 0;
}
