/* vqa/talk_priv.h - what a talk holds, and its prompts. */
#ifndef ASK_VQA_TALK_PRIV_H
#define ASK_VQA_TALK_PRIV_H

#include "model/prompt.h"
#include "text/chat.h"
#include "vqa/talk.h"

typedef struct {
    const char *role; // static
    char *text;       // owned
} talk_turn;

struct ask_talk {
    ask_video *video;
    ask_session *session;
    ask_talk_options options; // system and form are owned; max_tokens is what is asked of
                              // the model now
    int default_answer;       // most tokens of an answer where that was left to us, else 0
    ask_language_info language;
    ask_footage footage;
    ask_chat *chat;
    const ask_subtitle_cue **within; // owned; [n_cues]: those within the window
    const ask_subtitle_cue **cues;   // owned; [n_told] of them, that are told
    int n_cues, n_told;
    talk_turn *turns; // owned
    int n_turns, capacity;
    ask_context *context; // NULL before anything was read
    ask_context *aside;   // where what is only tried is read, so that the talk stays read;
                          // NULL: nothing is
};

/* What is shown with a question: frames of the footage, by place, in the order in which
 * they are shown; of a model that is given features all or none (n_frames 0). */
typedef struct {
    const int *frames; // NULL: all, in time order
    int n_frames;
    bool blind; // nothing is shown
    bool aside; // it is only tried
} talk_sight;

extern const talk_sight talk_shows_all;

/* Where the prompt of a sight is read; NULL before talk_read_ready. */
ask_context *talk_context(const ask_talk *t, const talk_sight *sight);

/* Forgets what was only tried. */
void talk_forget_aside(ask_talk *t);

/* A prompt that borrows rows of the footage; before it was looked at they are NULL. */
typedef struct {
    ask_prompt prompt; // owned
    char *text;        // owned
    bool has_begin;
    ask_place *rows;          // owned
    ask_prompt_group *groups; // owned
    int n_groups;
    ask_footage_view view; // owned; where rows are made of all that is shown: {0} before
                           // talk_prompt_show
} talk_prompt;

/* The whole of the talk with `question` behind it. */
bool talk_prompt_make(talk_prompt *out, ask_talk *t, const char *question,
                      const talk_sight *sight, ask_error *err);
void talk_prompt_free(talk_prompt *p);

/* Makes the rows of a prompt whose rows are made of all that is shown, once the footage was
 * looked at; of others there is nothing to do. */
bool talk_prompt_show(talk_prompt *p, const ask_talk *t, const char *question,
                      const talk_sight *sight, ask_error *err);

/* The same, ready to be read: looks at the footage, unless all of it was read already, and
 * makes room for the prompt and `n_more` tokens. */
bool talk_read_ready(talk_prompt *out, ask_talk *t, const char *question,
                     const talk_sight *sight, int n_more, ask_error *err);

/* Has n of the cues told: those at the middles of n equal parts of their list. */
void talk_tell(ask_talk *t, int n);

/* What a talk was before it was made to fit. */
typedef struct {
    ask_footage footage; // owned where `replaced`
    bool replaced;
    int n_told, max_tokens;
} talk_before;

/* Whether it all fits; cues that do not are left out, and frames, and tokens of the answer,
 * where their number was left to us. *n_prompt: tokens of the prompt. *before: freed by
 * talk_settle. Fails as ask_talk_plan_of; the talk is then as it was, and nothing is to be
 * settled. */
bool talk_fit(int *n_prompt, talk_before *before, ask_talk *t, const char *text,
              ask_error *err);

/* What was done to fit stays when that was of use; else it is undone. */
void talk_settle(ask_talk *t, talk_before *before, bool stays);

/* Whether it can be said: UTF-8, not empty, without a placeholder. Fails: ASK_ERR_USAGE. */
bool talk_check_text(const char *text, ask_error *err);

/* Both are part of the talk from now on. Fails: ASK_ERR_NOMEM. */
bool talk_remember(ask_talk *t, const char *question, const char *answer, ask_error *err);

/* What the note of a file says was said takes the place of what was said. name: of the
 * file, for messages. Fails: ASK_ERR_MODEL, ASK_ERR_NOMEM; the talk is then as it was. */
bool talk_take_turns(ask_talk *t, const char *note, const char *name, ask_error *err);

/* Reads a prompt that is ready, and hears the answer. gen as in ask_talk_say. */
bool talk_hear(ask_generated *out, ask_talk *t, const talk_prompt *p,
               const ask_generate_options *gen, ask_error *err);

#endif
