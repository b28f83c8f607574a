/* eval/playroom.h - how a model does on a world in a folder (world/clip_files.h): what it
 * finds and what it answers, one row for each query and question, held against the truth.
 *
 * Every clip is decoded and embedded once, when the playroom is opened; searches, questions
 * and cheats then share what was seen:
 *
 *     ask_playroom_options o = ask_playroom_defaults();
 *     o.sampling.fps = 4;
 *     ask_playroom *p = ask_playroom_open("test-world", session, &o, err);
 *     ask_found_rows found;
 *     ask_answered_rows own, other;
 *     if (!p || !ask_playroom_find(&found, p, err) ||
 *         !ask_playroom_ask(&own, p, ASK_SHOWN_OWN, err) ||
 *         !ask_playroom_ask(&other, p, ASK_SHOWN_OTHER, err)) ...
 *
 * eval/summary.h makes numbers of rows. */
#ifndef ASK_EVAL_PLAYROOM_H
#define ASK_EVAL_PLAYROOM_H

#include "focus/seen.h"
#include "vqa/ask.h"
#include "world/clip_files.h"

/* Which frames questions are asked of. */
typedef enum {
    ASK_SHOWN_OWN,   // those of their clip
    ASK_SHOWN_OTHER, // a cheat: those of the next clip (around the end) in which no toy
                     // looks like what the question is about
    ASK_SHOWN_GREY,  // a cheat: a grey picture for every frame, so that only the words of
                     // question and choices can tell
    ASK_N_SHOWN,
} ask_shown;

typedef struct {
    size_t struct_size;
    int64_t first;                 // the first clip: 0
    int64_t n_clips;               // so many from there on; 0: all that are there
    ask_sampling_options sampling; // of every clip
    uint64_t seed;                 // of random checks: 1
    /* What the model is held against; NULL: calibration.json in its folder, or the
     * defaults. Borrowed until close. */
    const ask_calibration *calibration;
    const ask_standard *standard;
    const ask_cancel *cancel;     // borrowed until close; may be NULL
    const ask_progress *progress; // clips; borrowed until close; may be NULL
} ask_playroom_options;
ASK_API ask_playroom_options ask_playroom_defaults(void);

typedef struct ask_playroom ask_playroom;

/* Reads the truth of the clips and looks at them. dir: of a world. s is borrowed until
 * close. opt may be NULL. Memory: all vectors of every frame that is looked at.
 * Fails: ASK_ERR_USAGE for clips that are not there, ASK_ERR_CANCELLED, or as
 * ask_world_open, reading truth, the videos and the model do. */
ASK_API ask_playroom *ask_playroom_open(const char *dir, ask_session *s,
                                        const ask_playroom_options *opt, ask_error *err);
ASK_API void ask_playroom_close(ask_playroom *p); // NULL is fine

ASK_API int64_t ask_playroom_n_clips(const ask_playroom *p);
ASK_API ask_world_info ask_playroom_world(const ask_playroom *p);

/* Clip i (from 0 on, counted from the first) as it was seen; borrowed. */
ASK_API const ask_seen *ask_playroom_seen(const ask_playroom *p, int64_t i);

/* Later searches and questions are held against this one; borrowed until close. What was
 * seen is kept: only prompts are embedded anew. Fails as the model does; the playroom can
 * then only be closed. */
ASK_API bool ask_playroom_set_calibration(ask_playroom *p, const ask_calibration *c,
                                          ask_error *err);

/* ---- what it finds ---- */

/* A query. FOREIGN and NEAR_MISS have no moment: judged, hit and centre are false. */
typedef struct {
    int64_t clip;
    ask_query_kind kind;
    bool judged;     // its moment is short enough to tell looking from guessing
    double presence; // see ask_find_result
    double t_s;      // the best frame of the best moment
    bool hit;        // t_s lies in the true moment
    double random;   // how often that is so of a random time of the clip: its share
    bool centre;     // whether it is so of the middle of the clip
} ask_found_row;

typedef struct {
    ask_found_row *rows; // owned; freed with free()
    int64_t n;
} ask_found_rows;

/* All queries, in order of clips. Fails: ASK_ERR_CANCELLED, ASK_ERR_NOMEM, or as ask_find
 * does. */
ASK_API bool ask_playroom_find(ask_found_rows *out, ask_playroom *p, ask_error *err);

/* ---- what it answers ---- */

typedef struct {
    int64_t clip, shown; // of the question; whose frames were shown
    ask_question_type type;
    bool judged; // its moment is short enough to tell looking from guessing
    bool visual; // one frame can show the right option: PRESENCE to ACTION. Of a model
                 // with a memory: the right answer is none that denies
    int answer;  // the choice that was made
    bool right;
    double s_right; // log-probability of the right option
    double presence;
    ask_checks checks;  // of the answer; reasons are static texts
    double distance;    // of the footage from the calibration's; 0 where it is not judged
    bool unknown_words; // the words lie outside what the model has seen
    bool in_moment;   // a frame of the evidence lies in the true moment. Of the clip of the
                      // question: with other frames it is false
    bool has_verdict; // false: the model is held against no thresholds
    ask_verdict verdict;
    /* What the answer was computed from (vqa/contest.h), to compute it again: */
    double *cosines;   // owned; [ASK_N_OPTIONS + 1, n_frames]
    int *duplicate_of; // owned; [n_frames]
    int n_frames, right_option;
} ask_answered_row;

typedef struct {
    ask_answered_row *rows; // owned
    int64_t n;
} ask_answered_rows;

/* All questions, in order of clips. With ASK_SHOWN_OTHER only visual ones for which there
 * is such a clip. Fails as ask_playroom_find. */
ASK_API bool ask_playroom_ask(ask_answered_rows *out, ask_playroom *p, ask_shown shown,
                              ask_error *err);
ASK_API void ask_answered_rows_free(ask_answered_rows *r); // leaves {0}

/* The verdict of a row under other thresholds than those it was made with. */
typedef struct {
    double threshold;     // presence from which a choice is in the video; -INFINITY: it is
    double most_distance; // of the footage; INFINITY: it is covered
    ask_verdict_limits limits;
} ask_verdict_terms;
ASK_API ask_verdict ask_answered_verdict(const ask_answered_row *row,
                                         const ask_verdict_terms *terms);

#endif
