/* What answers mean, and which mean the same. */
#include "train/timeline_questions_priv.h"

// --- Toys --------------------------------------------------------------------------------

/* As questions call it: by the colour that it has at first, and its shape. */
static ask_phrase name_of(const ask_scene *s, int toy)
{
    ask_phrase p = ask_phrase_any();
    if (toy == ASK_ANY) return p;
    p.color = (int8_t)s->toys[toy].color;
    p.shape = (int8_t)s->toys[toy].shape;
    return p;
}

static bool has_party(ask_deed d, int toy)
{
    return d.kind == ASK_ANY || d.toy == toy || d.other == toy;
}

static bool is_in_all(const ask_world_question *q, int toy)
{
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        if (!has_party(q->options[i].deed, toy)) return false;
    return toy != ASK_ANY;
}

/* The toy that the options of a question call "it": the one that all their deeds are of.
 * Where the question has a false premise, that is not who is asked about. */
static int it_in_options(const ask_world_question *q)
{
    switch (q->family) {
    case ASK_FAMILY_AFTER_OWN:
    case ASK_FAMILY_BEFORE_OWN:
    case ASK_FAMILY_REPEATED:
    case ASK_FAMILY_WHY:
    case ASK_FAMILY_HOW:
        break;
    default:
        return ASK_ANY;
    }
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        ask_deed d = q->options[i].deed;
        if (d.kind == ASK_ANY) continue;
        return is_in_all(q, d.toy) ? d.toy : is_in_all(q, d.other) ? d.other : ASK_ANY;
    }
    return ASK_ANY;
}

ask_phrase ask_answer_it(const ask_scene *s, const ask_world_question *q)
{
    return name_of(s, q->asked.toy);
}

// --- Meanings ----------------------------------------------------------------------------

static ask_answer_meaning meaning_begin(ask_meaning_form form)
{
    return (ask_answer_meaning){.form = form,
                                .number = ASK_ANY,
                                .look = ask_phrase_any(),
                                .toy = ask_phrase_any(),
                                .other = ask_phrase_any(),
                                .kind = ASK_ANY};
}

static int8_t if_asked_for(int8_t value, int8_t known)
{
    return value == known ? ASK_ANY : value;
}

/* Of what the toy is like, what is asked for. */
static ask_phrase look_of(ask_phrase p, ask_saying saying)
{
    ask_phrase known = ask_phrase_subject(p, saying);
    return (ask_phrase){.color = if_asked_for(p.color, known.color),
                        .shape = if_asked_for(p.shape, known.shape),
                        .size = if_asked_for(p.size, known.size),
                        .texture = ASK_ANY,
                        .place = if_asked_for(p.place, known.place),
                        .event = ASK_ANY};
}

static ask_answer_meaning meaning_of_phrase(ask_phrase p, ask_saying saying)
{
    ask_answer_meaning m = meaning_begin(ASK_MEANS_LOOK);
    if (saying == ASK_ASK_ACTION) {
        m.form = ASK_MEANS_DEED;
        m.is_by_it = true;
        m.kind = p.event;
    } else if (saying == ASK_ASK_PRESENCE) {
        m.form = ASK_MEANS_TOY;
        m.toy = p;
    } else {
        m.look = look_of(p, saying);
    }
    return m;
}

static ask_answer_meaning meaning_of_deed(const ask_scene *s, ask_deed d, int it)
{
    ask_answer_meaning m = meaning_begin(ASK_MEANS_DEED);
    m.kind = d.kind;
    m.is_by_it = it != ASK_ANY && d.toy == it;
    m.is_done_to_it = it != ASK_ANY && d.other == it;
    if (!m.is_by_it) m.toy = name_of(s, d.toy);
    if (!m.is_done_to_it) m.other = name_of(s, d.other);
    return m;
}

ask_answer_meaning ask_answer_meaning_of(const ask_scene *s, const ask_world_question *q,
                                         const ask_world_option *o)
{
    ask_answer_meaning m = meaning_begin(ASK_MEANS_TEXT);
    if (o->denies) return meaning_begin(ASK_MEANS_NO);
    if (o->number != ASK_ANY) {
        m.form = ASK_MEANS_NUMBER;
        m.number = o->number;
    } else if (o->has_phrase) {
        m = meaning_of_phrase(o->phrase, q->saying);
    } else if (o->deed.kind != ASK_ANY) {
        m = meaning_of_deed(s, o->deed, it_in_options(q));
    } else if (o->deed.toy != ASK_ANY) {
        m.form = ASK_MEANS_TOY;
        m.toy = name_of(s, o->deed.toy);
    }
    return m;
}

// --- What is as right --------------------------------------------------------------------

static bool is_any(ask_phrase p)
{
    return ask_phrase_equal(p, ask_phrase_any());
}

/* Whom it is done to need not be told: "it hits another toy". */
static bool is_same_deed(const ask_answer_meaning *a, const ask_answer_meaning *b,
                         ask_phrase it)
{
    ask_phrase by_a = a->is_by_it ? it : a->toy, by_b = b->is_by_it ? it : b->toy;
    ask_phrase to_a = a->is_done_to_it ? it : a->other,
               to_b = b->is_done_to_it ? it : b->other;
    return a->kind == b->kind && ask_phrase_equal(by_a, by_b) &&
           (is_any(to_a) || is_any(to_b) || ask_phrase_equal(to_a, to_b));
}

bool ask_answer_is_as_right(const ask_answer_meaning *m, const ask_answer_meaning *right,
                            ask_phrase it)
{
    if (m->form != right->form) // "how many balls are there?" "there is none"
        return m->form == ASK_MEANS_NO && right->number == 0;
    switch (right->form) {
    case ASK_MEANS_NO:
        return true;
    case ASK_MEANS_NUMBER:
        return m->number == right->number;
    case ASK_MEANS_LOOK:
        return ask_phrase_equal(m->look, right->look);
    case ASK_MEANS_TOY:
        return ask_phrase_equal(m->toy, right->toy);
    case ASK_MEANS_DEED:
        return is_same_deed(m, right, it);
    default:
        return false;
    }
}
