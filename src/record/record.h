/* record/record.h - the evidence record: what was asked of a video, what came of it, and on
 * what that rests.
 *
 * What the command prints with --json, what a report shows and what stands on disk are one
 * document (docs/formats.md). A record is made of parts; each kind of record needs some of
 * them. What was not computed is absent, and `notes` says why under the field's path; it is
 * never 0 and never invented:
 *
 *     ask_record *r = ask_record_new(ASK_RECORD_FIND, err);
 *     bool ok = r && ask_record_set_query(r, &query, err) &&
 *               ask_record_set_frames(r, frames, n_frames, err) &&
 *               ask_record_note(r, "frames.index", "not counted", err) &&
 *               ...
 *               ask_record_write(&json, r, err);
 *     ask_record_free(r);
 *
 * A record owns all that is in it: setters copy, with the texts made UTF-8 (malformed bytes
 * become U+FFFD), and replace what was set before. They fail only with ASK_ERR_NOMEM. Times
 * are seconds from the first displayed frame. */
#ifndef ASK_RECORD_RECORD_H
#define ASK_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* ---- values that may be absent: {0} is ---- */

typedef struct {
    bool known;
    int64_t value;
} ask_maybe_int;

typedef struct {
    bool known;
    double value;
} ask_maybe_real;

typedef struct {
    bool known;
    bool value;
} ask_maybe_bool;

static inline ask_maybe_int ask_known_int(int64_t value)
{
    return (ask_maybe_int){true, value};
}

static inline ask_maybe_real ask_known_real(double value)
{
    return (ask_maybe_real){true, value};
}

static inline ask_maybe_bool ask_known_bool(bool value)
{
    return (ask_maybe_bool){true, value};
}

/* ---- values of which there are many ---- */

typedef struct {
    const double *items;
    size_t n;
} ask_record_reals;

typedef struct {
    const char *name, *text;
} ask_record_pair;

/* Ordered; names are unique. */
typedef struct {
    const ask_record_pair *items;
    size_t n;
} ask_record_pairs;

typedef struct {
    const char *const *items;
    size_t n;
} ask_record_texts;

/* ---- the parts ----
 *
 * A text is NULL where it is absent; numbers and pairs that may be absent are so where
 * there are none. "Noted": when absent, a note under its path must say why. "Free": when
 * absent, that is itself the answer. Everything else must be there. */

typedef struct {
    const char *text;
    int64_t n_tokens;   // start and end included
    bool unknown_words; // some part of the text has no token
    const char *prompt; // free; the whole of what a language model read, with placeholders
                        // for what it was shown
} ask_record_query;

typedef struct {
    const char *text;
    double logprob, prob; // among the options, or among the model's own answers
} ask_record_option;

/* One of an answer in words, and where the model looked when it said it: the shares of its
 * attention are 1 together, within 1e-3. */
typedef struct {
    const char *text; // may be empty: some tokens are a part of a letter
    double logprob;
    ask_maybe_real text_share; // noted, as "answer.tokens.text_share"; of all but frames
    ask_record_reals frames;   // noted, as "answer.tokens.frames"; for each of the record's
} ask_record_token;

/* One of a number of options, or words. */
typedef struct {
    const char *text;                 // that of the option; words may be empty
    ask_maybe_int choice;             // noted; position among `options`
    const ask_record_option *options; // noted; there is one with the other
    size_t n_options;
    double confidence;     // the option's prob; of words the exp of the mean logprob of
                           // their tokens
    ask_maybe_bool denies; // free; of the model's own: it says that there is no such thing
    const ask_record_token *tokens; // free; of words, in their order
    size_t n_tokens;
    const char *ended_by; // free; why the words end: "end", "stop", "length", "context",
                          // "caller"
} ask_record_answer;

/* The question asked once more, of other frames. One of answer and same is known: of
 * options the first, of words the second. */
typedef struct {
    double s; // log-probability of the given answer; of words the mean of their tokens
    ask_maybe_int answer; // free; position among the options of the one it would give
    ask_maybe_bool same;  // free; whether it would say the same words
    int64_t n;            // draws that s is the mean of
} ask_record_trial;

/* All noted. */
typedef struct {
    const ask_record_trial *full;             // all frames
    const ask_record_trial *blind;            // a grey picture in place of the video
    const ask_record_trial *shuffled;         // the frames in another order
    const ask_record_trial *evidence_only;    // the retrieved frames alone
    const ask_record_trial *evidence_removed; // all but these
    const ask_record_trial *random_removed;   // all but as many others
} ask_record_checks;

typedef enum {
    ASK_WORTH_OUTSIDE,
    ASK_WORTH_NOT_IN_VIDEO,
    ASK_WORTH_PRIOR_ONLY,
    ASK_WORTH_GROUNDED,
    ASK_WORTH_WEAK,
} ask_record_worth;

typedef struct {
    ask_record_worth value;
    const char *note;                    // free; what to know of it, what to do
    double tau_prior, tau_suff, tau_nec; // thresholds of the model's calibration
    ask_maybe_real distance;      // free; of the footage from that of the calibration
    ask_maybe_real most_distance; // free; that is covered
    const char *new_word;         // free; one that the model never saw
} ask_record_verdict;

/* Where in a frame the answer is seen. */
typedef struct {
    int64_t frame; // position among `frames`
    const char *method, *layer;
    int64_t rows, cols;
    double x, y, width, height; // the part of the picture that it covers, in its widths
                                // and heights
    ask_record_reals values;    // [rows, cols], 0 to 1
} ask_record_map;

typedef struct {
    bool present; // score >= threshold; false: not in this video
    double score; // the best frame above the mean of the best that random sentences reach,
                  // in deviations of these; of an answer from a memory: the logarithm of
                  // the odds that there is one
    double threshold;
    const char *threshold_source; // "calibration.json", "default"; "none": not asked
    const char *threshold_data;   // free; what it was fitted on
    ask_maybe_int threshold_n;    // free; on how many
    ask_maybe_real level; // free; where the threshold lies among the frames' scores,
                          // which have another unit
} ask_record_presence;

typedef struct {
    int64_t size;       // bytes of the file
    const char *quick;  // 16 hex digits
    const char *sha256; // noted; 64 hex digits
} ask_record_video_id;

typedef struct {
    const char *path;
    ask_record_video_id id;
    ask_maybe_real duration_s; // noted
    int64_t time_base[2];      // seconds per unit of pts: numerator, denominator
    ask_maybe_int n_frames;    // noted; exact, never an estimate
    ask_maybe_bool vfr;        // noted
    int64_t width, height;     // as displayed
    int64_t rotation;          // degrees clockwise that were applied: 0, 90, 180, 270
} ask_record_video;

/* As it was asked for; all free. */
typedef struct {
    ask_maybe_int frames;
    ask_maybe_real fps;
    ask_maybe_int max_frames;
    ask_maybe_real start_s, end_s;
    ask_maybe_int top; // moments
} ask_record_request;

/* What that came to. */
typedef struct {
    int64_t n_frames;
    double fps;
    double start_s, end_s;
} ask_record_sampling;

typedef struct {
    int64_t images; // through the image tower; in a plan at most
    double gflop;
} ask_record_work;

typedef struct {
    const char *mode;     // what the model is shown: "original", ...
    const char *strategy; // how frames are picked: "uniform", ...
    ask_record_request requested;
    ask_record_sampling resolved;
    int64_t tokens;              // of all texts
    ask_maybe_int visual_tokens; // free; of all frames, as a language model is shown them
    ask_maybe_int answer_tokens; // free; at most, of an answer in words
    ask_maybe_int context;       // free; places for tokens of all kinds together
    ask_record_work work;
    ask_maybe_real expected_s; // noted
    ask_maybe_real peak_mib;   // noted
    const char *why_changed;   // free; NULL: as asked
} ask_record_plan;

typedef enum {
    ASK_ROLE_ANCHOR,    // picked by time alone
    ASK_ROLE_RETRIEVED, // picked for the text
    ASK_ROLE_EVENT,     // where a described event was found
} ask_frame_role;

/* A frame that was looked at, whatever came of it. */
typedef struct {
    ask_maybe_int index; // noted, as "frames.index"; into the full time table
    int64_t pts;
    double t_s;
    ask_frame_role role;
    double score; // above the mean of random sentences on these frames, in deviations; of
                  // an answer from a memory: how much of it is seen there; of an answer in
                  // words: the mean of its tokens' shares of attention
    ask_maybe_real cosine;      // noted, as "frames.cosine"
    ask_maybe_int duplicate_of; // free; position among `frames` of an earlier one that
                                // shows the same
    bool damaged;               // its data is, and the decoder filled in what was missing
    const char *thumb;          // noted, as "frames.thumb"; a file, relative to the record
} ask_record_frame;

typedef struct {
    double start_s, end_s;
    double score;
    double best_s;         // t_s of its best frame, which is near to it where it has a
                           // text, and in it where it has none
    ask_maybe_int repeats; // free; position among `moments` of a better one that shows the
                           // same
    const char *event;     // free; what happens, as a memory has it: "jumps"
    const char *text;      // free; the whole of it: "the red ball jumps"
    ask_maybe_real confidence; // free; that it is so, 0 to 1
    ask_maybe_int slot;        // free; of the memory
} ask_record_moment;

/* What was said in the video, as the model read it. */
typedef struct {
    double start_s, end_s; // the end may lie behind that of the video
    const char *text;
} ask_record_cue;

typedef struct {
    const char *source;         // "clip.srt", "stream 2 (eng)"
    const ask_record_cue *cues; // free; in the order of their starts
    size_t n_cues;
    ask_maybe_int left_out; // free; how many more there were for which there was no room
} ask_record_subtitles;

typedef struct {
    double decode_s, encode_s, answer_s;
    ask_maybe_real peak_mib; // noted
    int64_t cache_hits;
    ask_maybe_int prompt_tokens;  // free; of what a language model read, frames included
    ask_maybe_int reused_tokens;  // free; of these, how many it had read before
    ask_maybe_real first_token_s; // free; from the question to the first token of words
    ask_maybe_real tokens_per_s;  // free; from then on
} ask_record_cost;

typedef struct {
    const char *dir;
    const char *id;      // 64 hex digits, over configuration, tensor headers, ends of the
                         // data, and the small files
    const char *network; // "clip"
} ask_record_model;

typedef struct {
    ask_record_texts argv;
    const char *version, *build;
    ask_record_model model;
    ask_maybe_int seed; // noted
    int64_t threads;
    const char *isa, *backend, *dtype;
    ask_record_pairs libraries;  // name, version
    ask_record_pairs generation; // free; how words were picked: "temperature", "0.7"
} ask_record_reproduce;

/* ---- the record ---- */

typedef enum {
    ASK_RECORD_FIND,   // "askance.find/1": all parts but answer, checks, verdict, saliency,
                       // subtitles
    ASK_RECORD_PLAN,   // "askance.plan/1": query, video, plan, reproduce: nothing was run
    ASK_RECORD_ANSWER, // "askance.answer/1": every part; presence, verdict, checks and
                       // saliency noted, subtitles free
} ask_record_kind;

/* Read through the fields, changed through the functions below. A part that is NULL is
 * absent; a list may also be there and empty. */
typedef struct {
    ask_record_kind kind;
    const ask_record_query *query;
    const ask_record_answer *answer;
    const ask_record_verdict *verdict;
    const ask_record_presence *presence;
    const ask_record_video *video;
    const ask_record_plan *plan;
    const ask_record_frame *frames; // in time order
    size_t n_frames;
    const ask_record_moment *moments; // best first; those that repeat one come last
    size_t n_moments;
    const ask_record_checks *checks;
    const ask_record_map *saliency; // in time order
    size_t n_saliency;
    const ask_record_subtitles *subtitles;
    const ask_record_cost *cost;
    const ask_record_reproduce *reproduce;
    ask_record_pairs notes; // path of a field, why it is absent or what to know of it
    ask_arena *arena;       // private: owns all of it
} ask_record;

ASK_API ask_record *ask_record_new(ask_record_kind kind, ask_error *err);
ASK_API void ask_record_free(ask_record *r); // NULL is fine

ASK_API bool ask_record_set_query(ask_record *r, const ask_record_query *query,
                                  ask_error *err);
ASK_API bool ask_record_set_answer(ask_record *r, const ask_record_answer *answer,
                                   ask_error *err);
ASK_API bool ask_record_set_verdict(ask_record *r, const ask_record_verdict *verdict,
                                    ask_error *err);
ASK_API bool ask_record_set_checks(ask_record *r, const ask_record_checks *checks,
                                   ask_error *err);
ASK_API bool ask_record_set_saliency(ask_record *r, const ask_record_map *maps, size_t n,
                                     ask_error *err);
ASK_API bool ask_record_set_presence(ask_record *r, const ask_record_presence *presence,
                                     ask_error *err);
ASK_API bool ask_record_set_video(ask_record *r, const ask_record_video *video,
                                  ask_error *err);
ASK_API bool ask_record_set_plan(ask_record *r, const ask_record_plan *plan,
                                 ask_error *err);
ASK_API bool ask_record_set_frames(ask_record *r, const ask_record_frame *frames, size_t n,
                                   ask_error *err);
ASK_API bool ask_record_set_moments(ask_record *r, const ask_record_moment *moments,
                                    size_t n, ask_error *err);
ASK_API bool ask_record_set_subtitles(ask_record *r, const ask_record_subtitles *subtitles,
                                      ask_error *err);
ASK_API bool ask_record_set_cost(ask_record *r, const ask_record_cost *cost,
                                 ask_error *err);
ASK_API bool ask_record_set_reproduce(ask_record *r, const ask_record_reproduce *reproduce,
                                      ask_error *err);

/* Whether the answer is words, rather than one of a number of options. */
static inline bool ask_record_in_words(const ask_record *r)
{
    return r->answer && !r->answer->choice.known;
}

/* The mean share of the tokens' attention that a frame had, and that all but frames had;
 * unknown where the record does not say where the model looked. */
ASK_API ask_maybe_real ask_record_frame_share(const ask_record *r, size_t frame);
ASK_API ask_maybe_real ask_record_text_share(const ask_record *r);

/* Adds a note, or replaces the one of that path; a reason of NULL takes it away. Items of a
 * list share theirs: "frames.index". */
ASK_API bool ask_record_note(ask_record *r, const char *path, const char *reason,
                             ask_error *err);
/* The note of a path; NULL: there is none. Borrowed. */
ASK_API const char *ask_record_note_of(const ask_record *r, const char *path);

/* "grounded": what the document calls a verdict. */
ASK_API const char *ask_record_worth_word(ask_record_worth worth);

/* "askance.find/1": what the document calls the kind. */
ASK_API const char *ask_record_schema(ask_record_kind kind);

/* Whether the record keeps every rule: the parts its kind needs; finite numbers; times
 * within the video and in order; moments around frames; shares of attention that are one
 * whole; a note for each absent field.
 * Fails: ASK_ERR_FORMAT, as `name: key "frames[3].t_s": ...`. */
ASK_API bool ask_record_check(const ask_record *r, const char *name, ask_error *err);

/* ---- as JSON ---- */

/* Adds the record as one indented document to *out. Fails: ASK_ERR_BUG for a record that
 * breaks a rule, ASK_ERR_NOMEM; *out is then as it was. */
ASK_API bool ask_record_write(ask_str *out, const ask_record *r, ask_error *err);

/* Reads a document and checks it; a copy of name stands in front of messages. Fields that
 * this version does not know are passed over. Fails: ASK_ERR_FORMAT with the key's path,
 * ASK_ERR_UNSUPPORTED for another schema, ASK_ERR_NOMEM. */
ASK_API ask_record *ask_record_parse(const char *text, size_t n_bytes, const char *name,
                                     ask_error *err);
/* The same from a file. Fails also with ASK_ERR_IO and ASK_ERR_LIMIT. */
ASK_API ask_record *ask_record_read(const char *path, ask_error *err);

#endif
