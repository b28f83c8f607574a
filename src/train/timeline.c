#include "train/timeline.h"

#include "base/dir.h"
#include "base/options.h"
#include "tensor/cpu/cpu.h"
#include "train/timeline_priv.h"

ask_train_timeline_options ask_train_timeline_defaults(void)
{
    return (ask_train_timeline_options){
        .struct_size = sizeof(ask_train_timeline_options),
        .stage = ASK_TIMELINE_CELLS,
        .style = ask_scene_full(),
        .n_questions = 8,
        .n_steps = 1000,
        .n_warmup = -1,
        .last_rate = -1,
        .weight_decay = 0.01,
        .seed = 1,
        .log_every = 10,
        .eval_every = 500,
        .save_every = 500,
        .noise = 1,
        .n_eval = 64,
        .eval_split = ASK_SPLIT_VAL,
        .report = "jsonl,csv",
    };
}

static void making_close(timeline_making *m)
{
    ask_trainer_close(m->trainer);
    timeline_search_close(m->search);
    timeline_finding_close(m->finding);
    timeline_measure_close(m->measure);
    timeline_task_close(m->task);
    ask_store_free(m->store);
    ask_backend_close(m->backend);
    ask_tokenizer_close(m->tokenizer);
    ask_arena_free(m->room);
}

/* ---- what is asked for ---- */

static bool check_style(const ask_scene_style *s, ask_error *err)
{
    if (!s->simple && s->clutter_low >= 0 && s->clutter_low <= s->clutter_high &&
        s->clutter_high <= ASK_MAX_CLUTTER)
        return true;
    return ask_fail(err, ASK_ERR_USAGE,
                    "Timeline learns from full worlds, with clutter from 0 to %d",
                    ASK_MAX_CLUTTER);
}

static bool check_batch(const ask_train_timeline_options *o, ask_error *err)
{
    enum { MOST_CLIPS = 4096, MOST_EVAL = 1 << 20, MOST_NEAR = 16 };
    const double MOST_NOISE = 4;
    if (o->n_clips < 1 || o->n_clips > MOST_CLIPS)
        return ask_fail(err, ASK_ERR_USAGE, "a step of %d clips: give 1 to %d", o->n_clips,
                        MOST_CLIPS);
    if (o->n_frames < 1 || o->n_frames > ASK_TIMELINE_MOST_FRAMES)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames of a clip: give 1 to %d",
                        o->n_frames, ASK_TIMELINE_MOST_FRAMES);
    if (o->n_questions < 1 || o->n_questions > ASK_QUESTIONS_MOST)
        return ask_fail(err, ASK_ERR_USAGE, "%d questions of a clip: give 1 to %d",
                        o->n_questions, ASK_QUESTIONS_MOST);
    if ((int)o->eval_split < 0 || o->eval_split >= ASK_N_SPLITS)
        return ask_fail(err, ASK_ERR_USAGE, "there is no split %d", (int)o->eval_split);
    if (o->n_near < 0 || o->n_near > MOST_NEAR)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%d answers that are nearly right: give 0 to %d", o->n_near,
                        MOST_NEAR);
    if (!(o->noise >= 0 && o->noise <= MOST_NOISE))
        return ask_fail(err, ASK_ERR_USAGE, "%g of the usual noise: give 0 to %g", o->noise,
                        MOST_NOISE);
    if (o->n_eval < 0 || o->n_eval > MOST_EVAL)
        return ask_fail(err, ASK_ERR_USAGE, "an evaluation of %d clips: give 0 to %d",
                        o->n_eval, MOST_EVAL);
    return true;
}

static bool choose_steps(timeline_making *m, ask_error *err)
{
    enum { USUAL_WARMUP = 100, WARMUP_SHARE = 10, LAST_SHARE = 20 };
    const ask_train_timeline_options *o = &m->opt;
    double rate = o->rate > 0 ? o->rate : m->stage->rate;
    int64_t tenth = o->n_steps / WARMUP_SHARE;
    int64_t warmup = tenth < USUAL_WARMUP ? tenth : USUAL_WARMUP;
    m->schedule = (ask_schedule){
        .n_steps = o->n_steps,
        .n_warmup = o->n_warmup >= 0 ? o->n_warmup : warmup,
        .rate = rate,
        .last_rate = o->last_rate >= 0 ? o->last_rate : rate / LAST_SHARE,
        .kind = ASK_SCHEDULE_COSINE,
    };
    return ask_schedule_check(&m->schedule, err);
}

static bool choose_losses(timeline_making *m, ask_error *err)
{
    if (!m->opt.answers_only) return true;
    if (!m->stage->parts.questions)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the stage \"%s\" asks no questions, and would learn nothing from "
                        "answers only",
                        m->stage->name);
    m->untold = *m->stage;
    m->untold.losses = timeline_losses_answers;
    m->stage = &m->untold;
    return true;
}

static bool choose(timeline_making *m, ask_error *err)
{
    ask_train_timeline_options *o = &m->opt;
    if ((int)o->stage < 0 || o->stage >= ASK_N_TIMELINE_STAGES)
        return ask_fail(err, ASK_ERR_USAGE, "there is no stage %d", (int)o->stage);
    m->stage = timeline_stage_of(o->stage);
    if (!choose_losses(m, err)) return false;
    if (!o->n_clips) o->n_clips = m->stage->n_clips;
    if (!o->n_frames) o->n_frames = m->stage->n_frames ? m->stage->n_frames : 1;
    return check_style(&o->style, err) && check_batch(o, err) && choose_steps(m, err);
}

static bool check_find(const timeline_making *m, ask_error *err)
{
    bool is_wanted = m->stage->finds || m->opt.find;
    if (!is_wanted || m->folder.config.find.n_embed) return true;
    return ask_fail(err, ASK_ERR_USAGE,
                    "this configuration has no \"find\": a network that is to learn it "
                    "begins with one that has, and the other parts of this one");
}

/* The losses of the glance are of what it remembers, and imagined memories have slots. */
static bool check_memory(const timeline_making *m, ask_error *err)
{
    const timeline_parts *parts = &m->stage->parts;
    bool is_needed = parts->memory || (parts->glimpses && !parts->questions);
    if (!is_needed || m->folder.config.has_memory) return true;
    return ask_fail(err, ASK_ERR_USAGE,
                    "the stage \"%s\" needs a memory, which this network does not have",
                    m->stage->name);
}

/* Everything that can be wrong is found before anything is written. */
static bool prepare(timeline_making *m, ask_error *err)
{
    if (!choose(m, err) || !ask_train_folder_check(m->out, m->opt.resume_from, err) ||
        !timeline_folder_open(m, err) || !check_find(m, err) || !check_memory(m, err))
        return false;
    timeline_list_settings(m);
    return true;
}

/* ---- what runs ---- */

static timeline_player_options player_of(const timeline_making *m)
{
    const ask_train_timeline_options *o = &m->opt;
    const ask_timeline_config *c = &m->folder.config;
    return (timeline_player_options){
        .size = {.config = c,
                 .parts = m->stage->parts,
                 .n_clips = o->n_clips,
                 .n_frames = m->stage->n_frames ? o->n_frames : c->n_frames,
                 .n_questions = o->n_questions,
                 .n_near = o->n_near},
        .style = o->style,
        .split = ASK_SPLIT_TRAIN,
        .seed = o->seed,
        .noise = o->noise,
        .preprocess = &m->preprocess,
        .tokenizer = m->tokenizer,
    };
}

static bool open_finding(timeline_making *m, ask_error *err)
{
    const ask_train_timeline_options *o = &m->opt;
    const timeline_finding_options opt = {
        .seeker = {&m->net, &m->find},
        .store = m->store,
        .n_clips = o->n_clips,
        .n_frames = o->n_frames,
        .n_texts = o->n_clips * o->n_questions,
        .playroom = {.struct_size = sizeof opt.playroom,
                     .seed = o->seed,
                     .style = &o->style,
                     .tokenizer = m->tokenizer,
                     .preprocess = &m->preprocess,
                     .bare = true,
                     .pad_id = m->folder.config.pad_id},
    };
    m->finding = timeline_finding_open(&opt, err);
    if (!m->finding || o->n_eval == 0) return m->finding;
    ask_clip_playroom_options searched = opt.playroom;
    searched.split = o->eval_split;
    m->search =
        timeline_search_open(&opt.seeker, &searched, o->n_eval, m->backend, o->cancel, err);
    return m->search;
}

static bool open_task(timeline_making *m, ask_error *err)
{
    if (m->stage->finds) return open_finding(m, err);
    const timeline_player_options player = player_of(m);
    const timeline_measure_options measure = {.net = &m->net,
                                              .stage = m->stage,
                                              .player = player,
                                              .n_clips = m->opt.n_eval,
                                              .split = m->opt.eval_split,
                                              .backend = m->backend,
                                              .cancel = m->opt.cancel};
    m->task = timeline_task_open(&m->net, m->stage, &player, err);
    if (!m->task || m->opt.n_eval == 0) return m->task;
    m->measure = timeline_measure_open(&measure, err);
    return m->measure;
}

static bool open_trainer(timeline_making *m, ask_error *err)
{
    /* Tables that are looked up, and vectors that stand for something, stay as long as they
     * are. */
    static const char *const undecayed[] = {"words.weight",
                                            "glance.frames",
                                            "*.places.weight",
                                            "focus.ranks.weight",
                                            "focus.answer.weight",
                                            "focus.toy.weight",
                                            "focus.no_slot.weight",
                                            "find.words.weight",
                                            "find.nothing.weight",
                                            "find.deeds.weight",
                                            NULL};
    ask_train_task task =
        m->finding ? timeline_finding_task(m->finding) : timeline_task_of(m->task);
    task.undecayed = undecayed;
    task.frozen = m->stage->frozen;
    ask_trainer_options t = ask_trainer_defaults();
    t.schedule = m->schedule;
    t.weight_decay = m->opt.weight_decay;
    t.cancel = m->opt.cancel;
    m->trainer = ask_trainer_open(m->backend, m->store, &task, &t, err);
    return m->trainer;
}

static bool open_all(timeline_making *m, ask_error *err)
{
    const ask_cpu_options cpu = {.n_threads = m->opt.n_threads};
    m->backend = ask_cpu_open(&cpu, err);
    m->store = m->backend ? ask_store_new(m->backend, err) : NULL;
    return m->store && timeline_bind(m, err) && open_task(m, err) && open_trainer(m, err);
}

static bool train(timeline_making *m, ask_train_timeline_result *r, ask_error *err)
{
    const ask_train_timeline_options *o = &m->opt;
    const ask_keeper_options keeper = {.struct_size = sizeof keeper,
                                       .dir = m->out,
                                       .write_files = timeline_folder_write,
                                       .user = &m->folder,
                                       .most = o->most_checkpoints,
                                       .log = o->log};
    const ask_train_evaluation evaluation = {
        .user = m->search ? (void *)m->search : (void *)m->measure,
        .evaluate = m->search ? timeline_search_run : timeline_measure_run,
        .every = o->eval_every,
        .best_by = m->stage->best_by};
    ask_train_watch watch = {0};
    if (m->finding) watch = timeline_finding_watch(m->finding);
    ask_train_options run = {
        .struct_size = sizeof run,
        .keeper = &keeper,
        .save_every = o->save_every,
        .resume_from = o->resume_from,
        .allow_drift = o->allow_drift,
        .settings = {m->settings, m->n_settings},
        .evaluation = evaluation.user ? &evaluation : NULL,
        .watch = m->finding ? &watch : NULL,
        .log_every = o->log_every,
        .examples = o->n_clips,
        .progress = o->progress,
        .pace = o->pace,
        .pace_user = o->pace_user,
        .until = o->until,
        .cancel = o->cancel,
    };
    return ask_train_folder_reports(&run.report, m->out, o->report, m->room, err) &&
           ask_dir_make(m->out, err) &&
           ask_train_run(m->trainer, m->store, m->backend, &run, &r->run, err);
}

static bool make(timeline_making *m, ask_train_timeline_result *r, ask_error *err)
{
    if (!prepare(m, err) || !open_all(m, err)) return false;
    r->n_params = ask_trainer_n_params(m->trainer);
    r->arena_bytes = ask_trainer_plan(m->trainer).peak_bytes;
    return train(m, r, err);
}

bool ask_train_timeline(const char *out, const ask_train_timeline_options *opt,
                        ask_train_timeline_result *result, ask_error *err)
{
    timeline_making m = {.out = out, .opt = ask_train_timeline_defaults()};
    ask_train_timeline_result r = {0};
    ask_options_take(&m.opt, sizeof m.opt, opt);
    m.room = ask_arena_new(0);
    bool ok = (m.room || ask_fail_memory(err)) && make(&m, &r, err);
    making_close(&m);
    if (ok) *result = r;
    return ok;
}
