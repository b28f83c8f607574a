#include "cli/world_audit.h"

#include <math.h>

static bool is_full(const ask_audit *a)
{
    return a->families[ASK_FAMILY_NONE].n == 0;
}

static int n_types(const ask_audit *a)
{
    return is_full(a) ? (int)ASK_N_QUESTION_TYPES : (int)ASK_N_SIMPLE_QUESTION_TYPES;
}

/* Simple worlds ask of types that full ones do not, and the other way around. */
static bool has_type(const ask_audit *a, int type)
{
    return type < n_types(a) && !(is_full(a) && type == ASK_QUESTION_ABSENT);
}

/* ---- as text ---- */

/* A share with two digits, or a dash. */
static void text_share(ask_str *out, double share)
{
    if (isnan(share))
        ask_str_append(out, "      -");
    else
        ask_str_printf(out, "%7.2f", share);
}

static void text_row(ask_str *out, const char *name, const ask_audit_row *r)
{
    ask_str_printf(out, "%-11s %6lld", name, (long long)r->n);
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        text_share(out, (double)r->at_place[i] / (double)r->n);
    text_share(out, r->blind);
    text_share(out, r->majority);
    text_share(out, r->histogram);
    text_share(out, r->random_frame);
    text_share(out, r->learned_frame);
    text_share(out, r->best_frame);
    text_share(out, r->best_right);
    text_share(out, r->moment_median);
    text_share(out, (double)r->n_judged / (double)r->n);
    ask_str_append_char(out, '\n');
}

static void text_head(ask_str *out, const char *what)
{
    ask_str_printf(out,
                   "\n                   right option at place      right answers by\n"
                   "%-11s      n      1      2      3      4  blind  major colors  frame"
                   " learnt   best  right moment judged\n",
                   what);
}

void cli_audit_text(ask_str *out, const ask_audit *a, const char *sheet)
{
    text_head(out, "type");
    for (int type = 0; type < n_types(a); type++)
        if (has_type(a, type))
            text_row(out, ask_question_type_name((ask_question_type)type), &a->types[type]);
    if (is_full(a)) text_head(out, "family");
    for (int f = ASK_FAMILY_NONE + 1; is_full(a) && f < ASK_N_FAMILIES; f++)
        text_row(out, ask_family_of((ask_family)f).name, &a->families[f]);
    ask_str_printf(
        out,
        "\nblind: from words alone; major: the commonest answer; colors: the most alike "
        "clip;\nframe: one random frame, by reason; learnt: the same, by experience; best: "
        "how likely\nthe best frame makes the right one; right: how often it is then "
        "chosen; moment: median\nshare of the clip; judged: share of questions whose "
        "moment is at most %d %% of it.\nChance is 0.25.\ncontact sheet: %s\n",
        ASK_MOMENT_JUDGED_PERCENT, sheet);
}

/* ---- as JSON: docs/formats.md ---- */

static void json_share(ask_json_writer *w, const char *key, double share)
{
    if (!isnan(share)) ask_json_put_double(w, key, share);
}

static void json_row(ask_json_writer *w, const char *key, const char *name,
                     const ask_audit_row *r)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, key, name);
    ask_json_put_int(w, "n", r->n);
    ask_json_open_array(w, "at_place");
    for (int i = 0; i < ASK_N_OPTIONS; i++) ask_json_put_int(w, NULL, r->at_place[i]);
    ask_json_close(w);
    json_share(w, "blind", r->blind);
    json_share(w, "majority", r->majority);
    json_share(w, "histogram", r->histogram);
    json_share(w, "random_frame", r->random_frame);
    json_share(w, "learned_frame", r->learned_frame);
    json_share(w, "best_frame", r->best_frame);
    json_share(w, "best_right", r->best_right);
    ask_json_put_int(w, "n_judged", r->n_judged);
    json_share(w, "moment_median", r->moment_median);
    ask_json_close(w);
}

void cli_audit_json(ask_json_writer *w, const ask_audit *a, const char *sheet)
{
    ask_json_open_object(w, "audit");
    ask_json_put_string(w, "schema", "askance.world.audit/1");
    ask_json_put_int(w, "n_clips", a->n_clips);
    ask_json_put_string(w, "contact_sheet", sheet);
    ask_json_open_array(w, "types");
    for (int type = 0; type < n_types(a); type++)
        if (has_type(a, type))
            json_row(w, "type", ask_question_type_name((ask_question_type)type),
                     &a->types[type]);
    ask_json_close(w);
    ask_json_open_array(w, "families");
    for (int f = ASK_FAMILY_NONE + 1; is_full(a) && f < ASK_N_FAMILIES; f++)
        json_row(w, "family", ask_family_of((ask_family)f).name, &a->families[f]);
    ask_json_close(w);
    ask_json_close(w);
}
