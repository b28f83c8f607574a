/* bench/mini.c - the default model on clips it has not seen: what it finds, what it
 * answers, and whether the verdict sees through planted cheats.
 *
 * Clips of the test split, with its compositions that occur nowhere else; thresholds are
 * those of the model's calibration.json, which was fitted on other seeds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "eval/summary.h"
#include "model/init.h"
#include "support/place.h"
#include "support/table.h"
#include "weights/safetensors.h"

#define MODEL "models/mini"

enum { SEED = 90001, N_CLIPS = 200 };

static void give_up(const ask_error *err)
{
    fprintf(stderr, "bench/mini: %s\n", err->message);
    exit(1);
}

static char *path_of(const char *dir, const char *name)
{
    ask_error err = {0};
    char *path = ask_path_join(dir, name, &err);
    if (!path) give_up(&err);
    return path;
}

static void copy(const char *to_dir, const char *name)
{
    enum { MOST_BYTES = 16 << 20 };
    ask_error err = {0};
    char *bytes, *from = path_of(MODEL, name), *to = path_of(to_dir, name);
    size_t n_bytes;
    if (!ask_file_read(&bytes, &n_bytes, from, MOST_BYTES, &err) ||
        !ask_file_write(to, bytes, n_bytes, &err))
        give_up(&err);
    free(bytes);
    free(from);
    free(to);
}

/* The same network and the same thresholds, but nothing was learned. */
static void make_random_model(const char *dir)
{
    ask_error err = {0};
    const ask_model_init_options opt = {.struct_size = sizeof opt,
                                        .seed = 1,
                                        .network = "clip",
                                        .tokenizer = MODEL,
                                        .preprocess = MODEL "/preprocessor_config.json"};
    if (!ask_model_init(dir, MODEL "/config.json", &opt, &err)) give_up(&err);
    copy(dir, "calibration.json");
}

/* Puts what was learned of texts into a random model, so that only the image tower is
 * random. */
static void teach_texts(const char *dir)
{
    enum { MOST_TENSORS = 1024 };
    ask_weights_entry all[MOST_TENSORS];
    ask_error err = {0};
    char *path = path_of(dir, "model.safetensors");
    ask_weights *random = ask_weights_open(dir, &err);
    ask_weights *learned = random ? ask_weights_open(MODEL, &err) : NULL;
    if (!learned) give_up(&err);
    size_t n = ask_weights_count(learned);
    for (size_t i = 0; i < n && i < MOST_TENSORS; i++) {
        all[i] = *ask_weights_at(learned, i);
        const ask_weights_entry *other = ask_weights_find(random, all[i].name);
        if (other && ask_starts_with(all[i].name, "vision_model.")) all[i] = *other;
    }
    if (n > MOST_TENSORS || !ask_safetensors_write(path, all, n, NULL, 0, &err))
        give_up(&err);
    ask_weights_close(learned);
    ask_weights_close(random);
    free(path);
}

/* ---- running a model ---- */

typedef struct {
    ask_calibration calibration;
    ask_standard standard;
    ask_model *model;
    ask_session *session;
    ask_playroom *playroom;
} study;

static void study_open(study *s, const char *model, const char *world)
{
    ask_error err = {0};
    *s = (study){.model = ask_model_open(model, NULL, &err)};
    s->session = s->model ? ask_session_open(s->model, &err) : NULL;
    if (!s->session || !ask_calibration_read(&s->calibration, model, &err) ||
        !ask_standard_read(&s->standard, model, ask_model_info_of(s->model).n_embed, &err))
        give_up(&err);
    if (!s->standard.has_limits) {
        fprintf(stderr, "bench/mini: %s/calibration.json has no thresholds\n", model);
        exit(1);
    }
    ask_playroom_options o = ask_playroom_defaults();
    o.calibration = &s->calibration;
    o.standard = &s->standard;
    s->playroom = ask_playroom_open(world, s->session, &o, &err);
    if (!s->playroom) give_up(&err);
}

static void study_close(study *s)
{
    ask_playroom_close(s->playroom);
    ask_session_close(s->session);
    ask_model_close(s->model);
    ask_standard_free(&s->standard);
    ask_calibration_free(&s->calibration);
}

static ask_answered_rows answers(const study *s, ask_shown shown)
{
    ask_error err = {0};
    ask_answered_rows rows;
    if (!ask_playroom_ask(&rows, s->playroom, shown, &err)) give_up(&err);
    return rows;
}

/* ---- what it finds ---- */

static void tell_hits(const ask_found_summary *sum, const char *what, double target,
                      const ask_query_kind *kinds, int n_kinds)
{
    double n = 0, n_hit = 0, random = 0, centre = 0;
    for (int i = 0; i < n_kinds; i++) {
        const ask_hits *h = &sum->hits[kinds[i]];
        if (!h->n) continue;
        n += (double)h->n;
        n_hit += (double)h->n_hit;
        random += h->random * (double)h->n;
        centre += h->centre * (double)h->n;
    }
    bench_table_row(what, n_hit / n, "hit@1",
                    "target %.2f; %.1f of random (target 2.5): %.2f; centre %.2f; n %.0f",
                    target, n_hit / random, random / n, centre / n, n);
}

static void tell_found(const study *s)
{
    ask_error err = {0};
    ask_found_rows rows;
    ask_found_summary sum;
    if (!ask_playroom_find(&rows, s->playroom, &err) ||
        !ask_found_summarise(&sum, &rows, s->calibration.threshold, &err))
        give_up(&err);
    static const ask_query_kind objects[] = {ASK_QUERY_OBJECT, ASK_QUERY_ATTRIBUTE};
    static const ask_query_kind events[] = {ASK_QUERY_EVENT};
    tell_hits(&sum, "find: objects and attributes", 0.90, objects, 2);
    tell_hits(&sum, "find: events", 0.80, events, 1);
    bench_table_row("find: what is there is rejected", sum.false_rejection, "of all",
                    "at the calibration's threshold; n %lld", (long long)sum.n_there);
    const ask_rejections *foreign = &sum.rejected[ASK_QUERY_FOREIGN];
    const ask_rejections *near = &sum.rejected[ASK_QUERY_NEAR_MISS];
    bench_table_row("find: what is not there is rejected", foreign->at_threshold, "of all",
                    "target 0.80; %.2f where a tenth is wrongly rejected; n %lld",
                    foreign->at_tenth, (long long)foreign->n);
    bench_table_row("  the colour of one, the shape of another", near->at_threshold,
                    "of all", "%.2f where a tenth is wrongly rejected; n %lld",
                    near->at_tenth, (long long)near->n);
    free(rows.rows);
}

/* ---- what it answers ---- */

static void tell_types(const ask_answered_summary *sum)
{
    int64_t n = 0, n_right = 0;
    for (int i = ASK_QUESTION_PRESENCE; i <= ASK_QUESTION_LOCATION; i++) {
        n += sum->types[i].n;
        n_right += sum->types[i].n_right;
    }
    bench_table_row("ask: presence, colour, shape, size, location", ask_share(n_right, n),
                    "right", "of four choices; target 0.70; n %lld", (long long)n);
    for (int i = 0; i < ASK_N_SIMPLE_QUESTION_TYPES; i++) {
        const ask_answers *a = &sum->types[i];
        char what[48];
        snprintf(what, sizeof what, "  %s", ask_question_type_name((ask_question_type)i));
        bench_table_row(what, ask_share(a->n_right, a->n), "right", "%sn %lld",
                        i > ASK_QUESTION_LOCATION ? "not judged; " : "", (long long)a->n);
    }
}

static void tell_verdicts(const char *what, const ask_answers *a)
{
    bench_table_row(what, (double)a->n, "answers",
                    "outside %lld, not in video %lld, prior only %lld, grounded %lld, weak "
                    "%lld",
                    (long long)a->verdicts[ASK_VERDICT_OUTSIDE],
                    (long long)a->verdicts[ASK_VERDICT_NOT_IN_VIDEO],
                    (long long)a->verdicts[ASK_VERDICT_PRIOR_ONLY],
                    (long long)a->verdicts[ASK_VERDICT_GROUNDED],
                    (long long)a->verdicts[ASK_VERDICT_WEAK]);
}

static void tell_answered(const study *s)
{
    ask_answered_rows rows = answers(s, ASK_SHOWN_OWN);
    ask_answered_summary sum = ask_answered_summarise(&rows, NULL);
    tell_types(&sum);
    const ask_answers *a = &sum.judged;
    int64_t n_grounded = a->verdicts[ASK_VERDICT_GROUNDED];
    bench_table_row("verdict: grounded, of right answers",
                    ask_share(a->n_right_grounded, a->n_right), "of all",
                    "target 0.50; questions with a judged moment: %lld", (long long)a->n);
    bench_table_row("verdict: right and in the moment, of grounded",
                    ask_share(a->n_held, n_grounded), "of all", "target 0.90; n %lld",
                    (long long)n_grounded);
    tell_verdicts("  with a judged moment", a);
    tell_verdicts("  the others", &sum.others);
    ask_answered_rows_free(&rows);
}

/* ---- cheats ---- */

/* The footage counts as covered, so that nothing but the checks can tell. */
static void tell_cheat(const study *s, const char *what, ask_shown shown,
                       ask_verdict verdict, const char *target, double threshold)
{
    ask_answered_rows rows = answers(s, shown);
    const ask_verdict_terms terms = {
        .threshold = threshold, .most_distance = INFINITY, .limits = s->standard.limits};
    ask_answered_summary sum = ask_answered_summarise(&rows, &terms);
    bench_table_row(what, ask_share(sum.visual.verdicts[verdict], sum.visual.n),
                    verdict == ASK_VERDICT_GROUNDED ? "grounded" : "prior", "target %s",
                    target);
    tell_verdicts("  its verdicts on what a frame can answer", &sum.visual);
    ask_answered_rows_free(&rows);
}

static double threshold_of(const study *s)
{
    return s->standard.has_threshold ? s->standard.threshold : s->calibration.threshold;
}

static void tell_cheat_of(const char *model, const char *world, const char *what)
{
    study s;
    study_open(&s, model, world);
    tell_cheat(&s, what, ASK_SHOWN_OWN, ASK_VERDICT_GROUNDED, "at most 0.05",
               threshold_of(&s));
    study_close(&s);
}

static void tell_random(const char *world)
{
    char *dir = bench_temp_dir(), *model = path_of(dir, "model");
    make_random_model(model);
    tell_cheat_of(model, world, "cheat: nothing was learned");
    teach_texts(model);
    tell_cheat_of(model, world, "cheat: only texts were learned");
    bench_temp_dir_remove(dir);
    free(model);
    free(dir);
}

/* ---- */

static void make_world(const char *dir)
{
    ask_error err = {0};
    ask_world_options opt = ask_world_defaults();
    opt.style = ask_scene_simple();
    opt.seed = SEED;
    opt.split = ASK_SPLIT_TEST;
    opt.n_clips = N_CLIPS;
    if (!ask_world_make(NULL, dir, &opt, &err)) give_up(&err);
}

int main(void)
{
    if (!ask_file_exists(MODEL "/model.safetensors")) {
        printf("mini: %s has no weights; make -C %s train makes them\n", MODEL, MODEL);
        return 0;
    }
    char *dir = bench_temp_dir(), *world = path_of(dir, "world"), title[96];
    make_world(world);
    bench_machine machine = bench_machine_measure();
    snprintf(title, sizeof title, "mini: the default model, %d clips of the test split",
             N_CLIPS);
    bench_table_open(title, &machine);
    study s;
    study_open(&s, MODEL, world);
    tell_found(&s);
    tell_answered(&s);
    tell_cheat(&s, "cheat: only the words are looked at", ASK_SHOWN_GREY,
               ASK_VERDICT_PRIOR_ONLY, "at least 0.95", -INFINITY);
    tell_cheat(&s, "cheat: frames of another clip", ASK_SHOWN_OTHER, ASK_VERDICT_GROUNDED,
               "at most 0.05", threshold_of(&s));
    study_close(&s);
    tell_random(world);
    bench_temp_dir_remove(dir);
    free(world);
    free(dir);
    return 0;
}
