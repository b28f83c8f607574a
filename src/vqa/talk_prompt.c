/* What is said in a talk as the prompt that the model reads. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/time_text.h"
#include "vqa/talk_priv.h"

/* ---- rows ---- */

/* Frames that are shown; of features that are of all frames together, 1. */
static int n_shown(const ask_talk *t, const talk_sight *sight)
{
    const ask_footage *f = &t->footage;
    if (sight->blind) return 0;
    if (f->n_rows == 0 && !f->info.together) return 1;
    return sight->frames ? sight->n_frames : f->n_frames;
}

static ask_footage_scene scene_of(const talk_sight *sight, const char *question)
{
    return (ask_footage_scene){
        .frames = sight->frames, .n_frames = sight->n_frames, .instruction = question};
}

/* Row i of the footage; one that nobody has looked at yet is a row all the same. */
static ask_place row_place(const ask_talk *t, int i)
{
    const ask_footage *f = &t->footage;
    size_t width = (size_t)t->language.width;
    return (ask_place){.identity = f->sampled.n > 0 ? ask_footage_identity(f, i) : 1,
                       .row = f->rows ? f->rows + (size_t)i * width : NULL};
}

/* Rows that are made of all that is shown: which they are is known before they are there.
 */
static void take_scene(talk_prompt *p, const ask_talk *t, const char *question,
                       const talk_sight *sight, int n)
{
    const ask_footage *f = &t->footage;
    const ask_footage_scene scene = scene_of(sight, question);
    int n_rows = n > 0 ? ask_footage_n_shown(f, n) : 0;
    for (int i = 0; i < n_rows; i++)
        p->rows[i].identity =
            f->sampled.n > 0 ? ask_footage_scene_identity(f, &scene, i) : 1;
    p->n_groups = n > 0;
    p->groups[0] = (ask_prompt_group){p->rows, n_rows};
}

static void take_rows(talk_prompt *p, const ask_talk *t, const talk_sight *sight, int n)
{
    const ask_footage *f = &t->footage;
    int each = f->n_rows > 0 ? f->n_rows : f->n;
    for (int i = 0; i < n; i++) {
        int frame = sight->frames ? sight->frames[i] : i;
        for (int k = 0; k < each; k++)
            p->rows[i * each + k] = row_place(t, frame * each + k);
    }
    p->n_groups = n == 0 ? 0 : t->footage.info.one_by_one ? n : 1;
    for (int i = 0; i < p->n_groups; i++) {
        int n_rows = p->n_groups == 1 ? n * each : each;
        p->groups[i] = (ask_prompt_group){p->rows + (size_t)i * (size_t)each, n_rows};
    }
}

static bool make_groups(talk_prompt *p, const ask_talk *t, const char *question,
                        const talk_sight *sight, ask_error *err)
{
    const ask_footage *f = &t->footage;
    int n = n_shown(t, sight), each = f->n_rows > 0 ? f->n_rows : f->n;
    size_t n_rows =
        f->info.together ? (size_t)ask_footage_n_shown(f, n) : (size_t)n * (size_t)each;
    p->rows = calloc(n_rows + 1, sizeof *p->rows);
    p->groups = calloc((size_t)n + 1, sizeof *p->groups);
    if (!p->rows || !p->groups) return ask_fail_memory(err);
    if (f->info.together)
        take_scene(p, t, question, sight, n);
    else
        take_rows(p, t, sight, n);
    return true;
}

bool talk_prompt_show(talk_prompt *p, const ask_talk *t, const char *question,
                      const talk_sight *sight, ask_error *err)
{
    const ask_footage_scene scene = scene_of(sight, question);
    if (!t->footage.info.together || p->view.rows || p->prompt.n_rows == 0) return true;
    if (!ask_footage_show(&p->view, &t->footage, &scene, t->options.cancel, err))
        return false;
    const float *row = p->view.rows;
    for (int i = 0; i < p->prompt.n; i++) {
        if (!p->prompt.places[i].identity) continue;
        p->prompt.places[i].row = row;
        row += t->language.width;
    }
    return true;
}

/* ---- words ---- */

/* Whether what begins here may be a mark: of a token with a meaning ("</s>", "[INST]"), or
 * of what is shown ("<video>"). */
static bool opens_mark(const char *at)
{
    if (*at == '<') return !strchr(" \t\n>", at[1]) && strchr(at, '>');
    bool named = at[1] == '/' || (at[1] >= 'A' && at[1] <= 'Z');
    return *at == '[' && named && strchr(at, ']');
}

/* A text that a model or a file said: marks in it are words, with a blank within. */
static void append_words(ask_str *out, const char *text)
{
    for (; *text; text++) {
        ask_str_append_char(out, *text);
        if (opens_mark(text)) ask_str_append_char(out, ' ');
    }
}

static void append_time(ask_str *out, double t_s)
{
    char text[ASK_TIME_TEXT_BYTES];
    ask_str_printf(out, "%s%s", ask_format_time(text, t_s), ask_time_unit(t_s));
}

/* Where frame i of the footage is, as far as that is known. */
static double frame_time(const ask_footage *f, int i)
{
    return f->sampled.n > 0 ? f->sampled.frames[i].t_s : f->sampling.t_s[i];
}

static bool is_shown(const talk_sight *sight, int frame)
{
    if (!sight->frames) return true;
    for (int i = 0; i < sight->n_frames; i++)
        if (sight->frames[i] == frame) return true;
    return false;
}

/* When the frames are that are shown: subtitles have times, and frames have none. They are
 * told in time order: frames in another order are shown as if they were in theirs. */
static void tell_times(ask_str *out, const ask_talk *t, const talk_sight *sight)
{
    const ask_footage *f = &t->footage;
    int n_all = f->sampled.n > 0 ? f->sampled.n : f->sampling.n, n_told = 0;
    bool spans = f->n_rows == 0 && !f->info.together; // no row is of one frame
    if (n_shown(t, sight) == 0) return;
    if (!spans && f->sampled.n == 0) n_all = f->n_frames;
    ask_str_append(out, "Frames at ");
    for (int i = 0; i < n_all; i++) {
        if (spans ? i > 0 && i < n_all - 1 : !is_shown(sight, i)) continue;
        if (n_told++ > 0) ask_str_append(out, spans ? " to " : ", ");
        append_time(out, frame_time(f, i));
    }
    ask_str_append_char(out, '\n');
}

static void tell_cues(ask_str *out, const ask_talk *t, const talk_sight *sight)
{
    if (t->n_told == 0) return;
    tell_times(out, t, sight);
    ask_str_append(out, "Subtitles:\n");
    for (int i = 0; i < t->n_told; i++) {
        char start[ASK_TIME_TEXT_BYTES], end[ASK_TIME_TEXT_BYTES];
        ask_format_time(start, t->cues[i]->start_s);
        ask_format_time(end, t->cues[i]->end_s);
        ask_str_printf(out, "[%s - %s] ", start, end);
        append_words(out, t->cues[i]->text);
        ask_str_append_char(out, '\n');
    }
    ask_str_append(out, "\n");
}

/* All that a rendering takes; texts are borrowed. */
typedef struct {
    ask_chat_message *messages; // owned
    ask_chat_part *parts;       // owned: of all messages
    int n_messages, n_parts;
    ask_str first; // of the first question, with the subtitles
    char **said;   // owned, and so are they; [n_said]: answers
    int n_said;
} script;

static void add_message(script *s, const char *role, int n_media, ask_chat_part_kind kind,
                        const char *text)
{
    ask_chat_part *parts = s->parts + s->n_parts;
    for (int i = 0; i < n_media; i++) parts[i] = (ask_chat_part){.kind = kind};
    parts[n_media] = (ask_chat_part){.kind = ASK_CHAT_TEXT, .text = text};
    s->messages[s->n_messages++] =
        (ask_chat_message){.role = role, .parts = parts, .n_parts = n_media + 1};
    s->n_parts += n_media + 1;
}

/* The words of turn i. NULL without memory. */
static const char *words_of(script *s, const ask_talk *t, int i, ask_error *err)
{
    ask_str words = {0};
    if (i % 2 == 0) return t->turns[i].text; // questions were checked
    append_words(&words, t->turns[i].text);
    char *text = ask_str_take(&words, err);
    if (text) s->said[s->n_said++] = text;
    return text;
}

static bool add_turns(script *s, const ask_talk *t, ask_chat_part_kind kind, ask_error *err)
{
    for (int i = 1; i < t->n_turns; i++) {
        const char *words = words_of(s, t, i, err);
        if (!words) return false;
        add_message(s, t->turns[i].role, 0, kind, words);
    }
    return true;
}

static bool write_script(script *s, const ask_talk *t, const char *question,
                         const talk_sight *sight, int n_media, ask_error *err)
{
    int n_turns = t->n_turns;
    ask_chat_part_kind kind = t->footage.info.one_by_one ? ASK_CHAT_IMAGE : ASK_CHAT_VIDEO;
    s->messages = calloc((size_t)n_turns + 2, sizeof *s->messages);
    s->parts = calloc((size_t)n_turns + 2 + (size_t)n_media, sizeof *s->parts);
    s->said = calloc((size_t)n_turns + 1, sizeof *s->said);
    tell_cues(&s->first, t, sight);
    ask_str_append(&s->first, n_turns > 0 ? t->turns[0].text : question);
    if (!s->messages || !s->parts || !s->said || s->first.failed)
        return ask_fail_memory(err);
    if (t->options.system) add_message(s, "system", 0, kind, t->options.system);
    add_message(s, "user", n_media, kind, ask_str_text(&s->first));
    if (!add_turns(s, t, kind, err)) return false;
    if (n_turns > 0) add_message(s, "user", 0, kind, question);
    return true;
}

static bool render(talk_prompt *p, const ask_talk *t, const script *s, ask_error *err)
{
    ask_chat_options opt = ask_chat_defaults();
    ask_chat_prompt rendered = {0};
    opt.image_mark = opt.video_mark = t->footage.info.placeholder;
    if (!ask_chat_render(&rendered, t->chat, s->messages, s->n_messages, &opt, err))
        return false;
    p->text = rendered.text;
    p->has_begin = rendered.has_bos;
    return true;
}

static bool make_text(talk_prompt *p, const ask_talk *t, const char *question,
                      const talk_sight *sight, ask_error *err)
{
    script s = {0};
    bool ok =
        write_script(&s, t, question, sight, p->n_groups, err) && render(p, t, &s, err);
    for (int i = 0; i < s.n_said; i++) free(s.said[i]);
    free(s.said);
    free(s.messages);
    free(s.parts);
    ask_str_free(&s.first);
    return ok;
}

/* ---- both ---- */

bool talk_prompt_make(talk_prompt *out, ask_talk *t, const char *question,
                      const talk_sight *sight, ask_error *err)
{
    talk_prompt p = {0};
    bool ok = make_groups(&p, t, question, sight, err) &&
              make_text(&p, t, question, sight, err) &&
              ask_prompt_make(&p.prompt, t->session, p.text, p.has_begin, p.groups,
                              p.n_groups, err);
    if (ok)
        *out = p;
    else
        talk_prompt_free(&p);
    return ok;
}

void talk_prompt_free(talk_prompt *p)
{
    ask_prompt_free(&p->prompt);
    free(p->text);
    ask_footage_view_free(&p->view);
    free(p->rows);
    free(p->groups);
    *p = (talk_prompt){0};
}
