/* Questions and queries in the truth of a clip, there and back. */
#include <string.h>

#include "world/truth_priv.h"

/* ---- to the file ---- */

static void put_phrase(ask_json_writer *w, const char *key, ask_phrase p)
{
    ask_json_open_object(w, key);
    for (int f = 0; f < ASK_N_PHRASE_FIELDS; f++) {
        int value = *ask_truth_phrase_field(&p, (ask_truth_words)f);
        if (value != ASK_ANY)
            ask_json_put_string(w, ask_truth_phrase_key((ask_truth_words)f),
                                ask_truth_word((ask_truth_words)f, value));
    }
    ask_json_close(w);
}

static void put_deed(ask_json_writer *w, const char *key, ask_deed d)
{
    if (d.toy == ASK_ANY && d.kind == ASK_ANY && d.other == ASK_ANY) return;
    ask_json_open_object(w, key);
    if (d.toy != ASK_ANY) ask_json_put_int(w, "object", d.toy);
    if (d.kind != ASK_ANY)
        ask_json_put_string(w, "kind", ask_event_name((ask_event_kind)d.kind));
    if (d.other != ASK_ANY) ask_json_put_int(w, "other", d.other);
    ask_json_close(w);
}

/* "moment" where there is one, and "judged". */
static void put_moment(ask_json_writer *w, ask_world_moment m, bool judged)
{
    if (m.begin < m.end) {
        ask_json_open_object(w, "moment");
        ask_json_put_int(w, "begin", m.begin);
        ask_json_put_int(w, "end", m.end);
        ask_truth_put_seconds(w, "start_s", m.begin);
        ask_truth_put_seconds(w, "end_s", m.end);
        ask_json_close(w);
    }
    ask_json_put_bool(w, "judged", judged);
}

static void put_option(ask_json_writer *w, const ask_world_option *o)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "text", o->text);
    if (o->has_phrase) put_phrase(w, "phrase", o->phrase);
    put_deed(w, "deed", o->deed);
    if (o->number != ASK_ANY) ask_json_put_int(w, "number", o->number);
    if (o->denies) ask_json_put_bool(w, "denies", true);
    ask_json_close(w);
}

static void put_name(ask_json_writer *w, const char *key, const char *name)
{
    if (name) ask_json_put_string(w, key, name);
}

/* Of a full world: the family, and what it is in published sets. */
static void put_family(ask_json_writer *w, const ask_world_question *q)
{
    if (q->family == ASK_FAMILY_NONE) return;
    const ask_family_info f = ask_family_of(q->family);
    ask_json_put_string(w, "family", f.name);
    put_name(w, "star", f.star);
    put_name(w, "nextqa", f.nextqa);
    put_name(w, "tgif", f.tgif);
}

/* Of a full world: what else there is to a question. */
static void put_more(ask_json_writer *w, const ask_world_question *q)
{
    if (q->family == ASK_FAMILY_NONE) return;
    if (!q->ambiguous) ask_json_put_string(w, "open_answer", ask_question_open_answer(q));
    put_name(w, "spare", q->spare);
    put_deed(w, "asked", q->asked);
    ask_json_put_int(w, "until", q->until);
    ask_json_open_array(w, "objects");
    for (int i = 0; i < q->n_objects; i++) ask_json_put_int(w, NULL, q->objects[i]);
    ask_json_close(w);
}

static void put_question(ask_json_writer *w, const ask_world_question *q)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "type", ask_question_type_name(q->type));
    put_family(w, q);
    ask_json_put_string(w, "saying", ask_truth_word(ASK_WORDS_SAYING, (int)q->saying));
    ask_json_put_int(w, "wording", q->wording);
    ask_json_put_string(w, "text", q->text);
    put_phrase(w, "subject", q->subject);
    ask_json_open_array(w, "options");
    for (int i = 0; i < ASK_N_OPTIONS; i++) put_option(w, &q->options[i]);
    ask_json_close(w);
    ask_json_put_int(w, "answer", q->answer);
    put_more(w, q);
    put_moment(w, q->moment, q->judged);
    ask_json_close(w);
}

static void put_query(ask_json_writer *w, const ask_world_query *q)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "kind", ask_query_kind_name(q->kind));
    ask_json_put_string(w, "text", q->text);
    put_phrase(w, "phrase", q->phrase);
    put_moment(w, q->moment, q->judged);
    ask_json_close(w);
}

void ask_truth_put_questions(ask_json_writer *w, const ask_world_clip *c)
{
    ask_json_open_array(w, "questions");
    for (int i = 0; i < c->n_questions; i++) put_question(w, &c->questions[i]);
    ask_json_close(w);
    ask_json_open_array(w, "queries");
    for (int i = 0; i < c->n_queries; i++) put_query(w, &c->queries[i]);
    ask_json_close(w);
}

/* ---- from the file ---- */

static bool get_phrase(ask_phrase *out, ask_json_value v, const char *key, ask_error *err)
{
    ask_json_value object;
    if (!ask_json_get_object(&object, v, key, err)) return false;
    *out = ask_phrase_any();
    for (int f = 0; f < ASK_N_PHRASE_FIELDS; f++) {
        const char *field = ask_truth_phrase_key((ask_truth_words)f);
        if (!ask_truth_has(object, field)) continue;
        int value;
        if (!ask_truth_get_word(&value, object, field, (ask_truth_words)f, err))
            return false;
        *ask_truth_phrase_field(out, (ask_truth_words)f) = (int8_t)value;
    }
    return true;
}

static bool get_toy(int8_t *out, ask_json_value v, const char *key, const ask_scene *s,
                    ask_error *err)
{
    int toy = ASK_ANY;
    if (ask_truth_has(v, key) && !ask_truth_get_int(&toy, v, key, 0, s->n_toys - 1, err))
        return false;
    *out = (int8_t)toy;
    return true;
}

static bool get_deed(ask_deed *out, ask_json_value v, const char *key, const ask_scene *s,
                     ask_error *err)
{
    ask_json_value deed;
    int kind = ASK_ANY;
    *out = ask_deed_none();
    if (!ask_truth_has(v, key)) return true;
    if (!ask_json_get_object(&deed, v, key, err) ||
        !get_toy(&out->toy, deed, "object", s, err) ||
        !get_toy(&out->other, deed, "other", s, err) ||
        (ask_truth_has(deed, "kind") &&
         !ask_truth_get_word(&kind, deed, "kind", ASK_WORDS_EVENT, err)))
        return false;
    out->kind = (int8_t)kind;
    return true;
}

static bool get_moment(ask_world_moment *out, bool *judged, const ask_scene *s,
                       ask_json_value v, ask_error *err)
{
    *out = (ask_world_moment){0};
    if (ask_truth_has(v, "moment") &&
        !ask_truth_get_span(&out->begin, &out->end, ask_json_find(v, "moment"), s, err))
        return false;
    if (!ask_json_get_bool(judged, v, "judged", err)) return false;
    if (*judged == ask_world_is_judged(*out, s->n_frames)) return true;
    return ask_json_fail(ask_json_find(v, "judged"), err,
                         "does not fit the moment: judged ones are at most %d %% of the "
                         "clip, all of them",
                         ASK_MOMENT_JUDGED_PERCENT);
}

static bool get_option(ask_world_option *out, ask_world_clip *c, ask_json_value v,
                       ask_error *err)
{
    out->phrase = ask_phrase_any();
    out->has_phrase = ask_truth_has(v, "phrase");
    out->number = ASK_ANY;
    return ask_truth_get_text(&out->text, c, v, "text", err) &&
           (!out->has_phrase || get_phrase(&out->phrase, v, "phrase", err)) &&
           get_deed(&out->deed, v, "deed", &c->scene, err) &&
           (!ask_truth_has(v, "number") ||
            ask_truth_get_int(&out->number, v, "number", 0, ASK_N_COUNTED - 1, err)) &&
           ask_json_opt_bool(&out->denies, v, "denies", false, err);
}

static bool get_options(ask_world_question *q, ask_world_clip *c, ask_json_value v,
                        ask_error *err)
{
    ask_json_value options;
    int n;
    if (!ask_truth_get_list(&options, &n, v, "options", ASK_N_OPTIONS, err)) return false;
    if (n != ASK_N_OPTIONS)
        return ask_json_fail(options, err, "expected %d options, got %d", ASK_N_OPTIONS, n);
    for (int i = 0; i < n; i++)
        if (!get_option(&q->options[i], c, ask_json_item(options, (size_t)i), err))
            return false;
    return true;
}

static bool get_family(ask_world_question *q, const ask_scene *s, ask_json_value v,
                       ask_error *err)
{
    int family;
    q->family = ASK_FAMILY_NONE;
    if (!s->full) return true;
    if (!ask_truth_get_word(&family, v, "family", ASK_WORDS_FAMILY, err)) return false;
    q->family = (ask_family)family;
    if (family != ASK_FAMILY_NONE && ask_family_of(q->family).type == q->type) return true;
    return ask_json_fail(ask_json_find(v, "family"), err,
                         "a question of type %s is of another family",
                         ask_question_type_name(q->type));
}

static bool get_objects(ask_world_question *q, const ask_scene *s, ask_json_value v,
                        ask_error *err)
{
    ask_json_value objects;
    if (!ask_truth_get_list(&objects, &q->n_objects, v, "objects",
                            ASK_QUESTION_MOST_OBJECTS, err))
        return false;
    for (int i = 0; i < q->n_objects; i++)
        if (!ask_truth_get_int(&q->objects[i], ask_json_item(objects, (size_t)i), NULL, 0,
                               s->n_toys - 1, err))
            return false;
    return true;
}

/* An answer that needs no options is that of the right one. */
static bool get_open_answer(ask_world_question *q, ask_json_value v, ask_error *err)
{
    const char *answer, *right = ask_question_open_answer(q);
    if (!ask_json_opt_string(&answer, v, "open_answer", NULL, err)) return false;
    q->ambiguous = !answer;
    return !answer || strcmp(answer, right) == 0 ||
           ask_json_fail(ask_json_find(v, "open_answer"), err,
                         "\"%s\" is not the right option, \"%s\"", answer, right);
}

static bool get_more(ask_world_question *q, ask_world_clip *c, ask_json_value v,
                     ask_error *err)
{
    q->asked = ask_deed_none();
    q->until = c->scene.n_frames;
    if (!c->scene.full) return true;
    return (!ask_truth_has(v, "spare") ||
            ask_truth_get_text(&q->spare, c, v, "spare", err)) &&
           get_open_answer(q, v, err) && get_deed(&q->asked, v, "asked", &c->scene, err) &&
           ask_truth_get_int(&q->until, v, "until", 1, c->scene.n_frames, err) &&
           get_objects(q, &c->scene, v, err);
}

static bool get_question(ask_world_question *q, ask_world_clip *c, ask_json_value v,
                         ask_error *err)
{
    int type, saying;
    if (!ask_truth_get_word(&type, v, "type", ASK_WORDS_QUESTION, err) ||
        !ask_truth_get_word(&saying, v, "saying", ASK_WORDS_SAYING, err))
        return false;
    q->type = (ask_question_type)type;
    q->saying = (ask_saying)saying;
    return get_family(q, &c->scene, v, err) &&
           ask_truth_get_int(&q->wording, v, "wording", 0, ASK_N_WORDINGS - 1, err) &&
           ask_truth_get_text(&q->text, c, v, "text", err) &&
           get_phrase(&q->subject, v, "subject", err) && get_options(q, c, v, err) &&
           ask_truth_get_int(&q->answer, v, "answer", 0, ASK_N_OPTIONS - 1, err) &&
           get_more(q, c, v, err) && get_moment(&q->moment, &q->judged, &c->scene, v, err);
}

/* What the parts of a question say of each other. */
static bool check_question(const ask_world_clip *c, const ask_world_question *q,
                           ask_json_value v, ask_error *err)
{
    bool has_moment = q->moment.begin < q->moment.end;
    for (const ask_world_question *other = c->questions; other < q; other++)
        if (other->type == q->type && other->family == q->family)
            return ask_json_fail(v, err, "is asked twice: a question of type %s, family %s",
                                 ask_question_type_name(q->type),
                                 ask_family_of(q->family).name);
    if (has_moment && q->moment.end > q->until)
        return ask_json_fail(ask_json_find(v, "moment"), err,
                             "ends behind what the question is about, frame %d", q->until);
    if (has_moment && q->options[q->answer].denies)
        return ask_json_fail(ask_json_find(v, "moment"), err,
                             "shows what the right option denies");
    return true;
}

static bool get_query(ask_world_query *q, ask_world_clip *c, ask_json_value v,
                      ask_error *err)
{
    int kind;
    bool ok = ask_truth_get_word(&kind, v, "kind", ASK_WORDS_QUERY, err) &&
              ask_truth_get_text(&q->text, c, v, "text", err) &&
              get_phrase(&q->phrase, v, "phrase", err) &&
              get_moment(&q->moment, &q->judged, &c->scene, v, err);
    if (!ok) return false;
    q->kind = (ask_query_kind)kind;
    return true;
}

bool ask_truth_get_questions(ask_world_clip *c, ask_json_value root, ask_error *err)
{
    ask_json_value questions, queries;
    if (!ask_truth_get_list(&questions, &c->n_questions, root, "questions",
                            ASK_QUESTIONS_MOST, err) ||
        !ask_truth_get_list(&queries, &c->n_queries, root, "queries", ASK_QUERIES_MOST,
                            err))
        return false;
    for (int i = 0; i < c->n_questions; i++) {
        ask_json_value v = ask_json_item(questions, (size_t)i);
        if (!get_question(&c->questions[i], c, v, err) ||
            !check_question(c, &c->questions[i], v, err))
            return false;
    }
    for (int i = 0; i < c->n_queries; i++)
        if (!get_query(&c->queries[i], c, ask_json_item(queries, (size_t)i), err))
            return false;
    return true;
}
