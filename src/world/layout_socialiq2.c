/* layout_socialiq2.c - Social-IQ 2.0: JSON lines in a file that is called .json, and what
 * lies beside it.
 *
 * After: Wilf et al. 2023 (Social-IQ 2.0). All clips are of one of the set's three sources;
 * of the wrong options, the one that shares most words with the right one is called its
 * rewriting. As in the set, clips begin at 0, and test files hide the answers. The set
 * tells no events: those are ours. */
#include <string.h>

#include "world/layout_priv.h"

enum { QUESTIONS, ORIGINAL, CURRENT, TRIMS, EVENTS, EVENT_NAMES };

/* ---- which option is called what ---- */

/* The letters at the beginning of a text. */
static size_t word_length(const char *text)
{
    size_t n = 0;
    while (text[n] >= 'a' && text[n] <= 'z') n++;
    return n;
}

/* Whether a word of n letters is one of a text's. */
static bool has_word(const char *text, const char *word, size_t n)
{
    while (*text) {
        size_t length = word_length(text);
        if (length == n && strncmp(text, word, n) == 0) return true;
        text += length > 0 ? length : 1;
    }
    return false;
}

/* Words of a that b has too. */
static int n_shared_words(const char *a, const char *b)
{
    int n_shared = 0;
    while (*a) {
        size_t n = word_length(a);
        n_shared += n > 0 && has_word(b, a, n);
        a += n > 0 ? n : 1;
    }
    return n_shared;
}

static int rewriting_of(const ask_world_question *q)
{
    int best = -1, most = -1;
    for (int i = 0; i < ASK_N_OPTIONS; i++) {
        int n = n_shared_words(q->options[q->answer].text, q->options[i].text);
        if (i == q->answer || n <= most) continue;
        best = i;
        most = n;
    }
    return best;
}

static void put_answer(ask_json_writer *w, const ask_world_question *q)
{
    int rewriting = rewriting_of(q);
    ask_json_put_string(w, "ans_corr", q->options[q->answer].text);
    ask_json_put_int(w, "answer_idx", q->answer);
    ask_json_open_array(w, "idx_types");
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        ask_json_put_string(w, NULL,
                            i == q->answer   ? "corr"
                            : i == rewriting ? "rewrite"
                                             : "matched");
    ask_json_close(w);
}

/* ---- a question ---- */

static void put_question(layout_run *r, const ask_world_clip *c, int k, const char *video)
{
    static const char *const keys[ASK_N_OPTIONS] = {"a0", "a1", "a2", "a3"};
    const ask_world_question *q = &c->questions[k];
    char id[64], times[64];
    ask_format(id, sizeof id, "%s_q%d_0", video, k);
    ask_format(times, sizeof times, "0.00-%.6f", q->until / (double)ASK_WORLD_FPS);
    ask_json_writer w = layout_begin_line(&r->files[QUESTIONS]);
    ask_json_put_string(&w, "qid", id);
    ask_json_put_string(&w, "q", q->text);
    ask_json_put_string(&w, "vid_name", video);
    ask_json_put_string(&w, "ts", times);
    if (r->split != ASK_SPLIT_TEST) put_answer(&w, q);
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        ask_json_put_string(&w, keys[i], q->options[i].text);
    layout_end_line(&w);
}

/* ---- lists of videos ---- */

static const char source[] = "youtubeclips";

/* Those of another split that the file has. */
static bool keep_videos(layout_file *f, const char *split, ask_error *err)
{
    if (!f->old) return true;
    ask_json_value videos;
    char path[64];
    ask_format(path, sizeof path, "subsets.%s.%s", source, split);
    if (!ask_json_get_array(&videos, ask_json_root(f->old), path, err)) return false;
    for (size_t i = 0; i < ask_json_count(videos); i++) {
        const char *video;
        if (!ask_json_get_string(&video, ask_json_item(videos, i), NULL, err)) return false;
        ask_json_put_string(&f->json, NULL, video);
    }
    return true;
}

/* Opens the list of this split's videos of the one source; end_list ends all. */
static bool begin_list(layout_file *f, ask_split split, ask_error *err)
{
    ask_json_open_object(&f->json, NULL);
    ask_json_open_object(&f->json, "subsets");
    ask_json_open_object(&f->json, source);
    for (int i = 0; i < ASK_N_SPLITS; i++) { // this one last: it stays open
        const char *name = ask_split_name((ask_split)i);
        if (i == (int)split) continue;
        ask_json_open_array(&f->json, name);
        if (!keep_videos(f, name, err)) return false;
        ask_json_close(&f->json);
    }
    ask_json_open_array(&f->json, ask_split_name(split));
    return true;
}

static void end_list(ask_json_writer *w)
{
    static const char *const others[] = {"movieclips", "car"};
    ask_json_close(w);
    ask_json_close(w);
    for (int k = 0; k < 2; k++) {
        ask_json_open_object(w, others[k]);
        for (int i = 0; i < ASK_N_SPLITS; i++) {
            ask_json_open_array(w, ask_split_name((ask_split)i));
            ask_json_close(w);
        }
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_close(w);
}

/* ---- all of it ---- */

static bool begin(layout_run *r, ask_error *err)
{
    layout_put_event_names(&r->files[EVENT_NAMES].text);
    return begin_list(&r->files[ORIGINAL], r->split, err) &&
           begin_list(&r->files[CURRENT], r->split, err);
}

static bool add(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    (void)err;
    char video[LAYOUT_VIDEO_CHARS];
    layout_video(video, c);
    ask_json_put_string(&r->files[ORIGINAL].json, NULL, video);
    ask_json_put_string(&r->files[CURRENT].json, NULL, video);
    ask_json_put_int(&r->files[TRIMS].json, video, 0);
    layout_add_events(&r->files[EVENTS], c);
    for (int k = 0; k < c->n_questions; k++) put_question(r, c, k, video);
    return true;
}

static bool end(layout_run *r, ask_error *err)
{
    (void)err;
    end_list(&r->files[ORIGINAL].json);
    end_list(&r->files[CURRENT].json);
    return true;
}

const layout_kind layout_socialiq2 = {
    .name = "socialiq2",
    .title = "Social-IQ 2.0",
    .asks = true,
    .split_words = {"train", "val", "test"},
    .files = {[QUESTIONS] = {.name = "qa/qa_*.json"},
              [ORIGINAL] = {.name = "original_split.json", .form = LAYOUT_OTHER},
              [CURRENT] = {.name = "current_split.json", .form = LAYOUT_OTHER},
              [TRIMS] = {.name = "trims.json", .form = LAYOUT_MAP},
              [EVENTS] = {.name = "events.json", .form = LAYOUT_MAP},
              [EVENT_NAMES] = {.name = "action_mapping.txt"}},
    .videos = "video",
    .begin = begin,
    .add = add,
    .end = end,
};
