/* bench/ask.c - `askance ask` as its user meets it: the whole command, from its start to
 * its end, on a clip of 6 s, with all checks, by the default model: an open question, and
 * the same with choices. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "record/record.h"
#include "support/place.h"
#include "support/table.h"
#include "support/timing.h"
#include "world/clip_files.h"
#include "world/truth_read.h"

extern char **environ;

enum { CLIP_S = 6, MOST_RUNS = 64, MOST_RECORD_BYTES = 64 << 20 };

/* What the command ends with: an answer, or that there is none in the video, are below. */
enum { NEEDS_CHOICES = 2, NO_MODEL = 4 };

static void give_up(const char *why)
{
    fprintf(stderr, "bench/ask: %s\n", why);
    exit(1);
}

/* What the records of the runs tell, run by run. */
typedef struct {
    double decode_s[MOST_RUNS], encode_s[MOST_RUNS], answer_s[MOST_RUNS];
    double peak_mib[MOST_RUNS];
    int n;
} costs;

typedef struct {
    char *dir, *command, *video, *truth, *answer; // owned
    ask_world_clip clip;
    const ask_world_question *question;
    char title[256];
} setup;

/* One way to ask. */
typedef struct {
    const setup *setup;
    bool choices;
    costs costs; // with all checks
} asked;

/* ---- a clip ---- */

/* The first seed of which clip 0 is as long as it should be. */
static uint64_t choose_seed(void)
{
    ask_scene scene;
    uint64_t seed = 0;
    do ask_scene_make(&scene, ++seed, 0, ASK_SPLIT_TEST, ask_scene_full());
    while (scene.n_frames != CLIP_S * ASK_WORLD_FPS);
    return seed;
}

/* The first that can be asked without options, and has a moment. */
static const ask_world_question *choose_question(const ask_world_clip *c)
{
    for (int i = 0; i < c->n_questions; i++)
        if (c->questions[i].judged &&
            ask_question_is_open(&c->questions[i], c->scene.n_frames))
            return &c->questions[i];
    give_up("the clip has no open question");
    return NULL;
}

static void prepare(setup *s)
{
    const char *build = getenv("BUILD");
    ask_error err = {0};
    *s = (setup){.dir = bench_temp_dir()};
    ask_world_options o = ask_world_defaults();
    o.style = ask_scene_full();
    o.seed = choose_seed();
    o.split = ASK_SPLIT_TEST;
    o.n_clips = 1;
    s->command = ask_path_join(build ? build : "build", "askance", &err);
    s->video = ask_world_video_path(s->dir, 0, &err);
    s->truth = ask_world_truth_path(s->dir, 0, &err);
    s->answer = ask_path_join(s->dir, "answer.json", &err);
    if (!s->command || !s->video || !s->truth || !s->answer ||
        !ask_world_make(NULL, s->dir, &o, &err) ||
        !ask_world_clip_read(&s->clip, s->truth, &err))
        give_up(err.message);
    s->question = choose_question(&s->clip);
}

static void remove_all(setup *s)
{
    bench_temp_dir_remove(s->dir);
    ask_world_clip_free(&s->clip);
    free(s->dir);
    free(s->command);
    free(s->video);
    free(s->truth);
    free(s->answer);
}

/* ---- the command ---- */

/* Runs a program to its end with its output in a file; returns its exit status. */
static int run_process(char *const *argv, const char *out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool ok = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) == 0 &&
              waitpid(pid, &status, 0) == pid && WIFEXITED(status);
    posix_spawn_file_actions_destroy(&actions);
    if (!ok) give_up("the command cannot be run");
    return WEXITSTATUS(status);
}

/* option: one more, or NULL. Without the cache, so that every run is a first one. */
static int ask_it(const setup *s, bool choices, const char *option)
{
    const ask_world_question *q = s->question;
    const char *argv[8 + 2 * ASK_N_OPTIONS] = {s->command, "ask",    s->video,
                                               q->text,    "--json", "--no-cache"};
    int n = 6;
    for (int i = 0; choices && i < ASK_N_OPTIONS; i++) {
        argv[n++] = "--choice";
        argv[n++] = q->options[i].text;
    }
    argv[n] = option;
    return run_process((char *const *)argv, s->answer);
}

static ask_record *read_record(const setup *s)
{
    ask_error err = {0};
    char *text;
    size_t n_bytes;
    if (!ask_file_read(&text, &n_bytes, s->answer, MOST_RECORD_BYTES, &err))
        give_up(err.message);
    ask_record *r = ask_record_parse(text, n_bytes, s->answer, &err);
    if (!r) give_up(err.message);
    free(text);
    return r;
}

/* An answer, or that no choice is in the video. */
static void check_status(int status)
{
    if (status > 1) give_up("askance ask failed");
}

static void run_full(void *user)
{
    asked *a = user;
    check_status(ask_it(a->setup, a->choices, NULL));
    ask_record *r = read_record(a->setup);
    costs *c = &a->costs;
    if (c->n == MOST_RUNS) give_up("too many runs");
    c->decode_s[c->n] = r->cost->decode_s;
    c->encode_s[c->n] = r->cost->encode_s;
    c->answer_s[c->n] = r->cost->answer_s;
    c->peak_mib[c->n++] = r->cost->peak_mib.value;
    ask_record_free(r);
}

static void run_unchecked(void *user)
{
    const asked *a = user;
    check_status(ask_it(a->setup, a->choices, "--no-checks"));
}

/* What starting a process takes. */
static void run_nothing(void *user)
{
    const setup *s = user;
    char *argv[] = {s->command, "version", NULL};
    if (run_process(argv, s->answer) != 0) give_up("askance version failed");
}

/* ---- the table ---- */

/* Of a first run with choices, which also tells whether there is a model. */
static bool first_run(setup *s)
{
    int status = ask_it(s, true, NULL);
    if (status == NO_MODEL) return false;
    check_status(status);
    ask_record *r = read_record(s);
    snprintf(s->title, sizeof s->title,
             "ask: %d s of video, %zu frames, model %s, %lld threads", CLIP_S, r->n_frames,
             r->reproduce->model.dir, (long long)r->reproduce->threads);
    if (!r->checks) give_up("the record has no checks");
    ask_record_free(r);
    return true;
}

/* Whether the model has answers of its own. */
static bool answers_open(const setup *s)
{
    int status = ask_it(s, false, NULL);
    if (status == NEEDS_CHOICES) return false;
    check_status(status);
    return true;
}

static void tell(const char *what, asked *a, const bench_candidate *full,
                 const bench_candidate *unchecked)
{
    costs *k = &a->costs;
    double decode_s = bench_median(k->decode_s, k->n),
           encode_s = bench_median(k->encode_s, k->n);
    double answer_s = bench_median(k->answer_s, k->n);
    bench_table_row(what, full->median_s, "s", "target: under 1.5; %.2f to %.2f",
                    full->least_s, full->most_s);
    bench_table_row("  decoding", decode_s, "s", NULL);
    bench_table_row("  looking at the frames", encode_s, "s", NULL);
    bench_table_row("  texts, answer, checks, maps", answer_s, "s", NULL);
    bench_table_row("  the rest", full->median_s - decode_s - encode_s - answer_s, "s",
                    "opening, writing");
    bench_table_row("  all without checks", unchecked->median_s, "s", NULL);
    bench_table_row("  peak memory", bench_median(k->peak_mib, k->n), "MiB", NULL);
}

/* The open question is the last, as not every model answers it. */
static void measure(const setup *s)
{
    bench_machine machine = bench_machine_measure();
    asked choices = {.setup = s, .choices = true}, open = {.setup = s};
    bench_candidate c[] = {{.run = run_nothing, .user = (void *)s},
                           {.run = run_full, .user = &choices},
                           {.run = run_unchecked, .user = &choices},
                           {.run = run_full, .user = &open},
                           {.run = run_unchecked, .user = &open}};
    const bool has_open = answers_open(s);
    bench_time(c, has_open ? 5 : 3);
    bench_table_open(s->title, &machine);
    tell("four choices, all checks", &choices, &c[1], &c[2]);
    if (has_open) tell("an open question, all checks", &open, &c[3], &c[4]);
    bench_table_row("askance version", 1e3 * c[0].median_s, "ms", NULL);
}

int main(void)
{
    setup s;
    prepare(&s);
    if (first_run(&s))
        measure(&s);
    else
        puts("ask: skipped: there is no default model (make -C models/mini train calibrate "
             "ship makes one; ASKANCE_MODEL may name another)");
    remove_all(&s);
    return 0;
}
