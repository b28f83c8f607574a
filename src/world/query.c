#include "world/query.h"

#include "world/pick_priv.h"

const char *ask_query_kind_name(ask_query_kind kind)
{
    static const char *const names[ASK_N_QUERY_KINDS] = {
        [ASK_QUERY_OBJECT] = "object",       [ASK_QUERY_ATTRIBUTE] = "attribute",
        [ASK_QUERY_EVENT] = "event",         [ASK_QUERY_FOREIGN] = "foreign",
        [ASK_QUERY_NEAR_MISS] = "near_miss",
    };
    return names[kind];
}

typedef struct {
    ask_world_query *out;
    int n;
    ask_world_seen seen;
    ask_rng rng;
    ask_arena *texts;
    bool failed; // memory ran out
} maker;

static void add(maker *m, ask_query_kind kind, ask_phrase p, ask_world_moment moment)
{
    ask_str question = {0}, text = {0};
    int wording = (int)ask_rng_below(&m->rng, ASK_N_WORDINGS);
    ask_phrase_say(&question, &text, p, ASK_SAY_CAPTION, wording);
    char *kept = text.failed ? NULL : ask_arena_strdup(m->texts, ask_str_text(&text));
    m->failed |= !kept;
    ask_str_free(&question);
    ask_str_free(&text);
    m->out[m->n++] = (ask_world_query){
        .kind = kind,
        .text = kept,
        .phrase = p,
        .moment = moment,
        .judged = ask_world_is_judged(moment, m->seen.scene->n_frames),
    };
}

/* ---- what is there ---- */

enum { MOST_OF_A_KIND = 2, N_ATTRIBUTE_FIELDS = 4 };

static const unsigned attribute_fields[N_ATTRIBUTE_FIELDS] = {
    ASK_PICK_COLOR,
    ASK_PICK_TEXTURE,
    ASK_PICK_COLOR | ASK_PICK_SIZE,
    ASK_PICK_COLOR | ASK_PICK_TEXTURE,
};

enum { MOST_PHRASES = ASK_SCENE_MAX_TOYS * N_ATTRIBUTE_FIELDS };

/* The phrases of a set, without repetition. */
typedef struct {
    ask_phrase items[MOST_PHRASES];
    int n;
} phrases;

static void collect(phrases *set, ask_phrase p)
{
    for (int i = 0; i < set->n; i++)
        if (ask_phrase_equal(set->items[i], p)) return;
    set->items[set->n++] = p;
}

static phrases phrases_of(const ask_scene *s, ask_query_kind kind)
{
    phrases set = {.n = 0};
    const unsigned pair = ASK_PICK_COLOR | ASK_PICK_SHAPE;
    for (int i = 0; kind == ASK_QUERY_EVENT && i < s->n_events; i++) {
        ask_phrase p = ask_pick_toy(&s->toys[s->events[i].toy], pair);
        p.event = (int8_t)s->events[i].kind;
        collect(&set, p);
    }
    for (int i = 0; kind == ASK_QUERY_OBJECT && i < s->n_toys; i++)
        collect(&set, ask_pick_toy(&s->toys[i], pair));
    for (int i = 0; kind == ASK_QUERY_ATTRIBUTE && i < s->n_toys; i++)
        for (int k = 0; k < N_ATTRIBUTE_FIELDS; k++)
            collect(&set, ask_pick_toy(&s->toys[i], attribute_fields[k]));
    return set;
}

/* Those whose moment is judged, or the others, until there are enough of the kind. */
static void add_some(maker *m, const phrases *set, ask_query_kind kind, bool judged,
                     int *n_added)
{
    for (int i = 0; i < set->n && *n_added < MOST_OF_A_KIND; i++) {
        ask_world_when w = ask_world_when_holds(m->seen, set->items[i]);
        if (w.n_runs != 1 ||
            ask_world_is_judged(w.moment, m->seen.scene->n_frames) != judged)
            continue;
        add(m, kind, set->items[i], w.moment);
        (*n_added)++;
    }
}

static void add_kind(maker *m, ask_query_kind kind)
{
    phrases set = phrases_of(m->seen.scene, kind);
    ask_rng_shuffle(&m->rng, set.items, (size_t)set.n, sizeof *set.items);
    int n_added = 0;
    add_some(m, &set, kind, true, &n_added);
    add_some(m, &set, kind, false, &n_added);
}

/* ---- what is not ---- */

static void add_absent(maker *m, ask_query_kind kind, ask_pick_absence absence)
{
    ask_phrase pairs[ASK_PICK_MOST_PAIRS];
    if (ask_pick_absent_pairs(pairs, m->seen.scene, absence, &m->rng) > 0)
        add(m, kind, pairs[0], (ask_world_moment){0});
}

bool ask_world_query_make(ask_world_query out[ASK_QUERIES_MOST], int *n,
                          ask_world_seen seen, ask_arena *texts, ask_error *err)
{
    maker m = {.out = out,
               .seen = seen,
               .rng = ask_pick_rng(seen.scene, "queries"),
               .texts = texts};
    add_kind(&m, ASK_QUERY_OBJECT);
    add_kind(&m, ASK_QUERY_ATTRIBUTE);
    add_kind(&m, ASK_QUERY_EVENT);
    add_absent(&m, ASK_QUERY_FOREIGN, ASK_PICK_FOREIGN);
    add_absent(&m, ASK_QUERY_NEAR_MISS, ASK_PICK_NEAR);
    *n = m.n;
    return !m.failed || ask_fail_memory(err);
}
