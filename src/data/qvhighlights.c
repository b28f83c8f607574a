/* qvhighlights.c - QVHighlights: JSON lines, a query and its moments on each.
 *
 * After: Lei et al. 2021 (QVHighlights, Moment-DETR). Test files hide the moments. */
#include "data/reader_priv.h"

enum { N_ANNOTATORS = 3, BEST_SCORE = 4 };

static const double CLIP_S = 2;

static bool read_windows(data_build *b, ask_data_record *r, ask_json_value v,
                         ask_error *err)
{
    if (ask_json_type_of(ask_json_member(v, "relevant_windows")) == ASK_JSON_ABSENT)
        return data_answer_hidden(b, r, err);
    if (!data_get_spans(b, &r->windows, &r->n_windows, v, "relevant_windows", err))
        return false;
    for (int i = 0; i < r->n_windows; i++)
        if (!data_check_span(b, r, r->windows[i], r->video_s, "window", err)) return false;
    return true;
}

static bool read_scores(ask_data_saliency *out, ask_json_value v, ask_error *err)
{
    ask_json_value scores;
    if (!ask_json_get_array(&scores, v, NULL, err)) return false;
    if (ask_json_count(scores) != N_ANNOTATORS)
        return ask_json_fail(scores, err, "expected %d scores, got %zu", N_ANNOTATORS,
                             ask_json_count(scores));
    for (size_t i = 0; i < N_ANNOTATORS; i++) {
        int64_t score;
        if (!ask_json_get_int(&score, ask_json_item(scores, i), NULL, 0, BEST_SCORE, err))
            return false;
        out->scores[i] = (int)score;
    }
    return true;
}

/* Clips and scores are two lists of one length; where they are not, those that have a
 * partner are read and the rest is noticed. */
static bool read_saliency(data_build *b, ask_data_record *r, ask_json_value v,
                          ask_error *err)
{
    ask_json_value clips = ask_json_member(v, "relevant_clip_ids");
    ask_json_value scores = ask_json_member(v, "saliency_scores");
    if (!ask_json_type_of(clips) && !ask_json_type_of(scores)) return true;
    if (!ask_json_get_array(&clips, v, "relevant_clip_ids", err) ||
        !ask_json_get_array(&scores, v, "saliency_scores", err))
        return false;
    size_t n_clips = ask_json_count(clips), n_scores = ask_json_count(scores);
    size_t n = n_clips < n_scores ? n_clips : n_scores;
    if (n > INT32_MAX) return ask_json_fail(clips, err, "too many clips");
    if (n_clips != n_scores &&
        !data_notice_at(b, ASK_DATA_MISMATCH, r, err,
                        "%zu relevant_clip_ids, but %zu saliency_scores", n_clips,
                        n_scores))
        return false;
    ask_data_saliency *saliency = data_array(b, n, sizeof *saliency);
    if (n > 0 && !saliency) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        int64_t clip;
        if (!ask_json_get_int(&clip, ask_json_item(clips, i), NULL, 0, INT32_MAX, err) ||
            !read_scores(&saliency[i], ask_json_item(scores, i), err))
            return false;
        saliency[i].clip = (int)clip;
        ask_data_span span = {(double)clip * CLIP_S, (double)(clip + 1) * CLIP_S};
        // The last clip of a video with an odd number of seconds reaches beyond its end.
        if (!data_check_span(b, r, span, r->video_s + CLIP_S / 2, "clip", err))
            return false;
    }
    r->saliency = saliency;
    r->n_saliency = (int)n;
    r->clip_s = CLIP_S;
    return true;
}

static bool read_duration(ask_data_record *r, ask_json_value v, ask_error *err)
{
    if (!ask_json_get_double(&r->video_s, v, "duration", err)) return false;
    return r->video_s > 0 || ask_json_fail(ask_json_find(v, "duration"), err,
                                           "expected a time above 0, got %g", r->video_s);
}

static bool read_line(data_build *b, const data_items *it, ask_error *err)
{
    ask_data_record r = {.kind = ASK_DATA_RETRIEVE, .row = it->row, .answer_index = -1};
    ask_json_value v = it->value;
    return data_get_id(b, &r.id, v, "qid", err) &&
           data_get_text(b, &r.video, v, "vid", err) &&
           data_get_text(b, &r.question, v, "query", err) && read_duration(&r, v, err) &&
           read_windows(b, &r, v, err) && read_saliency(b, &r, v, err) &&
           data_add(b, &r, err);
}

bool data_qvhighlights_read(data_build *b, data_text text, ask_error *err)
{
    data_items it = {.text = text, .layout = DATA_LINES};
    while (data_items_next(&it, err) && read_line(b, &it, err)) continue;
    return data_items_end(&it);
}
