/* Questions that one frame can answer, and those about toys that are not there. */
#include "world/family_priv.h"

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
    {ASK_QUESTION_ACTION, ASK_ASK_ACTION, ASK_N_SIMPLE_EVENTS, {PAIR}},
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

/* An option that a frame can show; *text (the question's) is set if it is NULL. */
static ask_world_option look_option(const char **text, ask_asker *a, ask_phrase p,
                                    ask_saying saying, int wording)
{
    ask_str question = {0}, answer = {0};
    ask_phrase_say(&question, &answer, p, saying, wording);
    if (*text)
        ask_str_free(&question);
    else
        *text = ask_asker_keep(a, &question);
    ask_world_option o = ask_option_text(ask_asker_keep(a, &answer));
    o.has_phrase = true;
    o.phrase = p;
    return o;
}

static void add_option(ask_world_question *q, int *n, ask_asker *a, ask_phrase p)
{
    q->options[(*n)++] = look_option(&q->text, a, p, q->saying, q->wording);
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

/* A toy that can be seen in one run of frames. */
static bool find_present(candidate *out, ask_asker *a)
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
    if (n_found > 0) *out = found[0];
    return n_found > 0;
}

bool ask_draft_presence(ask_world_question *q, ask_asker *a)
{
    candidate there;
    bool found = find_present(&there, a);
    ask_phrase wrong[ASK_PICK_MOST_PAIRS];
    int n_wrong = absent_pairs(wrong, a);
    if (!found || n_wrong < ASK_N_OPTIONS - 1) return false;
    *q = ask_asker_begin(a, ASK_QUESTION_PRESENCE);
    q->saying = ASK_ASK_PRESENCE;
    q->subject = there.subject;
    q->moment = there.moment;
    int n = 0;
    add_option(q, &n, a, there.subject);
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

/* ---- full worlds ---- */

/* The toy that the subject tells from all others. */
static int toy_of(const ask_scene *s, ask_phrase subject)
{
    for (int toy = 0; toy < s->n_toys; toy++)
        if (ask_pick_is_toy(s, toy, subject)) return toy;
    return ASK_ANY;
}

/* Whether a toy of such a shape could do it, of whichever size. */
static bool could_be(const ask_scene *s, ask_phrase subject, const form *f, int value)
{
    return f->saying != ASK_ASK_ACTION ||
           ask_deed_could_be(s, subject, ASK_MEDIUM, (ask_event_kind)value);
}

/* How likely a kind of deed that the clip does not have is an option: what is offered less
 * often than four times as often as it is right, as few shapes can do it, is likelier. */
static const int filled_up[ASK_N_EVENTS] = {
    [ASK_ENTER] = 2, [ASK_LEAVE] = 2, [ASK_SLIDE] = 4, [ASK_JUMP] = 5,
    [ASK_SPIN] = 12, [ASK_GROW] = 5,  [ASK_SHAKE] = 4, [ASK_BLINK] = 5,
    [ASK_HIT] = 4,   [ASK_PUSH] = 3,  [ASK_HIDE] = 4,  [ASK_TURN] = 9};

/* Puts deeds into such an order. */
static void order_deeds(int *values, int n, ask_asker *a)
{
    ask_some left = {.n = 0};
    for (int i = 0; i < n; i++) ask_some_add(&left, values[i]);
    for (int i = 0; i < n; i++) {
        values[i] = ask_some_draw(a, &left, filled_up);
        ask_some rest = {.n = 0};
        for (int k = 0; k < left.n; k++)
            if (left.items[k] != values[i]) ask_some_add(&rest, left.items[k]);
        left = rest;
    }
}

/* Whether a toy does several things; being moved is none, but it happens to it. */
static bool does_more(const ask_scene *s, int toy, int kind)
{
    const ask_deed any = ask_deed_of_toy(toy), this = {(int8_t)toy, (int8_t)kind, ASK_ANY};
    return ask_deed_times(s, any) > ask_deed_times(s, this) || ask_deed_moves(s, toy) >= 0;
}

/* Whether a toy is so at one time and otherwise at another, by how many values are wrong.
 */
static bool is_more_than_one(const ask_scene *s, const candidate *c, const form *f,
                             int n_wrong)
{
    int n_others = 0;
    if (f->saying == ASK_ASK_ACTION) return does_more(s, toy_of(s, c->subject), c->value);
    for (int v = 0; v < f->n_values; v++)
        n_others +=
            v != c->value && ask_pick_is_allowed(s, with_value(c->subject, f->saying, v));
    return n_wrong != n_others;
}

/* Wrong values that the toy could have, those of the clip first. */
static int full_wrong_values(int out[MOST_VALUES], bool *ambiguous, ask_asker *a,
                             const candidate *c, const form *f)
{
    const ask_scene *s = a->seen.scene;
    const ask_phrase subject = c->subject;
    int values[MOST_VALUES], n_values = wrong_values(values, a, subject, f);
    int n = 0, n_of_clip = 0;
    *ambiguous = is_more_than_one(s, c, f, n_values);
    for (int i = 0; i < n_values; i++) {
        if (!could_be(s, subject, f, values[i])) continue;
        n_of_clip += is_in_clip(s, f->saying, values[i]);
        out[n++] = values[i];
    }
    if (f->saying == ASK_ASK_ACTION) order_deeds(out + n_of_clip, n - n_of_clip, a);
    return n;
}

/* A subject that is told by the same, and that the scene does not have. False: none for
 * which all the values are wrong. */
static bool draw_absent_subject(ask_phrase *out, ask_asker *a, ask_phrase like,
                                const form *f, const int *values, int n_values)
{
    ask_phrase pairs[ASK_PICK_MOST_PAIRS];
    bool by_pair = f->known_by[0] == PAIR;
    int n = ask_pick_absent_pairs(pairs, a->seen.scene,
                                  by_pair ? ASK_PICK_NEAR : ASK_PICK_FOREIGN, &a->rng);
    for (int i = 0; i < n; i++) {
        *out = like;
        if (like.color != ASK_ANY) out->color = pairs[i].color;
        if (like.shape != ASK_ANY) out->shape = pairs[i].shape;
        bool fits = true;
        for (int k = 0; k < n_values && fits; k++)
            fits = is_wrong(a, *out, f->saying, values[k]) &&
                   could_be(a->seen.scene, *out, f, values[k]);
        if (fits) return true;
    }
    return false;
}

static bool draft_candidate(ask_family_draft *d, ask_asker *a, const candidate *c,
                            const form *f)
{
    int values[MOST_VALUES + 1] = {c->value};
    int n_wrong = full_wrong_values(values + 1, &d->is.ambiguous, a, c, f);
    int least = f->saying == ASK_ASK_PLACE ? ASK_N_PLACES - 1 : ASK_N_OPTIONS - 2;
    if (n_wrong < least) return false;
    if (n_wrong > ASK_DRAFT_MOST_WRONG) n_wrong = ASK_DRAFT_MOST_WRONG;
    ask_phrase absent;
    if (!draw_absent_subject(&absent, a, c->subject, f, values, n_wrong + 1)) return false;
    d->saying = f->saying;
    d->moment = c->moment;
    d->is.subject = c->subject;
    d->is.asked = ask_deed_of_toy(toy_of(a->seen.scene, c->subject));
    d->is_not.subject = absent;
    d->denial = ask_denial(d->wording);
    d->right = look_option(&d->is.text, a, with_value(c->subject, f->saying, c->value),
                           f->saying, d->wording);
    look_option(&d->is_not.text, a, with_value(absent, f->saying, c->value), f->saying,
                d->wording);
    for (int i = 1; i <= n_wrong; i++)
        d->wrong[d->n_wrong++] =
            look_option(&d->is.text, a, with_value(c->subject, f->saying, values[i]),
                        f->saying, d->wording);
    return true;
}

static bool draft_one_of(ask_family_draft *d, ask_asker *a, const candidate *found,
                         int n_found, const form *f)
{
    for (int i = 0; i < n_found; i++)
        if (draft_candidate(d, a, &found[i], f)) return true;
    return false;
}

/* Those of one value before those of another, the values in random order: where all are
 * options each is to be as likely, however many toys have it. */
static void order_by_value(candidate *c, int n, ask_asker *a, int n_values)
{
    ask_some values = {.n = 0};
    for (int v = 0; v < n_values; v++) ask_some_add(&values, v);
    ask_some_shuffle(&values, a);
    int n_front = 0;
    for (int v = 0; v < n_values; v++) {
        for (int i = n_front; i < n; i++) {
            candidate of_value = c[i];
            if (of_value.value != values.items[v]) continue;
            for (int k = i; k > n_front; k--) c[k] = c[k - 1];
            c[n_front++] = of_value;
        }
    }
}

/* Where an option for each value is offered at all times, each must be likely to be right
 * in the same clips. */
static bool has_all_values(const candidate *c, int n, int n_values)
{
    unsigned seen = 0;
    for (int i = 0; i < n; i++) seen |= 1u << c[i].value;
    return seen == (1u << n_values) - 1;
}

static bool draft_look(ask_family_draft *d, ask_asker *a, ask_question_type type)
{
    const form *f = form_of(type);
    candidate found[MOST_CANDIDATES];
    int n_found = find_candidates(found, a, f);
    order_candidates(found, n_found, a);
    if (f->n_values <= ASK_N_OPTIONS) order_by_value(found, n_found, a, f->n_values);
    if (f->n_values < ASK_N_OPTIONS && !has_all_values(found, n_found, f->n_values))
        return false;
    return draft_one_of(d, a, found, n_found, f);
}

bool ask_draft_color(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_look(d, a, ASK_QUESTION_COLOR);
}

bool ask_draft_shape(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_look(d, a, ASK_QUESTION_SHAPE);
}

bool ask_draft_size(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_look(d, a, ASK_QUESTION_SIZE);
}

bool ask_draft_place(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_look(d, a, ASK_QUESTION_LOCATION);
}

/* What toys of the clip do, each kind by one toy and all as likely: who knows what is done
 * in the clip does not know by whom. It may be done several times. */
bool ask_draft_action(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    const ask_scene *s = a->seen.scene;
    form f = *form_of(ASK_QUESTION_ACTION);
    f.n_values = ASK_N_EVENTS;
    candidate found[ASK_N_EVENTS];
    int n = 0;
    ask_some toys = ask_some_toys(a, 0);
    for (int kind = 0; kind < ASK_N_EVENTS; kind++) {
        for (int i = 0; i < toys.n; i++) {
            const ask_phrase subject = ask_deed_name(s, toys.items[i]);
            ask_world_when w =
                ask_world_when_holds(a->seen, with_value(subject, f.saying, kind));
            if (w.n_runs == 0) continue;
            found[n++] = (candidate){subject, kind, w.moment};
            break;
        }
    }
    ask_rng_shuffle(&a->rng, found, (size_t)n, sizeof *found);
    return draft_one_of(d, a, found, n, &f);
}

bool ask_draft_seen(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    const ask_scene *s = a->seen.scene;
    candidate there;
    ask_phrase wrong[ASK_PICK_MOST_PAIRS];
    bool found = find_present(&there, a);
    int n_wrong = absent_pairs(wrong, a);
    if (!found || n_wrong <= ASK_DRAFT_MOST_WRONG) return false;
    const char *text = NULL;
    d->saying = ASK_ASK_PRESENCE;
    d->moment = there.moment;
    d->denial = ask_denial(d->wording);
    d->right = look_option(&text, a, there.subject, d->saying, d->wording);
    d->right.deed = ask_deed_of_toy(toy_of(s, there.subject));
    for (int k = 0; k < ASK_DRAFT_MOST_WRONG; k++)
        d->wrong[d->n_wrong++] = look_option(&text, a, wrong[k], d->saying, d->wording);
    d->stand_in = look_option(&text, a, wrong[ASK_DRAFT_MOST_WRONG], d->saying, d->wording);
    d->is.text = d->is_not.text = text;
    d->is.ambiguous = d->is_not.ambiguous = true; // more is seen than one toy
    return true;
}
