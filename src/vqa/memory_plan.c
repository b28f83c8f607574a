/* What a question to a memory is about, and what it takes. */
#include "vqa/by_memory_priv.h"

/* ---- opening ---- */

void memory_job_close(memory_job *j)
{
    ask_calibration_free(&j->calibration);
    ask_standard_free(&j->own_standard);
}

bool memory_job_open(memory_job *j, const ask_call *call, ask_error *err)
{
    const ask_model *m = ask_session_model(call->session);
    *j = (memory_job){
        .call = call, .options = &call->options, .model = ask_model_info_of(m)};
    const char *dir = j->model.dir;
    j->standard = j->options->standard ? j->options->standard : &j->own_standard;
    if (!ask_memory_info_of(&j->memory, m, err)) return false;
    j->has_own = j->memory.n_answers > 1;
    j->candidates = call->n_choices ? call->choices : j->memory.answers;
    j->asking = (memory_asking){.session = call->session,
                                .question = call->question,
                                .choices = call->choices,
                                .n_choices = call->n_choices,
                                .cancel = j->options->cancel};
    return (j->has_own || ask_check_choices(call, err)) &&
           ask_calibration_read(&j->calibration, dir, err) &&
           (j->options->standard ||
            ask_standard_read(&j->own_standard, dir, j->memory.n_features, err));
}

/* ---- the plan ---- */

static bool add_text(ask_find_plan *p, int *n_tokens, const memory_job *j, const char *text,
                     ask_error *err)
{
    bool unknown;
    if (!ask_count_tokens(j->call->session, text, n_tokens, &unknown, err)) return false;
    p->n_all_tokens += *n_tokens;
    p->unknown_words |= unknown;
    const int most = j->memory.n_tokens;
    if (*n_tokens == 0)
        return ask_fail(err, ASK_ERR_USAGE, "\"%.40s\" has no words that the model reads",
                        text);
    return *n_tokens <= most ||
           ask_fail(err, ASK_ERR_LIMIT,
                    "\"%.40s\" has %d tokens, and the model takes %d: say it with %d fewer",
                    text, *n_tokens, most, *n_tokens - most);
}

/* Its own answers are read once for a session: where something was seen before, they were
 * already. */
static bool plan_texts(ask_find_plan *p, const memory_job *j, ask_error *err)
{
    const ask_call *c = j->call;
    int n_tokens;
    if (!add_text(p, &p->n_tokens, j, c->question, err)) return false;
    for (int i = 0; i < c->n_choices; i++)
        if (!add_text(p, &n_tokens, j, c->choices[i], err)) return false;
    for (int i = 0; j->has_own && !j->options->sightings && i < j->memory.n_answers; i++) {
        if (!ask_count_tokens(c->session, j->memory.answers[i], &n_tokens, NULL, err))
            return false;
        p->n_all_tokens += n_tokens;
    }
    return true;
}

static void set_images(ask_find_plan *p, const memory_job *j, int n_images)
{
    bool checks = !j->options->no_checks;
    int n_memories = checks ? ASK_N_CHECKS - 1 + ASK_CHECK_SEEDS : 1;
    int n_questions = n_memories + (j->has_own && j->call->n_choices > 0);
    p->n_images = n_images;
    p->gflop = (n_images + checks) * j->memory.frame_gflop +
               n_memories * j->memory.memory_gflop + n_questions * j->memory.answer_gflop +
               (double)p->n_all_tokens * j->model.text_token_gflop;
}

static bool plan_look(ask_find_plan *p, const memory_job *j, ask_error *err)
{
    int n_images;
    const ask_call *c = j->call;
    if (!ask_sightings_plan(&p->sampling, c->video, ask_session_model(c->session),
                            &j->options->sampling, err) ||
        !ask_sampled_most(&n_images, c->video, &p->sampling, err))
        return false;
    set_images(p, j, n_images);
    return true;
}

/* What was done is the plan, and must be what is asked for. */
static bool plan_seen(ask_find_plan *p, const memory_job *j, ask_error *err)
{
    const ask_sightings *seen = j->options->sightings;
    if (seen->session != j->call->session)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the frames were seen by another session: look with this one");
    if (j->call->video) {
        ask_sampling_options options = j->options->sampling;
        options.counted |= seen->sampling.counted;
        if (!ask_sightings_plan(&p->sampling, j->call->video,
                                ask_session_model(j->call->session), &options, err))
            return false;
        if (!ask_sampling_is_same(&p->sampling, &seen->sampling))
            return ask_fail(err, ASK_ERR_USAGE,
                            "the frames were seen at other times than those that are asked "
                            "for: look again");
    } else if (!ask_sampling_copy(&p->sampling, &seen->sampling, err)) {
        return false;
    }
    set_images(p, j, seen->sampled.n);
    return true;
}

bool memory_plan(ask_find_plan *out, const memory_job *j, ask_error *err)
{
    ask_find_plan p = {0};
    if (plan_texts(&p, j, err) &&
        (j->options->sightings ? plan_seen(&p, j, err) : plan_look(&p, j, err))) {
        *out = p;
        return true;
    }
    ask_find_plan_free(&p);
    return false;
}

bool memory_plan_follow(ask_find_plan *p, const memory_job *j, const ask_sightings *seen,
                        ask_error *err)
{
    ask_sampling sampling;
    if (!ask_sampling_copy(&sampling, &seen->sampling, err)) return false;
    ask_sampling_free(&p->sampling);
    p->sampling = sampling;
    set_images(p, j, seen->sampled.n);
    return true;
}
