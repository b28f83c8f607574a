/* Questions that one frame can answer, and those about toys that are not there. */
#include "world/pick_priv.h"
#include "world/question_priv.h"

/* ---- what each type asks for ---- */

enum { MOST_KNOWN_BY = 3, MOST_VALUES = ASK_N_SHAPES };

typedef struct {
    ask_question_type type;
    ask_saying saying;
    int n_values;
    unsigned known_by[MOST_KNOWN_BY]; // fields by which the toy is told, if one has them
} form;

enum { PAIR = ASK_PICK_COLOR | ASK_PICK_SHAPE };

static const form forms[] = {
    {ASK_QUESTION_COLOR,
     ASK_ASK_COLOR,
     ASK_N_COLORS,
     {ASK_PICK_SHAPE, ASK_PICK_SHAPE | ASK_PICK_SIZE, ASK_PICK_SHAPE | ASK_PICK_TEXTURE}},
    {ASK_QUESTION_SHAPE,
     ASK_ASK_SHAPE,
     ASK_N_SHAPES,
     {ASK_PICK_COLOR, ASK_PICK_COLOR | ASK_PICK_SIZE, ASK_PICK_COLOR | ASK_PICK_TEXTURE}},
    {ASK_QUESTION_SIZE, ASK_ASK_SIZE, ASK_N_SIZES, {PAIR}},
    {ASK_QUESTION_LOCATION, ASK_ASK_PLACE, ASK_N_PLACES, {PAIR}},
    {ASK_QUESTION_ACTION, ASK_ASK_ACTION, ASK_N_EVENTS, {PAIR}},
};
enum { N_FORMS = sizeof forms / sizeof *forms };

static const form *form_of(ask_question_type type)
{
    const form *f = forms;
    while (f->type != type) f++;
    return f;
}

/* The subject with the value that is asked for. */
static ask_phrase with_value(ask_phrase subject, ask_saying saying, int value)
{
    ask_phrase p = subject;
    switch (saying) {
    case ASK_ASK_COLOR:
        p.color = (int8_t)value;
        break;
    case ASK_ASK_SHAPE:
        p.shape = (int8_t)value;
        break;
    case ASK_ASK_SIZE:
        p.size = (int8_t)value;
        break;
    case ASK_ASK_PLACE:
        p.place = (int8_t)value;
        break;
    default:
        p.event = (int8_t)value;
        break;
    }
    return p;
}

/* Whether the clip itself brings the value to mind: another toy has or does it. */
static bool is_in_clip(const ask_scene *s, ask_saying saying, int value)
{
    if (saying == ASK_ASK_PLACE || saying == ASK_ASK_SIZE) return true;
    if (saying != ASK_ASK_ACTION)
        return ask_pick_n_toys(s, with_value(ask_phrase_any(), saying, value)) > 0;
    for (int i = 0; i < s->n_events; i++)
        if ((int)s->events[i].kind == value) return true;
    return false;
}

/* ---- options ---- */

/* Appends an option that a frame can show; the first one gives the question its text. */
static void add_option(ask_world_question *q, int *n, ask_asker *a, ask_phrase p)
{
    ask_str question = {0}, answer = {0};
    ask_phrase_say(&question, &answer, p, q->saying, q->wording);
    if (q->text)
        ask_str_free(&question);
    else
        q->text = ask_asker_keep(a, &question);
    q->options[(*n)++] = (ask_world_option){
        .text = ask_asker_keep(a, &answer), .has_phrase = true, .phrase = p};
}

/* Appends the option that the toy is not there at all. */
static void add_none(ask_world_question *q, int *n, ask_asker *a)
{
    ask_str answer = {0};
    ask_str_append(&answer, ask_denial(q->wording));
    ask_asker_add(q, n, a, &answer);
}

void ask_question_none_words(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) ask_question_add_words(out, ask_denial(w));
}

/* Whether a value is wrong beyond doubt, and worth offering. */
static bool is_wrong(const ask_asker *a, ask_phrase subject, ask_saying saying, int value)
{
    const ask_scene *s = a->seen.scene;
    ask_phrase p = with_value(subject, saying, value);
    if (!ask_pick_is_allowed(s, p)) return false;
    ask_world_when w = ask_world_when_holds(a->seen, p);
    return w.n_runs == 0 && w.is_clear;
}

/* Wrong values in random order, those of the clip first. Returns how many. */
static int wrong_values(int out[MOST_VALUES], ask_asker *a, ask_phrase subject,
                        const form *f)
{
    int values[MOST_VALUES], n = 0;
    for (int v = 0; v < f->n_values; v++) values[v] = v;
    ask_rng_shuffle(&a->rng, values, (size_t)f->n_values, sizeof *values);
    for (int from_clip = 1; from_clip >= 0; from_clip--) {
        for (int i = 0; i < f->n_values; i++) {
            if (is_in_clip(a->seen.scene, f->saying, values[i]) == from_clip &&
                is_wrong(a, subject, f->saying, values[i]))
                out[n++] = values[i];
        }
    }
    return n;
}

/* ---- a toy and what of it is asked ---- */

typedef struct {
    ask_phrase subject;
    int value; // the right one
    ask_world_moment moment;
} candidate;

enum { MOST_CANDIDATES = ASK_SCENE_MAX_TOYS * MOST_KNOWN_BY * MOST_VALUES };

/* All (subject, value) that are right in one run of frames, of toys that the subject tells
 * from all others. */
static int find_candidates(candidate out[MOST_CANDIDATES], const ask_asker *a,
                           const form *f)
{
    const ask_scene *s = a->seen.scene;
    int n = 0;
    for (int toy = 0; toy < s->n_toys; toy++) {
        for (int k = 0; k < MOST_KNOWN_BY && f->known_by[k]; k++) {
            ask_phrase subject = ask_pick_toy(&s->toys[toy], f->known_by[k]);
            if (ask_pick_n_toys(s, subject) != 1) continue;
            for (int v = 0; v < f->n_values; v++) {
                ask_phrase p = with_value(subject, f->saying, v);
                ask_world_when w = ask_world_when_holds(a->seen, p);
                if (w.n_runs == 1) out[n++] = (candidate){subject, v, w.moment};
            }
        }
    }
    return n;
}

/* Random order; three times of four those with a judged moment come first. */
static void order_candidates(candidate *c, int n, ask_asker *a)
{
    ask_rng_shuffle(&a->rng, c, (size_t)n, sizeof *c);
    if (ask_rng_below(&a->rng, 4) == 0) return;
    int n_front = 0;
    for (int i = 0; i < n; i++) {
        if (!ask_world_is_judged(c[i].moment, a->seen.scene->n_frames)) continue;
        candidate judged = c[i];
        c[i] = c[n_front];
        c[n_front++] = judged;
    }
}

/* How many wrong options a question of the form must find. A toy that is asked where it is
 * stays in one quadrant: all others are wrong. */
static int n_wrong_needed(const form *f, bool with_none)
{
    if (f->saying == ASK_ASK_PLACE) return ASK_N_PLACES - 1;
    return with_none ? ASK_N_OPTIONS - 2 : ASK_N_OPTIONS - 1;
}

bool ask_draft_attribute(ask_world_question *q, ask_asker *a, ask_question_type type)
{
    const form *f = form_of(type);
    candidate found[MOST_CANDIDATES];
    int n_found = find_candidates(found, a, f);
    order_candidates(found, n_found, a);
    // Three sizes need it; elsewhere it is as often wrong as makes it right by chance
    // alone.
    bool with_none = type == ASK_QUESTION_SIZE || ask_rng_below(&a->rng, 2) == 0;
    for (int i = 0; i < n_found; i++) {
        const candidate *c = &found[i];
        int wrong[MOST_VALUES];
        if (wrong_values(wrong, a, c->subject, f) < n_wrong_needed(f, with_none)) continue;
        *q = ask_asker_begin(a, type);
        q->saying = f->saying;
        q->subject = c->subject;
        q->moment = c->moment;
        int n = 0;
        add_option(q, &n, a, with_value(c->subject, f->saying, c->value));
        if (with_none) add_none(q, &n, a);
        for (int k = 0; n < ASK_N_OPTIONS; k++)
            add_option(q, &n, a, with_value(c->subject, f->saying, wrong[k]));
        return !a->failed;
    }
    return false;
}

/* ---- presence ---- */

/* Pairs that no toy is: near misses first. */
static int absent_pairs(ask_phrase out[ASK_PICK_MOST_PAIRS], ask_asker *a)
{
    int n = ask_pick_absent_pairs(out, a->seen.scene, ASK_PICK_NEAR, &a->rng);
    ask_phrase others[ASK_PICK_MOST_PAIRS];
    int n_others = ask_pick_absent_pairs(others, a->seen.scene, ASK_PICK_OTHER, &a->rng);
    for (int i = 0; i < n_others; i++) out[n++] = others[i];
    return n;
}

bool ask_draft_presence(ask_world_question *q, ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    candidate found[MOST_CANDIDATES];
    int n_found = 0;
    for (int toy = 0; toy < s->n_toys; toy++) {
        ask_phrase pair = ask_pick_toy(&s->toys[toy], PAIR);
        ask_world_when w = ask_world_when_holds(a->seen, pair);
        if (w.n_runs == 1)
            found[n_found++] = (candidate){.subject = pair, .moment = w.moment};
    }
    order_candidates(found, n_found, a);
    ask_phrase wrong[ASK_PICK_MOST_PAIRS];
    int n_wrong = absent_pairs(wrong, a);
    if (n_found == 0 || n_wrong < ASK_N_OPTIONS - 1) return false;
    *q = ask_asker_begin(a, ASK_QUESTION_PRESENCE);
    q->saying = ASK_ASK_PRESENCE;
    q->subject = found[0].subject;
    q->moment = found[0].moment;
    int n = 0;
    add_option(q, &n, a, found[0].subject);
    for (int k = 0; n < ASK_N_OPTIONS; k++) add_option(q, &n, a, wrong[k]);
    return !a->failed;
}

/* ---- toys that are not there ---- */

/* A form at random; sizes twice as often, as their questions offer "none" twice as often.
 */
static const form *absent_form(ask_asker *a)
{
    int k = (int)ask_rng_below(&a->rng, N_FORMS + 1);
    return k < N_FORMS ? &forms[k] : form_of(ASK_QUESTION_SIZE);
}

/* Something that the toy is told by and that the scene does not have. */
static bool absent_subject(ask_phrase *out, ask_asker *a, const form *f)
{
    ask_phrase pairs[ASK_PICK_MOST_PAIRS];
    bool by_pair = f->known_by[0] == PAIR;
    int n = ask_pick_absent_pairs(pairs, a->seen.scene,
                                  by_pair ? ASK_PICK_NEAR : ASK_PICK_FOREIGN, &a->rng);
    if (n == 0) return false;
    *out = pairs[0];
    if (f->saying == ASK_ASK_COLOR) out->color = ASK_ANY;
    if (f->saying == ASK_ASK_SHAPE) out->shape = ASK_ANY;
    return true;
}

bool ask_draft_absent(ask_world_question *q, ask_asker *a)
{
    const form *f = absent_form(a);
    ask_phrase subject;
    int wrong[MOST_VALUES];
    if (!absent_subject(&subject, a, f) ||
        wrong_values(wrong, a, subject, f) < ASK_N_OPTIONS - 1)
        return false;
    *q = ask_asker_begin(a, ASK_QUESTION_ABSENT);
    q->saying = f->saying;
    q->subject = subject;
    int n = 0;
    add_none(q, &n, a);
    for (int k = 0; n < ASK_N_OPTIONS; k++)
        add_option(q, &n, a, with_value(subject, f->saying, wrong[k]));
    return !a->failed;
}
