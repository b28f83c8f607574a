#include "cli/against_text.h"

#include <math.h>
#include <string.h>

#include "base/json_write.h"

static const char *reference_name(ask_dtype type)
{
    return type == ASK_Q8 ? "Q8_0" : "Q4_0";
}

/* ---- as text ---- */

static int name_width(const ask_verify_against_report *r)
{
    size_t width = strlen("all judged");
    for (int i = 0; i < r->n_matrices; i++)
        if (strlen(r->matrices[i].name) > width) width = strlen(r->matrices[i].name);
    for (int i = 0; i < r->n_layers; i++)
        if (strlen(r->layers[i].name) > width) width = strlen(r->layers[i].name);
    return (int)width;
}

static void text_error(ask_str *out, ask_verify_error e)
{
    ask_str_printf(out, "  %8.5f %8.5f %6.3f", e.ours, e.reference, ask_verify_ratio(e));
}

static void text_row(ask_str *out, const ask_verify_matrix *m, int width)
{
    ask_str_printf(out, "%-*s  %s %5.2f %5.2f", width, m->name, ask_dtype_name(m->type),
                   m->bits.ours, m->bits.reference);
    text_error(out, m->weights);
    text_error(out, m->products);
    text_error(out, m->outliers);
    if (m->has_more_bits) ask_str_append(out, m->judged ? "  +" : "  ++");
    ask_str_append_char(out, '\n');
}

static void text_layers(ask_str *out, const ask_verify_against_report *r, int width)
{
    if (r->n_layers == 0) return;
    ask_str_printf(out, "\n%-*s  %8s  %8s %8s %6s\n", width, "layer", "error", "weights",
                   "ref", "ratio");
    for (int i = 0; i < r->n_layers; i++) {
        ask_str_printf(out, "%-*s  %8.5f", width, r->layers[i].name, r->layers[i].error);
        text_error(out, r->layers[i].weights);
        ask_str_append_char(out, '\n');
    }
    ask_str_append_char(out, '\n');
}

/* What the matrices come to, and how many have more bits than what they are held against.
 */
static void text_summary(ask_str *out, const ask_verify_against_report *r)
{
    const char *reference = reference_name(r->matrices[0].type);
    ask_str_printf(out, "%s: %d of %d matrices judged beside %s: ", r->network, r->n_judged,
                   r->n_matrices, reference);
    if (r->n_judged == 0)
        ask_str_append(out, "NOT JUDGED");
    else
        ask_str_printf(out,
                       "%s; their products %.3f times as far off on average, %.3f at "
                       "worst",
                       r->passed ? "ok" : "WORSE", r->mean_ratio, r->worst_ratio);
    if (r->n_more_bits > 0)
        ask_str_printf(out,
                       "; %d have more bits (+), %d of them too many to be judged (++)",
                       r->n_more_bits, r->n_matrices - r->n_judged);
    ask_str_append_char(out, '\n');
}

void cli_against_text(ask_str *out, const void *what)
{
    const ask_verify_against_report *r = &((const cli_against *)what)->report;
    int width = name_width(r);
    const ask_verify_matrix all = {.name = "all judged",
                                   .type = r->matrices[0].type,
                                   .bits = r->bits,
                                   .weights = r->weights,
                                   .products = r->products,
                                   .outliers = r->outliers};
    ask_str_printf(out, "%-*s     %5s %5s  %8s %8s %6s  %8s %8s %6s  %8s %8s %6s\n", width,
                   "matrix", "bits", "ref", "weights", "ref", "ratio", "products", "ref",
                   "ratio", "outliers", "ref", "ratio");
    for (int i = 0; i < r->n_matrices; i++) text_row(out, &r->matrices[i], width);
    if (r->n_judged > 0) text_row(out, &all, width);
    text_layers(out, r, width);
    text_summary(out, r);
}

/* ---- as JSON ---- */

/* JSON has no numbers that are not finite: they are left out. */
static void put_real(ask_json_writer *w, const char *name, double value)
{
    if (isfinite(value)) ask_json_put_double(w, name, value);
}

static void json_error(ask_json_writer *w, const char *name, ask_verify_error e)
{
    ask_json_open_object(w, name);
    put_real(w, "ours", e.ours);
    put_real(w, "reference", e.reference);
    put_real(w, "ratio", ask_verify_ratio(e));
    ask_json_close(w);
}

static void json_matrix(ask_json_writer *w, const ask_verify_matrix *m)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "name", m->name);
    ask_json_put_string(w, "type", ask_dtype_name(m->type));
    ask_json_put_string(w, "reference", reference_name(m->type));
    ask_json_put_int(w, "rows", m->n);
    ask_json_put_int(w, "columns", m->k);
    json_error(w, "bits", m->bits);
    ask_json_put_bool(w, "has_more_bits", m->has_more_bits);
    ask_json_put_bool(w, "judged", m->judged);
    json_error(w, "weights", m->weights);
    json_error(w, "products", m->products);
    json_error(w, "outliers", m->outliers);
    ask_json_close(w);
}

void cli_against_json(ask_str *out, const void *what)
{
    const cli_against *a = what;
    const ask_verify_against_report *r = &a->report;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.model.verify_against/1");
    ask_json_put_string(&w, "dir", a->dir);
    ask_json_put_string(&w, "against", a->against);
    ask_json_put_string(&w, "network", r->network);
    ask_json_put_bool(&w, "passed", r->passed);
    ask_json_put_int(&w, "n_matrices", r->n_matrices);
    ask_json_put_int(&w, "n_more_bits", r->n_more_bits);
    ask_json_put_int(&w, "n_judged", r->n_judged);
    json_error(&w, "bits", r->bits);
    json_error(&w, "weights", r->weights);
    json_error(&w, "products", r->products);
    json_error(&w, "outliers", r->outliers);
    put_real(&w, "worst_ratio", r->worst_ratio);
    put_real(&w, "mean_ratio", r->mean_ratio);
    ask_json_open_array(&w, "matrices");
    for (int i = 0; i < r->n_matrices; i++) json_matrix(&w, &r->matrices[i]);
    ask_json_close(&w);
    ask_json_open_array(&w, "layers");
    for (int i = 0; i < r->n_layers; i++) {
        ask_json_open_object(&w, NULL);
        ask_json_put_string(&w, "name", r->layers[i].name);
        put_real(&w, "error", r->layers[i].error);
        json_error(&w, "weights", r->layers[i].weights);
        ask_json_close(&w);
    }
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}
