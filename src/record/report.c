#include "record/report.h"

#include <inttypes.h>
#include <string.h>

#include "record/html_priv.h"
#include "record/report_priv.h"

/* ---- small pieces ---- */

static void put_heading(ask_str *out, const char *id, const char *text)
{
    ask_str_printf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id,
                   text);
}

static void end_section(ask_str *out)
{
    ask_str_append(out, "</section>\n");
}

/* A row of a list of terms, up to its value. */
static void put_term(ask_str *out, const char *term)
{
    ask_str_append(out, "<dt>");
    html_text(out, term);
    ask_str_append(out, "</dt><dd>");
}

static void put_text_row(ask_str *out, const char *term, const char *text)
{
    put_term(out, term);
    html_text(out, text);
    ask_str_append(out, "</dd>\n");
}

static void put_format_row(ask_str *out, const char *term, const char *format, ...)
    ASK_PRINTF(3, 4);

/* The value is ours and needs no escaping. */
static void put_format_row(ask_str *out, const char *term, const char *format, ...)
{
    put_term(out, term);
    va_list args;
    va_start(args, format);
    ask_str_vprintf(out, format, args);
    va_end(args);
    ask_str_append(out, "</dd>\n");
}

static void put_count_row(ask_str *out, const char *term, ask_maybe_int n)
{
    if (n.known) put_format_row(out, term, "%" PRId64, n.value);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static const ask_report_picture *picture_of(const report *p, size_t frame)
{
    for (size_t i = 0; i < p->n_pictures; i++) {
        if (p->pictures[i].frame == frame) return &p->pictures[i];
    }
    return NULL;
}

/* ---- what came of it ---- */

static void put_video_line(ask_str *out, const ask_record_video *v)
{
    ask_str_append(out, "<p class=\"soft\">in <bdi>");
    html_text(out, v->path);
    ask_str_append(out, "</bdi>");
    if (v->duration_s.known) {
        ask_str_append(out, ", ");
        html_time(out, v->duration_s.value);
    }
    ask_str_printf(out, ", %" PRId64 " \xC3\x97 %" PRId64 " px</p>\n", v->width, v->height);
}

static size_t best_frame(const ask_record *r)
{
    size_t best = 0;
    for (size_t i = 1; i < r->n_frames; i++) {
        if (r->frames[i].score > r->frames[best].score) best = i;
    }
    return best;
}

static void put_found(ask_str *out, const ask_record *r)
{
    ask_str_append(out, "<div class=\"outcome yes\"><p><strong>Found</strong>");
    if (r->n_moments) {
        ask_str_append(out, ", best at ");
        html_time(out, r->moments[0].best_s);
    }
    ask_str_append(out, "</p>\n<p class=\"small\">Presence ");
    html_number(out, r->presence->score, 2);
    ask_str_append(out, " reaches the threshold, ");
    html_number(out, r->presence->threshold, 2);
    ask_str_append(out, ".</p></div>\n");
}

static void put_not_found(ask_str *out, const ask_record *r)
{
    ask_str_append(out,
                   "<div class=\"outcome no\"><p><strong>Not in this video</strong></p>\n"
                   "<p class=\"small\">Presence ");
    html_number(out, r->presence->score, 2);
    ask_str_append(out, " stays under the threshold, ");
    html_number(out, r->presence->threshold, 2);
    if (r->n_frames) {
        ask_str_append(out, "; it came nearest at ");
        html_time(out, r->frames[best_frame(r)].t_s);
    }
    ask_str_append(out, ".</p></div>\n");
}

static void put_warnings(ask_str *out, const ask_record *r)
{
    if (r->query->unknown_words)
        ask_str_printf(
            out,
            "<p class=\"warning\">A part of the text is unknown to the model, so "
            "the %s may mean little.</p>\n",
            ask_record_in_words(r) ? "answer" : "score");
    size_t n_damaged = 0;
    for (size_t i = 0; i < r->n_frames; i++) n_damaged += r->frames[i].damaged;
    if (n_damaged)
        ask_str_printf(
            out, "<p class=\"warning\">%zu of the frames %s damaged in the file.</p>\n",
            n_damaged, n_damaged == 1 ? "is" : "are");
}

static void put_head(ask_str *out, const ask_record *r)
{
    ask_str_append(out, "<header>\n<p class=\"kicker\">Evidence report</p>\n<h1><bdi>");
    html_text(out, r->query->text);
    ask_str_append(out, "</bdi></h1>\n");
    put_video_line(out, r->video);
    if (r->answer)
        report_outcome(out, r);
    else if (r->presence && r->presence->present)
        put_found(out, r);
    else if (r->presence)
        put_not_found(out, r);
    put_warnings(out, r);
    ask_str_append(out, "</header>\n<main>\n");
}

/* ---- where ---- */

static void put_threshold_source(ask_str *out, const ask_record_presence *p)
{
    ask_str_append(out, " Threshold: ");
    html_text(out, p->threshold_source);
    if (p->threshold_data) {
        ask_str_append(out, ", fitted on ");
        html_text(out, p->threshold_data);
    }
    if (p->threshold_n.known)
        ask_str_printf(out, " (n = %" PRId64 ")", p->threshold_n.value);
    ask_str_append_char(out, '.');
}

/* What a frame that was picked is. */
static const char *picked_word(const ask_record *r)
{
    return r->answer ? "evidence" : "best frame of a moment";
}

static void put_curve(ask_str *out, const ask_record *r)
{
    put_heading(out, "curve", "Relevance over time");
    report_chart(out, r);
    ask_str_printf(
        out,
        "<p class=\"keys small soft\"><span><i class=\"moment\"></i>moment</span>"
        "<span><i class=\"picked\"></i>%s</span>",
        picked_word(r));
    ask_str_append(
        out, "<span><i class=\"same\"></i>shows what an earlier frame shows</span></p>\n"
             "<p class=\"small soft\">");
    ask_str_append(
        out, report_has_shares(r)
                 ? "A frame's score is how much of the answer is seen there. Presence is "
                   "the logarithm of the odds that there is an answer at all, by the "
                   "model's own answers; under the threshold it is not in the video."
                 : "A score of 0 is the mean of random sentences on this video, and 1 is "
                   "their deviation. Presence is how far the best frame lies above the "
                   "mean of the best frames of those sentences, in deviations of these; "
                   "under the threshold the text is not in the video.");
    put_threshold_source(out, r->presence);
    ask_str_append(out, "</p>\n");
    end_section(out);
}

void report_frame_link(ask_str *out, const report *p, size_t frame)
{
    bool has_picture = picture_of(p, frame) != NULL;
    if (has_picture) ask_str_printf(out, "<a href=\"#frame-%zu\">", frame);
    html_time(out, p->record->frames[frame].t_s);
    if (has_picture) ask_str_append(out, "</a>");
}

/* The time of a moment's best frame. */
static void put_best(ask_str *out, const report *p, double t_s)
{
    size_t i = 0;
    while (i < p->record->n_frames && p->record->frames[i].t_s != t_s) i++;
    if (i < p->record->n_frames)
        report_frame_link(out, p, i);
    else
        html_time(out, t_s);
}

static bool has_texts(const ask_record *r)
{
    for (size_t i = 0; i < r->n_moments; i++)
        if (r->moments[i].text) return true;
    return false;
}

static void put_moments(ask_str *out, const report *p)
{
    const ask_record *r = p->record;
    if (r->n_moments == 0) return;
    if (has_texts(r)) {
        report_timeline(out, r);
        return;
    }
    bool present = !r->presence || r->presence->present;
    put_heading(out, "moments", present ? "Moments" : "Moments that came nearest");
    ask_str_append(out, "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">#</th>"
                        "<th scope=\"col\">from \xE2\x80\x93 to</th>"
                        "<th scope=\"col\">best frame</th>"
                        "<th scope=\"col\" class=\"n\">score</th>"
                        "<th scope=\"col\"></th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->n_moments; i++) {
        const ask_record_moment *m = &r->moments[i];
        ask_str_printf(out, "<tr><th scope=\"row\">%zu</th><td>", i + 1);
        html_span(out, m->start_s, m->end_s);
        ask_str_append(out, "</td><td>");
        put_best(out, p, m->best_s);
        ask_str_append(out, "</td><td class=\"n\">");
        html_number(out, m->score, 2);
        ask_str_append(out, "</td><td class=\"wide\">");
        if (m->repeats.known)
            ask_str_printf(out, "shows the same as %" PRId64, m->repeats.value + 1);
        ask_str_append(out, "</td></tr>\n");
    }
    ask_str_append(out, "</tbody></table></div>\n");
    end_section(out);
}

/* ---- the frames ---- */

/* Names the moment whose best frame has this time. */
static void put_moment_tag(ask_str *out, const ask_record *r, double t_s)
{
    size_t i = 0;
    while (i < r->n_moments && r->moments[i].best_s != t_s) i++;
    if (i < r->n_moments)
        ask_str_printf(out, "<br><span class=\"tag\">moment %zu</span>", i + 1);
}

/* What a frame counts for, in words: an answer in words has no score but attention. */
static void put_score(ask_str *out, const ask_record *r, size_t frame)
{
    const ask_maybe_real share = ask_record_frame_share(r, frame);
    if (share.known) {
        html_number(out, 100 * share.value, 1);
        ask_str_append(out, " % of attention");
    } else if (!ask_record_in_words(r)) {
        ask_str_append(out, "score ");
        html_number(out, r->frames[frame].score, 2);
    }
}

static void put_picture(ask_str *out, const ask_record *r, const ask_report_picture *p)
{
    const ask_record_frame *f = &r->frames[p->frame];
    ask_str_printf(out,
                   "<figure id=\"frame-%zu\"><img width=\"%d\" height=\"%d\" alt=\"The "
                   "frame at ",
                   p->frame, p->width, p->height);
    html_time(out, f->t_s);
    ask_str_append(out, "\" src=\"");
    html_png(out, p->png, p->n_bytes);
    ask_str_append(out, "\">\n<figcaption><b>");
    html_time(out, f->t_s);
    ask_str_append(out, "</b> ");
    put_score(out, r, p->frame);
    put_moment_tag(out, r, f->t_s);
    if (f->index.known) ask_str_printf(out, "<br>frame %" PRId64, f->index.value);
    if (f->damaged) ask_str_append(out, "<br>damaged in the file");
    ask_str_append(out, "</figcaption></figure>\n");
}

/* The same in a table. */
static void put_frame_number(ask_str *out, const ask_record *r, size_t frame)
{
    const ask_maybe_real share = ask_record_frame_share(r, frame);
    if (share.known)
        html_number(out, share.value, 3);
    else if (!ask_record_in_words(r))
        html_number(out, r->frames[frame].score, 2);
}

static void put_frame_row(ask_str *out, const ask_record *r, size_t i)
{
    const ask_record_frame *f = &r->frames[i];
    ask_str_append(out, "<tr><td>");
    html_time(out, f->t_s);
    ask_str_append(out, "</td><td class=\"n\">");
    put_frame_number(out, r, i);
    ask_str_append(out, "</td><td class=\"n\">");
    if (f->cosine.known) html_number(out, f->cosine.value, 4);
    ask_str_append(out, "</td><td class=\"n\">");
    if (f->index.known) ask_str_printf(out, "%" PRId64, f->index.value);
    ask_str_append(out, "</td><td>");
    if (f->role != ASK_ROLE_ANCHOR) ask_str_printf(out, "%s ", picked_word(r));
    if (f->duplicate_of.known) {
        ask_str_append(out, "shows the same as ");
        html_time(out, r->frames[f->duplicate_of.value].t_s);
    }
    if (f->damaged) ask_str_append(out, " damaged");
    ask_str_append(out, "</td></tr>\n");
}

static void put_frames(ask_str *out, const report *p)
{
    const ask_record *r = p->record;
    put_heading(out, "frames", "Frames");
    if (p->n_pictures) ask_str_append(out, "<div class=\"frames\">\n");
    for (size_t i = 0; i < p->n_pictures; i++) put_picture(out, r, &p->pictures[i]);
    if (p->n_pictures) ask_str_append(out, "</div>\n");
    ask_str_printf(out, "<details><summary>All %zu frame%s that %s looked at</summary>\n",
                   r->n_frames, plural(r->n_frames), r->n_frames == 1 ? "was" : "were");
    ask_str_append(out, "<div class=\"scroll\"><table class=\"small\">\n<thead><tr>"
                        "<th scope=\"col\">time</th><th scope=\"col\" class=\"n\">");
    ask_str_append(out, ask_record_in_words(r) ? "share" : "score");
    ask_str_append(out, "</th><th scope=\"col\" class=\"n\">cosine</th>"
                        "<th scope=\"col\" class=\"n\">frame</th><th scope=\"col\"></th>"
                        "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->n_frames; i++) put_frame_row(out, r, i);
    ask_str_append(out, "</tbody></table></div></details>\n");
    end_section(out);
}

/* A frame, and beside it where in it the answer is seen. */
static void put_seen(ask_str *out, const ask_record *r, const ask_report_picture *p)
{
    double t_s = r->frames[p->frame].t_s;
    const void *images[] = {p->png, p->heat};
    const size_t sizes[] = {p->n_bytes, p->n_heat_bytes};
    static const char *const names[] = {"The frame at ", "What speaks for the answer at "};
    ask_str_append(out, "<figure class=\"pair\"><div>");
    for (int i = 0; i < 2; i++) {
        ask_str_printf(out, "<img width=\"%d\" height=\"%d\" alt=\"%s", p->width, p->height,
                       names[i]);
        html_time(out, t_s);
        ask_str_append(out, "\" src=\"");
        html_png(out, images[i], sizes[i]);
        ask_str_append(out, "\">");
    }
    ask_str_append(out, "</div>\n<figcaption><b>");
    html_time(out, t_s);
    ask_str_append(out, "</b> ");
    put_score(out, r, p->frame);
    ask_str_append(out, "</figcaption></figure>\n");
}

static void put_saliency(ask_str *out, const report *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_pictures; i++) n += p->pictures[i].heat != NULL;
    if (n == 0) return;
    put_heading(out, "saliency", "Where it is seen");
    ask_str_append(out, "<div class=\"pairs\">\n");
    for (size_t i = 0; i < p->n_pictures; i++)
        if (p->pictures[i].heat) put_seen(out, p->record, &p->pictures[i]);
    ask_str_append(out, "</div>\n");
    if (p->record->n_saliency) {
        ask_str_append(out, "<p class=\"small soft\">Bright is what ");
        bool is_told = p->record->answer && p->record->answer->n_tokens > 0;
        ask_str_append(out, is_told                        ? "the model looked at: "
                            : report_has_shares(p->record) ? "the answer is seen in: "
                                                           : "raises the answer's score: ");
        html_text(out, p->record->saliency[0].method);
        ask_str_append(out, ", ");
        html_text(out, p->record->saliency[0].layer);
        ask_str_append(out, ".</p>\n");
    }
    end_section(out);
}

/* ---- how ---- */

static void put_plan(ask_str *out, const ask_record_plan *p)
{
    const ask_record_sampling *s = &p->resolved;
    put_heading(out, "plan", "Plan");
    ask_str_append(out, "<dl>\n");
    put_format_row(out, "frames", "%" PRId64 ", %.4g a second", s->n_frames, s->fps);
    put_text_row(out, "picked", p->strategy);
    put_text_row(out, "shown", p->mode);
    put_term(out, "window");
    html_span(out, s->start_s, s->end_s);
    ask_str_append(out, "</dd>\n");
    if (p->why_changed) put_text_row(out, "changed", p->why_changed);
    put_format_row(out, "texts", "%" PRId64 " tokens", p->tokens);
    put_count_row(out, "frames as tokens", p->visual_tokens);
    put_count_row(out, "most tokens of the answer", p->answer_tokens);
    put_count_row(out, "room for tokens", p->context);
    put_format_row(out, "work", "%" PRId64 " images, %.4g GFLOP", p->work.images,
                   p->work.gflop);
    if (p->expected_s.known)
        put_format_row(out, "expected time", "%.2f s", p->expected_s.value);
    if (p->peak_mib.known)
        put_format_row(out, "expected memory", "%.0f MiB", p->peak_mib.value);
    ask_str_append(out, "</dl>\n");
    end_section(out);
}

/* All that a language model was given to read. */
static void put_prompt(ask_str *out, const char *prompt)
{
    put_heading(out, "prompt", "Prompt");
    ask_str_append(out, "<details><summary>The whole text that the model read</summary>\n"
                        "<pre tabindex=\"0\" aria-label=\"prompt\">");
    html_text(out, prompt);
    ask_str_append(out, "</pre></details>\n");
    end_section(out);
}

static void put_cost(ask_str *out, const ask_record_cost *c)
{
    put_heading(out, "cost", "Cost");
    ask_str_append(out, "<dl>\n");
    put_format_row(out, "decoding", "%.3f s", c->decode_s);
    put_format_row(out, "encoding", "%.3f s", c->encode_s);
    put_format_row(out, "answering", "%.3f s", c->answer_s);
    if (c->peak_mib.known) put_format_row(out, "memory", "%.0f MiB", c->peak_mib.value);
    put_format_row(out, "cache hits", "%" PRId64, c->cache_hits);
    put_count_row(out, "tokens read", c->prompt_tokens);
    put_count_row(out, "of these read before", c->reused_tokens);
    if (c->first_token_s.known)
        put_format_row(out, "first token", "%.3f s", c->first_token_s.value);
    if (c->tokens_per_s.known)
        put_format_row(out, "speed", "%.2f tokens a second", c->tokens_per_s.value);
    ask_str_append(out, "</dl>\n");
    end_section(out);
}

/* The command line, to be pasted into a shell. */
static void put_command(ask_str *out, const ask_record_texts *argv)
{
    ask_str line = {0};
    for (size_t i = 0; i < argv->n; i++) {
        if (i) ask_str_append_char(&line, ' ');
        html_shell_word(&line, argv->items[i]);
    }
    ask_str_append(out, "<pre tabindex=\"0\" aria-label=\"command line\">");
    html_text(out, ask_str_text(&line));
    ask_str_append(out, "</pre>\n");
    out->failed |= line.failed;
    ask_str_free(&line);
}

static void put_reproduce(ask_str *out, const ask_record *r)
{
    const ask_record_reproduce *how = r->reproduce;
    put_heading(out, "reproduce", "To make it again");
    put_command(out, &how->argv);
    const char *note = ask_record_note_of(r, "reproduce.argv");
    if (note) {
        ask_str_append(out, "<p class=\"small\">");
        html_text(out, note);
        ask_str_append(out, "</p>\n");
    }
    ask_str_append(out, "<dl>\n");
    put_text_row(out, "askance", how->version);
    put_text_row(out, "build", how->build);
    put_text_row(out, "model", how->model.dir);
    put_text_row(out, "network", how->model.network);
    put_text_row(out, "model id", how->model.id);
    put_text_row(out, "video id, quick", r->video->id.quick);
    if (r->video->id.sha256) put_text_row(out, "video SHA-256", r->video->id.sha256);
    if (how->seed.known) put_format_row(out, "seed", "%" PRId64, how->seed.value);
    put_format_row(out, "threads", "%" PRId64, how->threads);
    put_text_row(out, "instruction set", how->isa);
    put_text_row(out, "computed by", how->backend);
    put_text_row(out, "numbers", how->dtype);
    for (size_t i = 0; i < how->generation.n; i++)
        put_text_row(out, how->generation.items[i].name, how->generation.items[i].text);
    for (size_t i = 0; i < how->libraries.n; i++)
        put_text_row(out, how->libraries.items[i].name, how->libraries.items[i].text);
    ask_str_append(out, "</dl>\n");
    end_section(out);
}

static void put_notes(ask_str *out, const ask_record_pairs *notes)
{
    if (notes->n == 0) return;
    put_heading(out, "notes", "Notes");
    ask_str_append(out, "<dl>\n");
    for (size_t i = 0; i < notes->n; i++)
        put_text_row(out, notes->items[i].name, notes->items[i].text);
    ask_str_append(out, "</dl>\n");
    end_section(out);
}

/* ---- the page ---- */

static void put_page(ask_str *out, const report *p)
{
    const ask_record *r = p->record;
    ask_str_append(out,
                   "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                   "'none'; img-src data:; style-src 'unsafe-inline'\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, "
                   "initial-scale=1\">\n<meta name=\"generator\" content=\"askance ");
    html_text(out, r->reproduce->version);
    ask_str_append(out, "\">\n<title>");
    html_text(out, r->query->text);
    ask_str_append(out, "</title>\n<style>\n");
    ask_str_append(out, report_style);
    ask_str_append(out, "</style>\n</head>\n<body>\n");
    put_head(out, r);
    bool in_words = ask_record_in_words(r);
    if (in_words)
        report_attention(out, p);
    else if (r->answer)
        report_options(out, r);
    put_saliency(out, p);
    if (r->frames && r->presence && !in_words) put_curve(out, r);
    put_moments(out, p);
    if (r->answer && r->checks) report_checks(out, r);
    if (r->subtitles) report_subtitles(out, r->subtitles);
    if (r->frames) put_frames(out, p);
    put_plan(out, r->plan);
    if (r->query->prompt) put_prompt(out, r->query->prompt);
    if (r->cost) put_cost(out, r->cost);
    put_reproduce(out, r);
    put_notes(out, &r->notes);
    ask_str_append(out, "</main>\n</body>\n</html>\n");
}

bool ask_report_html(ask_str *out, const ask_record *r, const ask_report_picture *pictures,
                     size_t n_pictures, ask_error *err)
{
    const report p = {r, pictures, n_pictures};
    for (size_t i = 0; i < n_pictures; i++) {
        if (pictures[i].frame >= r->n_frames)
            return ask_fail(err, ASK_ERR_BUG, "picture %zu is of no frame", i);
    }
    if (!ask_record_check(r, "record", err)) {
        if (err && err->code == ASK_ERR_FORMAT) err->code = ASK_ERR_BUG;
        return false;
    }
    ask_str page = {0};
    put_page(&page, &p);
    if (!page.failed) ask_str_append_bytes(out, page.data, page.length);
    bool ok = !page.failed && !out->failed;
    ask_str_free(&page);
    return ok || ask_fail_memory(err);
}
