/* The sections of a report that only an answer in words has. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "record/html_priv.h"
#include "record/report_priv.h"

/* ---- what was said ---- */

/* Why the words end, for people; the record's own word where it is another. */
static const char *end_of(const char *ended_by)
{
    static const char *const rows[][2] = {
        {"end", "ended by itself"},
        {"stop", "ended at a text that was asked to end it"},
        {"length", "cut off: as long as was allowed"},
        {"context", "cut off: there was no more room"},
        {"caller", "cut off by the caller"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i][0], ended_by) == 0) return rows[i][1];
    }
    return ended_by;
}

void report_said(ask_str *out, const ask_record_answer *a)
{
    ask_str_append(out, "<p class=\"words\"><bdi>");
    html_text(out, *a->text ? a->text : "(no words)");
    ask_str_append(out,
                   "</bdi></p>\n<p class=\"small soft\">In the model's own words, mean "
                   "probability of a token ");
    html_number(out, a->confidence, 2);
    if (a->n_tokens) ask_str_printf(out, ", %zu tokens", a->n_tokens);
    if (a->ended_by) {
        ask_str_append(out, ", ");
        html_text(out, end_of(a->ended_by));
    }
    ask_str_append(out, ".</p>\n");
}

/* ---- where it looked ---- */

static void put_percent(ask_str *out, double share, int n_decimals)
{
    html_number(out, 100 * share, n_decimals);
}

static double greatest_mean(const ask_record *r)
{
    double most = 0;
    for (size_t i = 0; i < r->n_frames; i++)
        most = fmax(most, ask_record_frame_share(r, i).value);
    return most;
}

static void put_share_row(ask_str *out, const report *p, size_t i, double most)
{
    const ask_record_frame *f = &p->record->frames[i];
    double share = ask_record_frame_share(p->record, i).value;
    double part = most > 0 ? share / most : 0;
    ask_str_printf(out, "<tr%s><th scope=\"row\">",
                   f->role == ASK_ROLE_ANCHOR ? "" : " class=\"chosen\"");
    report_frame_link(out, p, i);
    ask_str_printf(out,
                   "</th><td class=\"wide\"><svg class=\"bar\" role=\"img\" "
                   "aria-label=\"%.1f %%\"><rect width=\"100%%\" height=\"100%%\"/>"
                   "<rect class=\"part\" width=\"%.2f%%\" height=\"100%%\"/></svg></td>"
                   "<td class=\"n\">",
                   100 * share, 100 * part);
    put_percent(out, share, 1);
    ask_str_append(out, " %</td></tr>\n");
}

static void put_shares(ask_str *out, const report *p)
{
    double most = greatest_mean(p->record);
    ask_str_append(out, "<div class=\"scroll\"><table class=\"options small\">\n<tbody>\n");
    for (size_t i = 0; i < p->record->n_frames; i++) put_share_row(out, p, i, most);
    ask_str_append(out,
                   "<tr><th scope=\"row\">text</th><td class=\"wide soft\">the question "
                   "and all else that is no frame</td><td class=\"n\">");
    put_percent(out, ask_record_text_share(p->record).value, 1);
    ask_str_append(out,
                   " %</td></tr>\n</tbody></table></div>\n<p class=\"small soft\">How much "
                   "of its attention the model had where, on the mean of all tokens that "
                   "it said. The longest bar is the frame that had most; those of the "
                   "evidence are blue. What was looked at need not have mattered: only "
                   "checks can tell.</p>\n");
}

/* ---- token by token ---- */

static double greatest_share(const ask_record_answer *a)
{
    double most = 0;
    for (size_t i = 0; i < a->n_tokens; i++) {
        const ask_record_reals *shares = &a->tokens[i].frames;
        for (size_t k = 0; k < shares->n; k++) most = fmax(most, shares->items[k]);
    }
    return most;
}

/* A token as one line: the breaks in it are drawn. */
static void put_token_text(ask_str *out, const char *text)
{
    for (const char *at = text; *at;) {
        if (*at == '\n') {
            ask_str_append(out, "\xE2\x86\xB5");
            at++;
            continue;
        }
        ask_str line = {0};
        size_t n = strcspn(at, "\n");
        ask_str_append_bytes(&line, at, n);
        html_text(out, ask_str_text(&line));
        out->failed |= line.failed;
        ask_str_free(&line);
        at += n;
    }
}

/* A share of the greatest there is as a shade, and as a number where it is not near 0. The
 * number stays readable on the darkest shade. */
static void put_cell(ask_str *out, const char *kind, double share, double most)
{
    static const double DARKEST = 0.45, LEAST_SHARE = 0.005;
    double shade = most > 0 ? DARKEST * share / most : 0;
    ask_str_printf(out, "<td%s style=\"--a:%.2f\">", kind, shade);
    if (share >= LEAST_SHARE) put_percent(out, share, 0);
    ask_str_append(out, "</td>");
}

static void put_token(ask_str *out, const ask_record_token *t, size_t n_frames, double most)
{
    ask_str_append(out, "<tr><th scope=\"row\"><bdi>");
    put_token_text(out, t->text);
    ask_str_append(out, "</bdi></th><td class=\"p\">");
    html_number(out, exp(t->logprob), 2);
    ask_str_append(out, "</td>");
    if (t->text_share.known) {
        put_cell(out, " class=\"else\"", t->text_share.value, 1);
        for (size_t i = 0; i < t->frames.n; i++)
            put_cell(out, "", t->frames.items[i], most);
    } else {
        ask_str_printf(out, "<td class=\"soft\" colspan=\"%zu\">not read</td>",
                       n_frames + 1);
    }
    ask_str_append(out, "</tr>\n");
}

static void put_tokens(ask_str *out, const report *p)
{
    const ask_record *r = p->record;
    const ask_record_answer *a = r->answer;
    double most = greatest_share(a);
    ask_str_append(out,
                   "<h3>Token by token</h3>\n<div class=\"scroll tall\" tabindex=\"0\" "
                   "role=\"region\" aria-label=\"tokens and frames\"><table "
                   "class=\"tokens\">\n<thead><tr><th scope=\"col\">token</th>"
                   "<th scope=\"col\">p</th><th scope=\"col\">text</th>");
    for (size_t i = 0; i < r->n_frames; i++) {
        ask_str_append(out, "<th scope=\"col\" class=\"t\">");
        report_frame_link(out, p, i);
        ask_str_append(out, "</th>");
    }
    ask_str_append(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < a->n_tokens; i++)
        put_token(out, &a->tokens[i], r->n_frames, most);
    ask_str_append(out,
                   "</tbody></table></div>\n<p class=\"small soft\">A row is a token with "
                   "its probability, a column a frame by its time; a cell is the share, in "
                   "percent, of the attention with which the token was said. Frames are "
                   "shaded by the greatest share of any, the text by the whole; under half "
                   "a percent a cell is empty.</p>\n");
}

/* Without attention there is still what the tokens were, each with its probability. */
static void put_bare_tokens(ask_str *out, const ask_record *r)
{
    const char *why = ask_record_note_of(r, "answer.tokens.frames");
    ask_str_append(out, "<p class=\"small\">Where the model looked was not read: ");
    html_text(out, why ? why : "");
    ask_str_append(out, "</p>\n<p class=\"small bare\">");
    for (size_t i = 0; i < r->answer->n_tokens; i++) {
        ask_str_append(out, "<span><bdi>");
        put_token_text(out, r->answer->tokens[i].text);
        ask_str_append(out, "</bdi> <i>");
        html_number(out, exp(r->answer->tokens[i].logprob), 2);
        ask_str_append(out, "</i></span> ");
    }
    ask_str_append(out, "</p>\n");
}

void report_attention(ask_str *out, const report *p)
{
    const ask_record *r = p->record;
    if (r->answer->n_tokens == 0) return;
    ask_str_append(out, "<section aria-labelledby=\"words\">\n<h2 id=\"words\">Words and "
                        "frames</h2>\n");
    if (ask_record_text_share(r).known) {
        put_shares(out, p);
        put_tokens(out, p);
    } else {
        put_bare_tokens(out, r);
    }
    ask_str_append(out, "</section>\n");
}

/* ---- what was said in the video ---- */

enum { MOST_OPEN_CUES = 12 };

static void put_cue(ask_str *out, const ask_record_cue *cue)
{
    ask_str_append(out, "<tr><td>");
    html_span(out, cue->start_s, cue->end_s);
    ask_str_append(out, "</td><td class=\"wide\"><bdi>");
    html_text(out, cue->text);
    ask_str_append(out, "</bdi></td></tr>\n");
}

void report_subtitles(ask_str *out, const ask_record_subtitles *s)
{
    ask_str_append(out, "<section aria-labelledby=\"subtitles\">\n<h2 id=\"subtitles\">"
                        "Subtitles</h2>\n<p class=\"small soft\">Of <bdi>");
    html_text(out, s->source);
    ask_str_printf(out, "</bdi>; the model read %zu with the question", s->n_cues);
    if (s->left_out.known && s->left_out.value > 0)
        ask_str_printf(out, ", and for %" PRId64 " there was no room", s->left_out.value);
    ask_str_append(out, ".</p>\n");
    if (s->n_cues) {
        ask_str_printf(out,
                       "<details%s><summary>What is said when</summary>\n"
                       "<div class=\"scroll\"><table class=\"small\">\n<tbody>\n",
                       s->n_cues <= MOST_OPEN_CUES ? " open" : "");
        for (size_t i = 0; i < s->n_cues; i++) put_cue(out, &s->cues[i]);
        ask_str_append(out, "</tbody></table></div></details>\n");
    }
    ask_str_append(out, "</section>\n");
}
