#include "cli/chat_text.h"

#include "base/json_write.h"
#include "base/time_text.h"

enum { MOST_TIMES = 16 }; // that are listed one by one in words

/* ---- in words ---- */

static void put_time(ask_str *out, double t_s)
{
    char text[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s%s", ask_format_time(text, t_s), ask_time_unit(t_s));
}

static void put_frames(ask_str *out, const cli_chat_sight *s)
{
    const ask_sampling *times = &s->footage->sampling;
    ask_str_printf(out, "%d, ", s->plan.n_frames);
    if (times->n > MOST_TIMES) {
        ask_str_append(out, "from ");
        put_time(out, times->t_s[0]);
        ask_str_append(out, " to ");
        put_time(out, times->t_s[times->n - 1]);
        return;
    }
    for (int i = 0; i < times->n; i++) {
        ask_str_append(out, i == 0 ? "at " : ", ");
        put_time(out, times->t_s[i]);
    }
}

static void put_subtitles(ask_str *out, const cli_chat_sight *s)
{
    const ask_subtitles *from = s->subtitles;
    if (from->kind == ASK_SUBTITLES_NONE) {
        ask_str_append(out, "none");
        return;
    }
    ask_str_printf(out, "%d of ", s->plan.n_cues);
    if (from->kind == ASK_SUBTITLES_FILE)
        ask_str_append(out, from->path);
    else
        ask_str_printf(out, "track %d", from->stream);
    if (s->plan.n_left_out > 0)
        ask_str_printf(out, "; %d more do not fit", s->plan.n_left_out);
}

static void put_prompt(ask_str *out, const cli_chat_sight *s)
{
    ask_str_printf(out, "%d tokens, %d of them of frames; %d more for the answer; %.1f MiB",
                   s->plan.n_prompt, s->plan.n_visual, s->plan.n_answer, s->plan.mib);
}

static const struct {
    const char *name;
    void (*put)(ask_str *out, const cli_chat_sight *s);
} parts[] = {{"frames", put_frames}, {"subtitles", put_subtitles}, {"prompt", put_prompt}};
enum { N_PARTS = sizeof parts / sizeof *parts };

void cli_chat_log(const ask_logger *log, const cli_chat_sight *s)
{
    for (int i = 0; i < N_PARTS; i++) {
        ask_str text = {0};
        parts[i].put(&text, s);
        ask_log_send(log, ASK_LOG_INFO, "%s: %s", parts[i].name, ask_str_text(&text));
        ask_str_free(&text);
    }
}

void cli_chat_plan_text(ask_str *out, const void *sight)
{
    const cli_chat_sight *s = sight;
    for (int i = 0; i < N_PARTS; i++) {
        ask_str_printf(out, "%-12s", parts[i].name);
        parts[i].put(out, s);
        ask_str_append_char(out, '\n');
    }
    ask_str_printf(out, "%-12s%.4g GFLOP\n", "work", s->plan.gflop);
}

/* ---- in JSON ---- */

static void put_video(ask_json_writer *w, const cli_chat_sight *s)
{
    ask_json_open_object(w, "video");
    ask_json_put_string(w, "path", s->path);
    ask_json_open_object(w, "id");
    ask_json_put_string(w, "quick", s->footage->video_id);
    ask_json_close(w);
    ask_json_close(w);
}

static void put_told(ask_json_writer *w, const cli_chat_sight *s)
{
    static const char *const kinds[] = {[ASK_SUBTITLES_NONE] = "none",
                                        [ASK_SUBTITLES_FILE] = "file",
                                        [ASK_SUBTITLES_TRACK] = "track"};
    const ask_subtitles *from = s->subtitles;
    ask_json_open_object(w, "subtitles");
    ask_json_put_string(w, "from", kinds[from->kind]);
    if (from->kind == ASK_SUBTITLES_FILE) ask_json_put_string(w, "path", from->path);
    if (from->kind == ASK_SUBTITLES_TRACK) ask_json_put_int(w, "stream", from->stream);
    ask_json_put_int(w, "told", s->plan.n_cues);
    ask_json_put_int(w, "left_out", s->plan.n_left_out);
    ask_json_close(w);
}

void cli_chat_plan_json(ask_str *out, const void *sight)
{
    const cli_chat_sight *s = sight;
    const ask_sampling *times = &s->footage->sampling;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.chat.plan/1");
    put_video(&w, s);
    ask_json_put_int(&w, "frames", s->plan.n_frames);
    ask_json_open_array(&w, "times_s");
    for (int i = 0; i < times->n; i++) ask_json_put_double(&w, NULL, times->t_s[i]);
    ask_json_close(&w);
    put_told(&w, s);
    ask_json_put_int(&w, "frame_tokens", s->plan.n_visual);
    ask_json_put_int(&w, "prompt_tokens", s->plan.n_prompt);
    ask_json_put_int(&w, "answer_tokens", s->plan.n_answer);
    ask_json_put_double(&w, "context_mib", s->plan.mib);
    ask_json_put_double(&w, "gflop", s->plan.gflop);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* Whether all of them know their place in the video. */
static bool put_seen(ask_json_writer *w, const cli_chat_sight *s)
{
    const ask_sampled *seen = &s->footage->sampled;
    bool known = true;
    put_video(w, s);
    ask_json_open_array(w, "frames");
    for (int i = 0; i < seen->n; i++) {
        const ask_find_frame *frame = &seen->frames[i];
        ask_json_open_object(w, NULL);
        ask_json_put_double(w, "t_s", frame->t_s);
        if (frame->index >= 0)
            ask_json_put_int(w, "index", frame->index);
        else
            known = false;
        ask_json_put_int(w, "pts", frame->pts);
        ask_json_close(w);
    }
    ask_json_close(w);
    put_told(w, s);
    return known;
}

static const char *const ends[] = {[ASK_END_TOKEN] = "end",
                                   [ASK_END_STOP] = "stop",
                                   [ASK_END_LENGTH] = "length",
                                   [ASK_END_CONTEXT] = "context",
                                   [ASK_END_CALLER] = "caller"};

void cli_chat_answer_json(ask_str *out, const cli_chat_answer *a)
{
    const ask_generated *said = a->said;
    bool paced = said->n > 1 && said->rest_s > 0;
    ask_json_writer w = {.out = out};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.chat/1");
    ask_json_put_string(&w, "question", a->question);
    ask_json_put_string(&w, "text", said->text);
    ask_json_put_string(&w, "ended_by", ends[said->end]);
    ask_json_put_int(&w, "prompt_tokens", said->n_prompt);
    ask_json_put_int(&w, "reused_tokens", said->n_reused);
    ask_json_put_int(&w, "answer_tokens", said->n);
    ask_json_put_double(&w, "first_token_s", a->first_s);
    if (paced)
        ask_json_put_double(&w, "tokens_per_s", (double)(said->n - 1) / said->rest_s);
    bool placed = !a->sight || put_seen(&w, a->sight);
    ask_json_open_object(&w, "notes");
    if (!paced) ask_json_put_string(&w, "tokens_per_s", "fewer than two tokens");
    if (!placed)
        ask_json_put_string(&w, "frames.index", "the frames of the video were not counted");
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

void cli_chat_error_json(ask_str *out, const char *question, const ask_error *why)
{
    ask_json_writer w = {.out = out};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.chat/1");
    if (question) ask_json_put_string(&w, "question", question);
    ask_json_open_object(&w, "error");
    ask_json_put_string(&w, "code", ask_error_name(why->code));
    ask_json_put_string(&w, "message", why->message);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}
