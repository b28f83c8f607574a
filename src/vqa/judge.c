#include "vqa/judge_priv.h"

#include "base/str.h"

static bool set_new_word(ask_answer_verdict *v, const judging *j, ask_error *err)
{
    char word[ASK_WORD_BYTES];
    for (int i = 0; j->standard->words && i < j->n_texts; i++) {
        if (!ask_standard_new_word(word, j->standard, j->texts[i])) continue;
        v->new_word = ask_strdup(word, err);
        return v->new_word;
    }
    return true;
}

bool judge(ask_answer *a, const judging *j, ask_error *err)
{
    const ask_standard *s = j->standard;
    ask_answer_verdict *v = &a->verdict;
    v->most_distance = -1;
    if (!a->is_checked || !s->has_limits) {
        v->why_not = a->is_checked ? "the model's calibration.json has no thresholds for "
                                     "answers (ask.tau_prior, tau_suff, tau_nec)"
                                   : "checks were not asked for";
        return true;
    }
    if (s->mean) {
        v->distance = j->distance;
        v->most_distance = s->most_distance;
    }
    if (!set_new_word(v, j, err)) return false;
    if (s->download && !(v->download = ask_strdup(s->download, err))) return false;
    const ask_verdict_input in = {
        .outside = (s->mean && !(v->distance <= v->most_distance)) || v->new_word ||
                   a->plan.unknown_words,
        .present = a->present && !a->denies,
        .answer = a->choice,
        .checks = &a->checks,
    };
    v->known = true;
    v->limits = s->limits;
    v->verdict = ask_verdict_of(&v->redundant, &in, &s->limits);
    return true;
}
