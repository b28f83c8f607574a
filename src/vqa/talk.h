/* vqa/talk.h - a talk with a language model about a video.
 *
 * The first thing that is said carries the frames, and the subtitles; what follows goes on
 * from there. Frames are decoded and encoded when they are read for the first time, and
 * never again; of what is said only what is new is read (model/context.h).
 *
 * Where subtitles are told, the times of the frames are told before them. When not all of
 * them fit, those that are told are spread evenly. What stands in subtitles, and in earlier
 * answers, is words: what looks like a mark there ("</s>", "<video>", "[INST]") is told
 * with a blank behind its bracket, so that no tokenizer takes it for one.
 *
 *     ask_talk *t = ask_talk_open(video, session, NULL, err);
 *     if (!t || !ask_talk_say(&said, t, "what happens?", NULL, err)) ...
 *     puts(said.text); ask_generated_free(&said);
 *     if (!ask_talk_say(&said, t, "and then?", NULL, err)) ...
 *     ask_talk_close(t);
 */
#ifndef ASK_VQA_TALK_H
#define ASK_VQA_TALK_H

#include "media/subtitles.h"
#include "model/generate.h"
#include "vqa/footage.h"

typedef struct ask_talk ask_talk;

typedef struct {
    size_t struct_size;
    ask_sampling_options sampling;
    ask_session *eye;               // of a model that is given features (vqa/footage.h)
    const ask_subtitles *subtitles; // borrowed; NULL: none
    const char *system; // message of the system, without a placeholder; NULL: the
                        // template's own
    const char *form;   // name of a built-in chat template (text/chat.h) that stands in for
                        // what the checkpoint has; NULL: its own, else its network's
    int max_tokens; // most tokens of an answer; 0: 256, or fewer where the prompt leaves no
                    // room for as many, and never more than half of what the model reads
    int max_prompt; // most tokens of a prompt; 0: as many as the model reads
    double max_mib; // most memory for what is read, while it is; 0: any
    const ask_cancel *cancel;
    const ask_progress *progress; // frames, then tokens
} ask_talk_options;
ASK_API ask_talk_options ask_talk_defaults(void);

/* video and session are borrowed until it is closed. Nothing is decoded. opt may be NULL.
 * Fails: ASK_ERR_MODEL for a model that writes no texts or sees nothing,
 * ASK_ERR_USAGE, ASK_ERR_MODEL (templates, tokenizer), or as ask_footage_plan. */
ASK_API ask_talk *ask_talk_open(ask_video *video, ask_session *session,
                                const ask_talk_options *opt, ask_error *err);
ASK_API void ask_talk_close(ask_talk *t); // NULL is fine

enum { ASK_TALK_WHY_BYTES = 160 };

/* What saying something will take. */
typedef struct {
    int n_frames, n_visual; // frames; tokens that stand for them
    int n_question;         // tokens of what is said, as a text of its own
    int n_prompt;           // tokens of all that will have been read
    int n_answer;           // most tokens of the answer
    int n_context;          // places that there is room for
    int n_cues, n_left_out; // subtitles that are told, and those that did not fit
    char why_changed[ASK_TALK_WHY_BYTES]; // what did not fit, of subtitles and the answer;
                                          // "": nothing. Frames: ask_talk_footage
    double mib;                           // memory of what is read
    double gflop; // of frames and prompt, as if nothing was read yet
} ask_talk_plan;

/* Fails: ASK_ERR_USAGE for an empty text, or one with a placeholder ("<video>", "<image>")
 * in it; ASK_ERR_LIMIT for what does not fit, with the nearest that does; the talk is then
 * as it was before. */
ASK_API bool ask_talk_plan_of(ask_talk_plan *out, ask_talk *t, const char *text,
                              ask_error *err);

/* Says something and hears the answer; both are part of the talk from then on. gen (may be
 * NULL): how it is said; max_tokens is the talk's. Fails as ask_talk_plan_of, the video and
 * the model do; the talk is then as it was before, apart from what was read. */
ASK_API bool ask_talk_say(ask_generated *out, ask_talk *t, const char *text,
                          const ask_generate_options *gen, ask_error *err);

/* Begins anew: what was said is forgotten, the video stays read. */
ASK_API void ask_talk_forget(ask_talk *t);

/* How many answers are part of it. */
ASK_API int ask_talk_n_answers(const ask_talk *t);

/* Keeps what was read, and what was said, in a file (docs/formats.md, "askance.context/1"),
 * all or nothing. Fails: ASK_ERR_USAGE where nothing was read, ASK_ERR_IO, ASK_ERR_NOMEM.
 */
ASK_API bool ask_talk_save(const ask_talk *t, const char *path, ask_error *err);

/* Goes on from such a file: what was said there takes the place of what was said here
 * (nothing, where it was about another video), and
 * what was read there and is asked again is neither decoded nor encoded nor read again.
 * Fails: ASK_ERR_MODEL for a file of another model, or that is damaged; ASK_ERR_LIMIT,
 * ASK_ERR_NOMEM; the talk is then as it was. */
ASK_API bool ask_talk_load(ask_talk *t, const char *path, ask_error *err);

/* The frames: planned, and looked at once something was said. Borrowed. */
ASK_API const ask_footage *ask_talk_footage(const ask_talk *t);

/* The cues that are told, in time order. Borrowed; *n of them. */
ASK_API const ask_subtitle_cue *const *ask_talk_cues(const ask_talk *t, int *n);

#endif
