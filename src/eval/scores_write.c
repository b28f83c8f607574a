#include "eval/scores_write.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"

/* ---- as JSON ---- */

/* NaN becomes null. */
typedef void put_number(ask_json_writer *w, const char *key, const ask_eval_number *n);

static void put_value(ask_json_writer *w, const char *key, const ask_eval_number *n)
{
    ask_json_put_double(w, key, n->value);
}

static void put_interval(ask_json_writer *w, const char *key, const ask_eval_number *n)
{
    if (isnan(n->value) || isnan(n->interval.low)) {
        ask_json_put_null(w, key);
        return;
    }
    ask_json_open_array(w, key);
    ask_json_put_double(w, NULL, n->interval.low);
    ask_json_put_double(w, NULL, n->interval.high);
    ask_json_close(w);
}

static void put_count(ask_json_writer *w, const char *key, const ask_eval_number *n)
{
    ask_json_put_int(w, key, (int64_t)n->n);
}

static void put_types(ask_json_writer *w, const char *key, const ask_eval_tagged *types,
                      size_t n, put_number *put)
{
    ask_json_open_object(w, key);
    for (size_t i = 0; i < n; i++) put(w, types[i].name, &types[i].number);
    ask_json_close(w);
}

static void put_tags(ask_json_writer *w, const char *key, const ask_eval_tagged *tags,
                     size_t n, put_number *put)
{
    ask_json_open_object(w, key);
    for (size_t i = 0; i < n;) {
        const char *group = tags[i].group;
        ask_json_open_object(w, group);
        for (; i < n && strcmp(tags[i].group, group) == 0; i++)
            put(w, tags[i].name, &tags[i].number);
        ask_json_close(w);
    }
    ask_json_close(w);
}

/* All numbers of a table under their names. */
static void put_table(ask_json_writer *w, const char *key, const ask_eval_table *t,
                      put_number *put)
{
    ask_json_open_object(w, key);
    for (int s = 0; s < ASK_N_SCORES; s++)
        put(w, ask_eval_score_name((ask_eval_score)s), &t->numbers[s]);
    put_types(w, "by_type", t->by_type, t->n_types, put);
    if (put == put_value) ask_json_put_double(w, "types_mean", t->types_mean);
    put_tags(w, "by_tag", t->by_tag, t->n_tags, put);
    put_types(w, "open_by_type", t->open_by_type, t->n_open_types, put);
    put_tags(w, "open_by_tag", t->open_by_tag, t->n_open_tags, put);
    ask_json_close(w);
}

static void put_baseline(ask_json_writer *w, const char *name, const ask_eval_compared *c,
                         const char *note)
{
    if (!c->known && !note) return;
    ask_json_open_object(w, name);
    if (c->known) {
        put_table(w, "summary", &c->table, put_value);
        put_table(w, "intervals", &c->table, put_interval);
        ask_json_open_object(w, "model_better");
        put_value(w, "accuracy_mc", &c->better_mc);
        put_interval(w, "interval", &c->better_mc);
        ask_json_close(w);
    }
    if (note) ask_json_put_string(w, "note", note);
    ask_json_close(w);
}

static void put_official(ask_json_writer *w, const ask_eval_table *t)
{
    if (t->n_official == 0) return;
    ask_json_open_object(w, "official");
    for (size_t i = 0; i < t->n_official; i++)
        ask_json_put_double(w, t->official[i].name, t->official[i].value);
    ask_json_close(w);
}

void ask_eval_scores_json(ask_json_writer *w, const ask_eval_scores *s,
                          const char *const *notes)
{
    put_table(w, "summary", &s->own, put_value);
    put_table(w, "intervals", &s->own, put_interval);
    put_table(w, "n", &s->own, put_count);
    ask_json_open_object(w, "counts");
    ask_json_put_int(w, "questions", (int64_t)s->n_rows);
    ask_json_put_int(w, "videos", (int64_t)s->n_videos);
    ask_json_put_int(w, "errors", (int64_t)s->n_errors);
    ask_json_put_int(w, "invalid", (int64_t)s->n_invalid);
    ask_json_close(w);
    ask_json_open_object(w, "baselines");
    for (int b = 0; b < ASK_N_BASELINES; b++)
        put_baseline(w, ask_eval_baseline_name((ask_eval_baseline)b), &s->baselines[b],
                     notes ? notes[b] : NULL);
    ask_json_close(w);
    put_official(w, &s->own);
}

/* ---- as a table ---- */

static void csv_row(ask_csv_writer *w, const char *who, const char *group, const char *name,
                    const ask_eval_number *n)
{
    if (isnan(n->value)) return;
    ask_csv_put(w, who);
    ask_csv_put(w, group);
    ask_csv_put(w, name);
    ask_csv_put_double(w, n->value);
    ask_csv_put_double(w, n->interval.low);
    ask_csv_put_double(w, n->interval.high);
    ask_csv_put_int(w, (int64_t)n->n);
    ask_csv_end_row(w);
}

/* open: of open questions, where others are of choices. */
static void csv_tags(ask_csv_writer *w, const char *who, bool open,
                     const ask_eval_tagged *tags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char group[64];
        ask_format(group, sizeof group, "%s%s", open ? "open " : "", tags[i].group);
        csv_row(w, who, group, tags[i].name, &tags[i].number);
    }
}

static void csv_table(ask_csv_writer *w, const char *who, const ask_eval_table *t)
{
    for (int s = 0; s < ASK_N_SCORES; s++)
        csv_row(w, who, "", ask_eval_score_name((ask_eval_score)s), &t->numbers[s]);
    csv_tags(w, who, false, t->by_type, t->n_types);
    csv_tags(w, who, false, t->by_tag, t->n_tags);
    csv_tags(w, who, true, t->open_by_type, t->n_open_types);
    csv_tags(w, who, true, t->open_by_tag, t->n_open_tags);
}

void ask_eval_scores_csv(ask_str *out, const ask_eval_scores *s)
{
    ask_csv_writer w = {.out = out, .separator = ','};
    static const char *const head[] = {"who", "group", "score", "value",
                                       "low", "high",  "n"};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) ask_csv_put(&w, head[i]);
    ask_csv_end_row(&w);
    csv_table(&w, "model", &s->own);
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (s->baselines[b].known)
            csv_table(&w, ask_eval_baseline_name((ask_eval_baseline)b),
                      &s->baselines[b].table);
}

/* ---- for people ---- */

static void cell(ask_str *out, const ask_eval_number *n)
{
    if (!n || isnan(n->value))
        ask_str_append(out, " - |");
    else if (isnan(n->interval.low))
        ask_str_printf(out, " %.3f |", n->value);
    else
        ask_str_printf(out, " %.3f (%.3f-%.3f) |", n->value, n->interval.low,
                       n->interval.high);
}

static void head(ask_str *out, const ask_eval_scores *s, const char *what)
{
    ask_str_printf(out, "| %s | n | model |", what);
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (s->baselines[b].known)
            ask_str_printf(out, " %s |", ask_eval_baseline_name((ask_eval_baseline)b));
    ask_str_append(out, "\n| --- | ---: | --- |");
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (s->baselines[b].known) ask_str_append(out, " --- |");
    ask_str_append_char(out, '\n');
}

/* Tags of one kind in a table. */
typedef struct {
    const ask_eval_tagged *items;
    size_t n;
} tag_list;

/* The number of the same tag; NULL. */
static const ask_eval_number *same(tag_list tags, const ask_eval_tagged *like)
{
    for (size_t i = 0; i < tags.n; i++)
        if (strcmp(tags.items[i].group, like->group) == 0 &&
            strcmp(tags.items[i].name, like->name) == 0)
            return &tags.items[i].number;
    return NULL;
}

typedef tag_list tags_of(const ask_eval_table *t);

static tag_list types_of_choices(const ask_eval_table *t)
{
    return (tag_list){t->by_type, t->n_types};
}

static tag_list tags_of_choices(const ask_eval_table *t)
{
    return (tag_list){t->by_tag, t->n_tags};
}

static tag_list types_of_open(const ask_eval_table *t)
{
    return (tag_list){t->open_by_type, t->n_open_types};
}

static tag_list tags_of_open(const ask_eval_table *t)
{
    return (tag_list){t->open_by_tag, t->n_open_tags};
}

static void tag_rows(ask_str *out, const ask_eval_scores *s, tags_of *of)
{
    const tag_list own = of(&s->own);
    for (size_t i = 0; i < own.n; i++) {
        const ask_eval_tagged *t = &own.items[i];
        ask_str_printf(out, "| %s %s | %zu |", t->group, t->name, t->number.n);
        cell(out, &t->number);
        for (int b = 0; b < ASK_N_BASELINES; b++) {
            if (!s->baselines[b].known) continue;
            cell(out, same(of(&s->baselines[b].table), t));
        }
        ask_str_append_char(out, '\n');
    }
}

/* The mean over types, each type the same. */
static void types_row(ask_str *out, const ask_eval_scores *s)
{
    ask_eval_number mean = {.value = s->own.types_mean, .interval = {NAN, NAN}};
    ask_str_printf(out, "| mean of types | %zu |", s->own.n_types);
    cell(out, &mean);
    for (int b = 0; b < ASK_N_BASELINES; b++) {
        if (!s->baselines[b].known) continue;
        mean.value = s->baselines[b].table.types_mean;
        cell(out, &mean);
    }
    ask_str_append_char(out, '\n');
}

static void score_row(ask_str *out, const ask_eval_scores *s, ask_eval_score score)
{
    const ask_eval_number *n = &s->own.numbers[score];
    if (isnan(n->value)) return;
    ask_str_printf(out, "| %s | %zu |", ask_eval_score_name(score), n->n);
    cell(out, n);
    for (int b = 0; b < ASK_N_BASELINES; b++)
        if (s->baselines[b].known) cell(out, &s->baselines[b].table.numbers[score]);
    ask_str_append_char(out, '\n');
}

void ask_eval_scores_markdown(ask_str *out, const ask_eval_scores *s)
{
    head(out, s, "score");
    for (int i = 0; i < ASK_N_SCORES; i++) score_row(out, s, (ask_eval_score)i);
    if (s->own.n_types + s->own.n_tags > 0) {
        ask_str_append_char(out, '\n');
        head(out, s, "accuracy of");
    }
    tag_rows(out, s, types_of_choices);
    if (s->own.n_types > 1) types_row(out, s);
    tag_rows(out, s, tags_of_choices);
    if (s->own.n_open_types + s->own.n_open_tags > 0) {
        ask_str_append_char(out, '\n');
        head(out, s, "open accuracy of");
    }
    tag_rows(out, s, types_of_open);
    tag_rows(out, s, tags_of_open);
    if (s->own.n_official > 0)
        ask_str_append(out, "\n| as the set scores it, in % | model |\n| --- | ---: |\n");
    for (size_t i = 0; i < s->own.n_official; i++) {
        const ask_eval_official *o = &s->own.official[i];
        if (!isnan(o->value)) ask_str_printf(out, "| %s | %.2f |\n", o->name, o->value);
    }
}
