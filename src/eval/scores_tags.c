#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "eval/scores_priv.h"

/* A set of more tags tells the first ones: intervals of them all would take too long. */
enum { MOST_TAGS = 256 };

/* ---- which questions ---- */

static bool has_choices(const scores_views *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->views[i].row->item.record.kind == ASK_DATA_CHOICE &&
            all->views[i].mark.rule != ASK_RULE_NONE)
            return true;
    return false;
}

/* Of which questions a table is. */
typedef enum { CHOICES, OPEN, OPEN_AND_COUNTS } table_of;

static bool counts(const scores_view *v, table_of which)
{
    const ask_data_kind kind = v->row->item.record.kind;
    if (!v->answered || v->mark.rule == ASK_RULE_NONE) return false;
    return which == CHOICES ? kind == ASK_DATA_CHOICE
           : which == OPEN  ? kind == ASK_DATA_OPEN
                            : kind != ASK_DATA_CHOICE;
}

/* ---- tags ---- */

/* group NULL: its type. */
static bool has_tag(const scores_view *v, const char *group, const char *name)
{
    const ask_data_record *r = &v->row->item.record;
    if (!group) return strcmp(ask_eval_type(&v->row->item), name) == 0;
    for (int i = 0; i < r->n_tags; i++)
        if (strcmp(r->tags[i].group, group) == 0 && strcmp(r->tags[i].name, name) == 0)
            return true;
    return false;
}

typedef struct {
    const char *group, *name; // borrowed
} tag;

static bool is_known(const tag *tags, size_t n, tag t)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(tags[i].name, t.name) == 0 &&
            (!t.group || strcmp(tags[i].group, t.group) == 0))
            return true;
    return false;
}

static void add_tag(tag *tags, size_t *n, tag t)
{
    if (*n < MOST_TAGS && !is_known(tags, *n, t)) tags[(*n)++] = t;
}

static int compare_tags(const void *a, const void *b)
{
    const tag *x = a, *y = b;
    int groups = x->group ? strcmp(x->group, y->group) : 0;
    return groups ? groups : strcmp(x->name, y->name);
}

/* The types, or all that is not one. */
static size_t find_tags(tag tags[MOST_TAGS], const scores_views *all, table_of which,
                        bool types)
{
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        const ask_data_record *r = &all->views[i].row->item.record;
        if (!counts(&all->views[i], which)) continue;
        const char *type = ask_eval_type(&all->views[i].row->item);
        if (types && *type) add_tag(tags, &n, (tag){NULL, type});
        for (int k = 0; k < r->n_tags && !types; k++)
            if (strcmp(r->tags[k].group, "type") != 0)
                add_tag(tags, &n, (tag){r->tags[k].group, r->tags[k].name});
    }
    qsort(tags, n, sizeof *tags, compare_tags);
    return n;
}

/* ---- numbers ---- */

static bool number_of(ask_eval_tagged *out, const scores_views *all, table_of which, tag t,
                      ask_error *err)
{
    for (size_t i = 0; i < all->n; i++) {
        const scores_view *v = &all->views[i];
        bool applies = counts(v, which) && has_tag(v, t.group, t.name);
        all->values[i] = applies ? v->mark.right : NAN;
    }
    out->group = ask_strdup(t.group ? t.group : "type", err);
    out->name = ask_strdup(t.name, err);
    return out->group && out->name && scores_number(&out->number, all, err);
}

/* *out and *n grow as they are made. */
static bool numbers_of(ask_eval_tagged **out, size_t *n, const scores_views *all,
                       table_of which, bool types, ask_error *err)
{
    tag tags[MOST_TAGS];
    size_t n_tags = find_tags(tags, all, which, types);
    *out = calloc(n_tags + 1, sizeof **out);
    if (!*out) return ask_fail_memory(err);
    for (size_t i = 0; i < n_tags; i++) {
        (*n)++;
        if (!number_of(&(*out)[i], all, which, tags[i], err)) return false;
    }
    return true;
}

bool scores_of_tags(ask_eval_table *out, const scores_views *all, ask_error *err)
{
    const bool choices = has_choices(all);
    const table_of which = choices ? CHOICES : OPEN_AND_COUNTS;
    if (!numbers_of(&out->by_type, &out->n_types, all, which, true, err) ||
        !numbers_of(&out->by_tag, &out->n_tags, all, which, false, err))
        return false;
    if (choices &&
        (!numbers_of(&out->open_by_type, &out->n_open_types, all, OPEN, true, err) ||
         !numbers_of(&out->open_by_tag, &out->n_open_tags, all, OPEN, false, err)))
        return false;
    double sum = 0;
    for (size_t i = 0; i < out->n_types; i++) sum += out->by_type[i].number.value;
    out->types_mean = out->n_types ? sum / (double)out->n_types : NAN;
    return true;
}
