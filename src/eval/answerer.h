/* eval/answerer.h - whoever answers the questions of a run, whatever it is inside. */
#ifndef ASK_EVAL_ANSWERER_H
#define ASK_EVAL_ANSWERER_H

#include "eval/item.h"

/* What it is shown. */
typedef enum {
    ASK_VIEW_VIDEO,
    ASK_VIEW_BLIND,    // nothing to see: grey pictures, features of zeros
    ASK_VIEW_SHUFFLED, // the same, in another order
    ASK_N_VIEWS,
} ask_eval_view;
ASK_API const char *ask_eval_view_name(ask_eval_view view); // "video", "blind", "shuffled"

/* ---- what it gives ---- */

/* The answer itself. Start with {.choice = -1}. */
typedef struct {
    int choice;       // an option; -1: none
    const char *text; // in words; NULL: none
    bool has_count;
    double count; // as it came, before rounding
    bool rejects; // it says that nothing in the video answers this
} ask_eval_decision;

typedef struct {
    double start_s, end_s, score; // score: how much the answer rests on it
    const char *label;            // of the event that it is; NULL: nobody says
    double confidence;            // in the label
    int slot;                     // of a memory; -1: none
} ask_eval_moment;

/* The place of a frame that the answer points at, in widths and heights of the picture. */
typedef struct {
    double t_s, x, y;
} ask_eval_point;

typedef struct {
    double t_s, score;
} ask_eval_frame;

typedef struct {
    const char *text;
    double score;
} ask_eval_guess;

/* All but numbers is borrowed from the arena that it was made in. */
typedef struct {
    ask_eval_decision decision;
    const double *scores; // [n_scores], of each option: log-probabilities
    int n_scores;
    const ask_eval_guess *guesses; // the best of a vocabulary, best first
    int n_guesses;
    const ask_eval_moment *moments; // best first: the highest score
    int n_moments;
    const ask_eval_frame *frames; // that it rests on, in time order
    int n_frames;
    const ask_eval_point *points;
    int n_points;
    const double *clip_scores; // how worth seeing each clip of record.clip_s seconds is
    int n_clip_scores;
    const char *verdict; // "grounded", ...; NULL: none
    bool has_presence;
    double presence; // how surely there is an answer, in the model's own measure
    double look_s;   // decoding and encoding, 0 where that was done before
    double answer_s;
} ask_eval_given;

/* ---- who ---- */

typedef struct {
    void *user;
    const char *name;             // "dual encoder"
    const char *model_id;         // ask_model_info.id; NULL: there is none
    bool kinds[ASK_DATA_N_KINDS]; // what it can answer
    const char *no_shuffle; // why it cannot feel another order of frames; NULL: it can
    /* Answers a question: *out is written on success, what it points to is in room. seed
     * decides the order of ASK_VIEW_SHUFFLED. */
    bool (*answer)(void *user, ask_eval_given *out, const ask_eval_item *item,
                   ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err);
    bool needs_video; // record.video_path: questions without one are left out of a run
    /* Whether what else it needs of the item is there; NULL: nothing. Fails with an error
     * that names it: a run then does not begin. */
    bool (*check)(void *user, const ask_eval_item *item, ask_error *err);
} ask_answerer;

#endif
