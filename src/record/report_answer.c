/* The sections of a report that only an answer has. */
#include <inttypes.h>
#include <math.h>

#include "record/html_priv.h"
#include "record/report_priv.h"

typedef struct {
    const char *name, *meaning;
    bool good;
} worth_row;

static const worth_row worths[] = {
    [ASK_WORTH_OUTSIDE] = {"Outside what the model knows",
                           "The footage or the words are unlike all that the model was "
                           "calibrated on, so the answer is a guess.",
                           false},
    [ASK_WORTH_NOT_IN_VIDEO] = {"Not in this video",
                                "No option stands out of what chance reaches on these "
                                "frames.",
                                false},
    [ASK_WORTH_PRIOR_ONLY] = {"Answered without looking",
                              "A grey picture in place of the video gives the same answer "
                              "about as surely: the words gave it away.",
                              false},
    [ASK_WORTH_GROUNDED] = {"Grounded",
                            "The evidence alone gives the same answer, and without it the "
                            "answer is less sure than without as many other frames.",
                            true},
    [ASK_WORTH_WEAK] = {"Weak",
                        "The checks do not show that the answer rests on the evidence.",
                        false},
};

/* Of a memory, or in words. */
static const char DENIED[] =
    "By the answers of its own, the model rather says that there is "
    "no such thing.";

static const char REDUNDANT[] = "The evidence is enough, but not needed: other frames show "
                                "the same.";

static void put_paragraph(ask_str *out, const char *text)
{
    ask_str_append(out, "<p class=\"small\">");
    html_text(out, text);
    ask_str_append(out, "</p>\n");
}

bool report_has_shares(const ask_record *r)
{
    return r->answer && r->presence && !r->presence->level.known && !ask_record_in_words(r);
}

static bool is_redundant(const ask_record_verdict *v)
{
    return v->value == ASK_WORTH_WEAK && v->note;
}

static const char *meaning_of(const ask_record *r)
{
    const ask_record_verdict *v = r->verdict;
    if (is_redundant(v)) return REDUNDANT;
    bool denied = v->value == ASK_WORTH_NOT_IN_VIDEO &&
                  (report_has_shares(r) || ask_record_in_words(r));
    return denied ? DENIED : worths[v->value].meaning;
}

/* An answer that denies is seen nowhere, and another may be. */
static bool is_seen(const ask_record *r)
{
    if (r->n_moments == 0 || r->answer->denies.value) return false;
    return !r->moments[0].text || r->moments[0].score > 0;
}

/* The class of the whole: whether the answer stands, as far as is known. */
static const char *standing_of(const ask_record *r)
{
    const ask_record_verdict *v = r->verdict;
    if (!v && !r->presence && !r->answer->denies.known) return "open";
    bool good = v ? worths[v->value].good
                  : (!r->presence || r->presence->present) && !r->answer->denies.value;
    return good ? "yes" : "no";
}

static void put_choice(ask_str *out, const ask_record *r)
{
    ask_str_append(out, "<p><strong><bdi>");
    html_text(out, r->answer->text);
    ask_str_append(out, "</bdi></strong>, probability ");
    html_number(out, r->answer->confidence, 2);
    if (is_seen(r)) {
        ask_str_append(out, ", seen at ");
        html_span(out, r->moments[0].start_s, r->moments[0].end_s);
    }
    ask_str_append(out, "</p>\n");
}

void report_outcome(ask_str *out, const ask_record *r)
{
    const ask_record_verdict *v = r->verdict;
    ask_str_printf(out, "<div class=\"outcome %s\">", standing_of(r));
    if (ask_record_in_words(r))
        report_said(out, r->answer);
    else
        put_choice(out, r);
    if (!v) {
        const char *why = ask_record_note_of(r, "verdict");
        ask_str_append(out, "<p class=\"small\">No verdict: ");
        html_text(out, why ? why : "");
        ask_str_append(out, "</p></div>\n");
        return;
    }
    ask_str_printf(out, "<p><b>%s</b></p>\n", worths[v->value].name);
    put_paragraph(out, meaning_of(r));
    if (v->note && !is_redundant(v)) put_paragraph(out, v->note);
    ask_str_append(out, "</div>\n");
}

void report_options(ask_str *out, const ask_record *r)
{
    const ask_record_answer *a = r->answer;
    ask_str_append(out,
                   "<section aria-labelledby=\"options\">\n<h2 id=\"options\">Options"
                   "</h2>\n<div class=\"scroll\"><table class=\"options\">\n<tbody>\n");
    for (size_t i = 0; i < a->n_options; i++) {
        const ask_record_option *o = &a->options[i];
        ask_str_printf(out, "<tr%s><th scope=\"row\"><bdi>",
                       (int64_t)i == a->choice.value ? " class=\"chosen\"" : "");
        html_text(out, o->text);
        ask_str_printf(out,
                       "</bdi></th><td class=\"wide\"><svg class=\"bar\" role=\"img\" "
                       "aria-label=\"%.2f\"><rect width=\"100%%\" height=\"100%%\"/>"
                       "<rect class=\"part\" width=\"%.2f%%\" height=\"100%%\"/></svg>"
                       "</td><td class=\"n\">",
                       o->prob, 100 * o->prob);
        html_number(out, o->prob, 3);
        ask_str_append(out, "</td></tr>\n");
    }
    ask_str_append(out, "</tbody></table></div>\n</section>\n");
}

/* ---- checks ---- */

typedef struct {
    const char *name, *meaning, *path;
    const ask_record_trial *trial;
} check_row;

/* The answer that a check would give, or whether it would be the same words. */
static void put_what_it_gives(ask_str *out, const ask_record_answer *a,
                              const ask_record_trial *t)
{
    bool same = t->same.known ? t->same.value : t->answer.value == a->choice.value;
    ask_str_printf(out, "<td class=\"%s\">", same ? "same" : "other");
    if (t->same.known) {
        ask_str_append(out, same ? "the same words</td>" : "other words</td>");
        return;
    }
    ask_str_append(out, "<bdi>");
    html_text(out, a->options[t->answer.value].text);
    ask_str_append(out, "</bdi></td>");
}

static void put_check(ask_str *out, const ask_record *r, const check_row *row)
{
    ask_str_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"wide soft\"", row->name);
    if (!row->trial) {
        const char *why = ask_record_note_of(r, row->path);
        ask_str_append(out, " colspan=\"4\">not done: ");
        html_text(out, why ? why : "");
        ask_str_append(out, "</td></tr>\n");
        return;
    }
    ask_str_printf(out, ">%s</td>", row->meaning);
    put_what_it_gives(out, r->answer, row->trial);
    ask_str_append(out, "<td class=\"n\">");
    html_number(out, row->trial->s, 3);
    ask_str_append(out, "</td><td class=\"n\">");
    html_number(out, exp(row->trial->s), 3);
    ask_str_append(out, "</td></tr>\n");
}

static void put_limits(ask_str *out, const ask_record_verdict *v)
{
    ask_str_append(out, "<p class=\"small soft\">Thresholds of the model's calibration: "
                        "above a grey picture ");
    html_number(out, v->tau_prior, 2);
    ask_str_append(out, ", lost with the evidence alone ");
    html_number(out, v->tau_suff, 2);
    ask_str_append(out, ", lost without the evidence ");
    html_number(out, v->tau_nec, 2);
    ask_str_append(out, ", in log-probability.");
    if (v->distance.known && v->most_distance.known) {
        ask_str_append(out, " The footage lies at ");
        html_number(out, v->distance.value, 2);
        ask_str_append(out, "; up to ");
        html_number(out, v->most_distance.value, 2);
        ask_str_append(out, " is covered.");
    }
    ask_str_append(out, "</p>\n");
}

void report_checks(ask_str *out, const ask_record *r)
{
    const ask_record_checks *c = r->checks;
    bool is_told = r->answer && r->answer->n_tokens > 0; // by a language model
    const check_row rows[] = {
        {"full", "all frames", "checks.full", c->full},
        {"blind", is_told ? "no frames at all" : "a grey picture in place of the video",
         "checks.blind", c->blind},
        {"shuffled", "the frames in another order", "checks.shuffled", c->shuffled},
        {"evidence only", "the evidence and nothing else", "checks.evidence_only",
         c->evidence_only},
        {"evidence removed", "all frames but the evidence", "checks.evidence_removed",
         c->evidence_removed},
        {"random removed", "all frames but as many others", "checks.random_removed",
         c->random_removed},
    };
    ask_str_printf(
        out,
        "<section aria-labelledby=\"checks\">\n<h2 id=\"checks\">Checks</h2>"
        "\n<p class=\"small soft\">The same question, asked of other "
        "frames.%s</p>\n<div class=\"scroll\"><table class=\"small\">\n<thead>"
        "<tr><th scope=\"col\">check</th><th scope=\"col\">shown</th>"
        "<th scope=\"col\">answer</th><th scope=\"col\" class=\"n\">log p"
        "</th><th scope=\"col\" class=\"n\">p</th></tr></thead>\n<tbody>\n",
        ask_record_in_words(r)
            ? " Probabilities are of the words above, on the mean of their tokens."
            : "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) put_check(out, r, &rows[i]);
    ask_str_append(out, "</tbody></table></div>\n");
    if (r->verdict) put_limits(out, r->verdict);
    ask_str_append(out, "</section>\n");
}
