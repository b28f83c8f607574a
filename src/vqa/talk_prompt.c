/* What is said in a talk as the prompt that the model reads. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/time_text.h"
#include "vqa/talk_priv.h"

/* ---- rows ---- */

/* Frames that are shown; of features, which are of all frames together, 1. */
static int n_shown(const ask_talk *t, const talk_sight *sight)
{
    const ask_footage *f = &t->footage;
    if (sight->blind) return 0;
    if (f->n_rows == 0) return 1; // all of them together
    if (sight->frames) return sight->n_frames;
    return f->sampled.n > 0 ? f->sampled.n : f->n / f->n_rows;
}

/* Row i of the footage; one that nobody has looked at yet is a row all the same. */
static ask_place row_place(const ask_talk *t, int i)
{
    const ask_footage *f = &t->footage;
    size_t width = (size_t)t->language.width;
    return (ask_place){.identity = f->sampled.n > 0 ? ask_footage_identity(f, i) : 1,
                       .row = f->rows ? f->rows + (size_t)i * width : NULL};
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

static bool make_groups(talk_prompt *p, const ask_talk *t, const talk_sight *sight,
                        ask_error *err)
{
    const ask_footage *f = &t->footage;
    int n = n_shown(t, sight), each = f->n_rows > 0 ? f->n_rows : f->n;
    p->rows = calloc((size_t)n * (size_t)each + 1, sizeof *p->rows);
    p->groups = calloc((size_t)n + 1, sizeof *p->groups);
    if (!p->rows || !p->groups) return ask_fail_memory(err);
    take_rows(p, t, sight, n);
    return true;
}

/* ---- words ---- */

/* Of a text that a model or a file said: a placeholder in it stands for nothing. */
static void append_words(ask_str *out, const ask_talk *t, const char *text)
{
    const char *placeholder = t->footage.info.placeholder, *found;
    while ((found = strstr(text, placeholder))) {
        ask_str_append_bytes(out, text, (size_t)(found - text));
        ask_str_append_char(out, ' '); // so that what is around it makes no new one
        text = found + strlen(placeholder);
    }
    ask_str_append(out, text);
}

static void tell_cues(ask_str *out, const ask_talk *t)
{
    if (t->n_told == 0) return;
    ask_str_append(out, "Subtitles:\n");
    for (int i = 0; i < t->n_told; i++) {
        char start[ASK_TIME_TEXT_BYTES], end[ASK_TIME_TEXT_BYTES];
        ask_format_time(start, t->cues[i]->start_s);
        ask_format_time(end, t->cues[i]->end_s);
        ask_str_printf(out, "[%s - %s] ", start, end);
        append_words(out, t, t->cues[i]->text);
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
    append_words(&words, t, t->turns[i].text);
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

static bool write_script(script *s, const ask_talk *t, const char *question, int n_media,
                         ask_error *err)
{
    int n_turns = t->n_turns;
    ask_chat_part_kind kind = t->footage.info.one_by_one ? ASK_CHAT_IMAGE : ASK_CHAT_VIDEO;
    s->messages = calloc((size_t)n_turns + 2, sizeof *s->messages);
    s->parts = calloc((size_t)n_turns + 2 + (size_t)n_media, sizeof *s->parts);
    s->said = calloc((size_t)n_turns + 1, sizeof *s->said);
    tell_cues(&s->first, t);
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
                      ask_error *err)
{
    script s = {0};
    bool ok = write_script(&s, t, question, p->n_groups, err) && render(p, t, &s, err);
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
    bool ok = make_groups(&p, t, sight, err) && make_text(&p, t, question, err) &&
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
    free(p->rows);
    free(p->groups);
    *p = (talk_prompt){0};
}
