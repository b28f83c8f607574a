/* layout_qvhighlights.c - QVHighlights: a query, its moments and how worth seeing each two
 * seconds are, on a line.
 *
 * After: Lei et al. 2021 (QVHighlights). What is looked for is what the clip has. Lengths
 * are whole seconds as in the set, those begun counted; moments are exact, where those of
 * the set are whole seconds, too. The three annotators are
 * one truth rounded down, to the nearest and up. Test files hide the moments. The set
 * tells no events: those are ours. */
#include "world/layout_priv.h"

enum { QUERIES, EVENTS, EVENT_NAMES };

enum {
    CLIP_S = 2,
    CLIP_FRAMES = CLIP_S * ASK_WORLD_FPS,
    N_ANNOTATORS = 3,
    BEST = 4,
};

static int duration_s(int n_frames)
{
    return (n_frames + ASK_WORLD_FPS - 1) / ASK_WORLD_FPS;
}

/* Whole clips of two seconds, as the set's scorer counts them; what is left over belongs to
 * the last. */
static int n_clips(int n_frames)
{
    return duration_s(n_frames) > CLIP_S ? duration_s(n_frames) / CLIP_S : 1;
}

/* Frames of the moment within clip k of n. */
static int overlap(ask_world_moment m, int k, int n)
{
    int begin = k * CLIP_FRAMES;
    int end = k == n - 1 ? ASK_SCENE_MAX_FRAMES : begin + CLIP_FRAMES;
    if (begin < m.begin) begin = m.begin;
    if (end > m.end) end = m.end;
    return end > begin ? end - begin : 0;
}

/* Of BEST, which is for a clip that shows all of a moment, or nothing else. */
static void put_scores(ask_json_writer *w, ask_world_moment m, int shown)
{
    int length = m.end - m.begin, whole = length < CLIP_FRAMES ? length : CLIP_FRAMES;
    const int rounding[N_ANNOTATORS] = {0, whole / 2, whole - 1};
    if (shown > whole) shown = whole;
    ask_json_open_array(w, NULL);
    for (int i = 0; i < N_ANNOTATORS; i++)
        ask_json_put_int(w, NULL, (BEST * shown + rounding[i]) / whole);
    ask_json_close(w);
}

static void put_moment(ask_json_writer *w, ask_world_moment m, int n_frames)
{
    int n = n_clips(n_frames);
    ask_json_open_array(w, "relevant_clip_ids");
    for (int k = 0; k < n; k++)
        if (overlap(m, k, n) > 0) ask_json_put_int(w, NULL, k);
    ask_json_close(w);
    ask_json_open_array(w, "saliency_scores");
    for (int k = 0; k < n; k++)
        if (overlap(m, k, n) > 0) put_scores(w, m, overlap(m, k, n));
    ask_json_close(w);
    ask_json_open_array(w, "relevant_windows");
    ask_json_open_array(w, NULL);
    layout_put_seconds(w, NULL, m.begin);
    layout_put_seconds(w, NULL, m.end);
    ask_json_close(w);
    ask_json_close(w);
}

static bool begin(layout_run *r, ask_error *err)
{
    (void)err;
    layout_put_event_names(&r->files[EVENT_NAMES].text);
    return true;
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    (void)err;
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    layout_add_events(&r->files[EVENTS], c);
    for (int i = 0; i < c->n_queries; i++) {
        const ask_world_query *q = &c->queries[i];
        if (q->moment.begin == q->moment.end) continue;
        ask_json_writer w = layout_begin_line(&r->files[QUERIES]);
        ask_json_put_int(&w, "qid", layout_clip_number(c) * ASK_QUERIES_MOST + i);
        ask_json_put_string(&w, "query", q->text);
        ask_json_put_int(&w, "duration", duration_s(c->scene.n_frames));
        ask_json_put_string(&w, "vid", video);
        if (r->split != ASK_SPLIT_TEST) put_moment(&w, q->moment, c->scene.n_frames);
        layout_end_line(&w);
    }
    return true;
}

const layout_kind layout_qvhighlights = {
    .name = "qvhighlights",
    .title = "QVHighlights (moments of queries)",
    .split_words = {"train", "val", "test"},
    .files = {[QUERIES] = {.name = "highlight_*_release.jsonl"},
              [EVENTS] = {.name = "events.json", .form = LAYOUT_MAP},
              [EVENT_NAMES] = {.name = "action_mapping.txt"}},
    .videos = "videos",
    .begin = begin,
    .add = add,
};
