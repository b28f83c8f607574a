/* The questions of a full world: what family_*.c drafts, with its options in place. */
#include "world/family_priv.h"

static ask_family_maker *const makers[ASK_N_FAMILIES] = {
    [ASK_FAMILY_PRESENCE] = ask_draft_seen,
    [ASK_FAMILY_COLOR] = ask_draft_color,
    [ASK_FAMILY_SHAPE] = ask_draft_shape,
    [ASK_FAMILY_SIZE] = ask_draft_size,
    [ASK_FAMILY_LOCATION] = ask_draft_place,
    [ASK_FAMILY_NUMBER] = ask_draft_number,
    [ASK_FAMILY_ACTION] = ask_draft_action,
    [ASK_FAMILY_FIRST_LAST] = ask_draft_first_last,
    [ASK_FAMILY_NEXT] = ask_draft_next,
    [ASK_FAMILY_BEFORE] = ask_draft_before,
    [ASK_FAMILY_WHILE] = ask_draft_while,
    [ASK_FAMILY_WHO_FIRST] = ask_draft_who_first,
    [ASK_FAMILY_AFTER_OWN] = ask_draft_after_own,
    [ASK_FAMILY_BEFORE_OWN] = ask_draft_before_own,
    [ASK_FAMILY_CHANGE] = ask_draft_change,
    [ASK_FAMILY_REPEATED] = ask_draft_repeated,
    [ASK_FAMILY_TIMES] = ask_draft_times,
    [ASK_FAMILY_DOERS] = ask_draft_doers,
    [ASK_FAMILY_WHY] = ask_draft_why,
    [ASK_FAMILY_HOW] = ask_draft_how,
    [ASK_FAMILY_HITS] = ask_draft_hits,
    [ASK_FAMILY_PREDICTION] = ask_draft_prediction,
    [ASK_FAMILY_FEASIBILITY] = ask_draft_feasibility,
};

// --- Options -----------------------------------------------------------------------------

/* What a clip asks of a draft. */
typedef struct {
    bool offers; // a denial is among the options
    bool denied; // and right
} variant;

/* Half of the questions offer a denial, all of those that have but two wrong options; one
 * of four that offer it is its twin. */
static variant variant_of(const ask_family_draft *d, int role)
{
    bool offers = d->denial && (role < ASK_N_ROLES / 2 || d->n_wrong < ASK_N_OPTIONS - 1);
    return (variant){.offers = offers, .denied = offers && role % (ASK_N_ROLES / 2) == 0};
}

static ask_world_option denial_of(const ask_family_draft *d)
{
    ask_world_option o = ask_option_text(d->denial);
    o.denies = true;
    return o;
}

/* The right one first. */
static void fill_options(ask_world_question *q, const ask_family_draft *d, variant v)
{
    int n = 0, k = 0;
    if (v.denied) q->options[n++] = denial_of(d);
    q->options[n++] = v.denied && d->stand_in.text ? d->stand_in : d->right;
    if (v.offers && !v.denied) q->options[n++] = denial_of(d);
    while (n < ASK_N_OPTIONS) q->options[n++] = d->wrong[k++];
    q->spare = k < d->n_wrong ? d->wrong[k].text : v.offers ? NULL : d->denial;
}

static int8_t field_of_other(int8_t is, int8_t was, int8_t other)
{
    return was == ASK_ANY && other == ASK_ANY ? is : other;
}

/* What was said of one subject is said of another. */
static ask_phrase said_of_other(ask_phrase p, ask_phrase was, ask_phrase other)
{
    p.color = field_of_other(p.color, was.color, other.color);
    p.shape = field_of_other(p.shape, was.shape, other.shape);
    p.size = field_of_other(p.size, was.size, other.size);
    p.texture = field_of_other(p.texture, was.texture, other.texture);
    return p;
}

static void say_of_twin(ask_world_question *q, const ask_family_draft *d)
{
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        if (q->options[i].has_phrase)
            q->options[i].phrase =
                said_of_other(q->options[i].phrase, d->is.subject, d->is_not.subject);
}

static void add_object(ask_world_question *q, int toy)
{
    if (toy == ASK_ANY || q->n_objects == ASK_QUESTION_MOST_OBJECTS) return;
    for (int i = 0; i < q->n_objects; i++)
        if (q->objects[i] == toy) return;
    q->objects[q->n_objects++] = toy;
}

static void add_objects(ask_world_question *q, ask_deed d)
{
    add_object(q, d.toy);
    add_object(q, d.other);
}

static ask_world_question finish(const ask_family_draft *d, ask_family family, variant v,
                                 int n_frames)
{
    const ask_premise *p = v.denied ? &d->is_not : &d->is;
    ask_world_question q = {
        .type = ask_family_of(family).type,
        .family = family,
        .saying = d->saying,
        .wording = d->wording,
        .text = p->text,
        .subject = p->subject,
        .asked = p->asked,
        .kinds = p->kinds,
        .ambiguous = p->ambiguous,
        .until = d->until ? d->until : n_frames,
        .moment = v.denied ? (ask_world_moment){0} : d->moment,
    };
    q.judged = ask_world_is_judged(q.moment, n_frames);
    fill_options(&q, d, v);
    if (v.denied) say_of_twin(&q, d);
    add_objects(&q, q.asked);
    add_objects(&q, q.options[0].deed);
    return q;
}

// --- Families ----------------------------------------------------------------------------

/* A draft that can be asked in every variant, so that which are asked tells nothing. */
static bool draft(ask_family_draft *d, ask_asker *a, ask_family family, int role)
{
    *d = (ask_family_draft){.wording = (int)ask_rng_below(&a->rng, ASK_N_WORDINGS),
                            .is.subject = ask_phrase_any(),
                            .is.asked = ask_deed_none(),
                            .is_not.subject = ask_phrase_any(),
                            .is_not.asked = ask_deed_none()};
    return makers[family](d, a, role) && !a->failed && (!d->denial || d->is_not.text);
}

void ask_families_ask(ask_world_question out[ASK_QUESTIONS_MOST], int *n, ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    ask_rng all = ask_pick_rng(s, "families");
    for (int f = ASK_FAMILY_NONE + 1; f < ASK_N_FAMILIES; f++) {
        const char *name = ask_family_of((ask_family)f).name;
        char purpose[32];
        ask_format(purpose, sizeof purpose, "role of %s", name);
        int role = ask_question_cycle(s, purpose, ASK_N_ROLES);
        a->rng = ask_rng_split(&all, name);
        ask_family_draft d;
        if (!draft(&d, a, (ask_family)f, role)) continue;
        out[*n] = finish(&d, (ask_family)f, variant_of(&d, role), s->n_frames);
        ask_question_put_in_place(&out[*n], ask_question_cycle(s, name, ASK_N_OPTIONS),
                                  &a->rng);
        (*n)++;
    }
}

void ask_family_words(ask_str *out)
{
    for (int kind = ASK_N_SIMPLE_EVENTS; kind < ASK_N_EVENTS; kind++) {
        ask_question_add_words(out, ask_event_name((ask_event_kind)kind));
        ask_question_add_words(out, ask_event_doing_name((ask_event_kind)kind));
    }
    ask_family_order_words(out);
    ask_family_own_words(out);
    ask_family_count_words(out);
    ask_family_cause_words(out);
    ask_family_ahead_words(out);
}
