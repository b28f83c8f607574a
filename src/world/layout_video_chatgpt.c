/* layout_video_chatgpt.c - instructions as Video-ChatGPT is trained on them, and questions
 * as its benchmark asks them.
 *
 *     VideoInstruct.json           {"q", "a", "video_id"}: what was asked and answered
 *     video_chatgpt_training.json  the same as conversations about features
 *     generic_qa.json              {"video_name", "Q", "A"}
 *
 * After: Maaz et al. 2024 (Video-ChatGPT). Train makes the instructions, val and test the
 * benchmark. Each clip is also to be described. The video's
 * place goes from one side of a question to the other, as in training there. The set tells
 * no events: those are ours. */
#include <string.h>

#include "world/layout_priv.h"

enum { SOURCE, TRAINING, BENCHMARK, EVENTS, EVENT_NAMES };

typedef struct {
    int64_t n; // instructions so far
} state;

static void put_turn(ask_json_writer *w, const char *from, const char *text)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "from", from);
    ask_json_put_string(w, "value", text);
    ask_json_close(w);
}

/* The video stands behind the question in even ones, in front of it in odd ones. */
static void put_conversation(layout_run *r, const char *video, const char *question,
                             const char *answer)
{
    state *s = r->state;
    ask_str text = {0}, features = {0};
    bool behind = s->n++ % 2 == 0;
    ask_str_printf(&text, "%s\n%s", behind ? question : "<video>",
                   behind ? "<video>" : question);
    ask_str_printf(&features, "%s.pkl", video);
    ask_json_writer *w = &r->files[TRAINING].json;
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "id", video);
    ask_json_put_string(w, "video", ask_str_text(&features));
    ask_json_open_array(w, "conversations");
    put_turn(w, "human", ask_str_text(&text));
    put_turn(w, "gpt", answer);
    ask_json_close(w);
    ask_json_close(w);
    w->out->failed |= text.failed || features.failed;
    ask_str_free(&text);
    ask_str_free(&features);
}

static void put_three(ask_json_writer *w, const char *const keys[3],
                      const char *const values[3])
{
    ask_json_open_object(w, NULL);
    for (int i = 0; i < 3; i++) ask_json_put_string(w, keys[i], values[i]);
    ask_json_close(w);
}

static void put_pair(layout_run *r, const char *video, const char *question,
                     const char *answer)
{
    if (r->split != ASK_SPLIT_TRAIN) {
        put_three(&r->files[BENCHMARK].json, (const char *const[]){"video_name", "Q", "A"},
                  (const char *const[]){video, question, answer});
        return;
    }
    put_three(&r->files[SOURCE].json, (const char *const[]){"q", "a", "video_id"},
              (const char *const[]){question, answer, video});
    put_conversation(r, video, question, answer);
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
    for (int k = 0; k < c->n_questions; k++) {
        const ask_world_question *q = &c->questions[k];
        if (ask_question_is_open(q, c->scene.n_frames))
            put_pair(r, video, q->text, ask_question_open_answer(q));
    }
    put_pair(r, video, "describe the video", c->captions.clip);
    return true;
}

const layout_kind layout_video_chatgpt = {
    .name = "video-chatgpt",
    .title = "Video-ChatGPT (instructions)",
    .asks = true,
    .split_words = {"train", "val", "test"},
    .files =
        {[SOURCE] = {.name = "VideoInstruct.json", .form = LAYOUT_LIST, .by = "video_id"},
         [TRAINING] = {.name = "video_chatgpt_training.json",
                       .form = LAYOUT_LIST,
                       .by = "id"},
         [BENCHMARK] = {.name = "generic_qa.json", .form = LAYOUT_LIST, .by = "video_name"},
         [EVENTS] = {.name = "events.json", .form = LAYOUT_MAP},
         [EVENT_NAMES] = {.name = "action_mapping.txt"}},
    .videos = "videos",
    .state_bytes = sizeof(state),
    .begin = begin,
    .add = add,
};
