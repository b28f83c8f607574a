/* vqa/ask.h - a question about a video: the answer, what it rests on, and a test of whether
 * it does.
 *
 * There are two ways, and the model decides between them:
 *
 * A dual encoder chooses. Each choice is put behind the question as one text, and frames
 * and texts meet in one embedding space. The choice that fits the retrieved frames best is
 * the answer (vqa/contest.h); the frames of its moments are the evidence
 * (focus/moments.h).
 *
 * A model with a memory (model/memory.h) looks at a fixed number of frames, remembers who
 * does what when, and answers from that: with choices, or from the answers of its own. What
 * it remembers are the moments; those that the answer is seen in come first, and their
 * frames are the evidence.
 *
 * Then the question is asked again without and with the evidence (vqa/checks.h), and the
 * model's calibration says what the answer is worth (vqa/verdict.h).
 *
 *     const char *choices[] = {"red", "blue"};
 *     ask_answer a;
 *     if (!ask_ask(&a, video, session, "what colour is the ball?", choices, 2, NULL, err))
 * ... puts(a.options[a.choice].text); ask_answer_free(&a);
 */
#ifndef ASK_VQA_ASK_H
#define ASK_VQA_ASK_H

#include "focus/find.h"
#include "vqa/sightings.h"
#include "vqa/standard.h"

typedef struct {
    size_t struct_size;
    ask_sampling_options sampling;
    int n_keep;            // frames to retrieve: 8. With a memory: to show where the answer
                           // is seen in no moment
    int n_maps;            // frames to explain, the best of the evidence: 3; 0: none
    double near_duplicate; // as in ask_find_options; a memory does not ask
    bool no_checks;        // no checks, so no verdict
    uint64_t seed;         // of what is drawn at random: 1
    const ask_cancel *cancel;
    const ask_progress *progress;   // frames
    const ask_seen *seen;           // as in ask_find_options; of a dual encoder
    const ask_sightings *sightings; // the same of a model with a memory
    const ask_standard *standard;   // what the answer is held against; borrowed. NULL: what
                                    // calibration.json says
} ask_ask_options;
ASK_API ask_ask_options ask_ask_defaults(void);

/* Refuses what no video and no model could answer: an empty question or choice, one that is
 * not UTF-8, a single choice or more than ASK_MOST_CHOICES, choices that are the same but
 * for case and blanks, senseless options. That there are no choices is for the model to
 * refuse. opt may be NULL. Fails: ASK_ERR_USAGE. */
ASK_API bool ask_ask_check(const char *question, const char *const *choices, int n_choices,
                           const ask_ask_options *opt, ask_error *err);

/* What a call will do, before anything is decoded; n_tokens is that of the question. Freed
 * with ask_find_plan_free. Fails as ask_ask does, apart from decoding. */
ASK_API bool ask_ask_plan(ask_find_plan *out, ask_video *v, ask_session *s,
                          const char *question, const char *const *choices, int n_choices,
                          const ask_ask_options *opt, ask_error *err);

typedef struct {
    const char *text; // borrowed, from the caller or the model
    double s, p;      // log-probability among the choices, or among the model's own
                      // answers, and probability
} ask_answer_option;

/* What a moment is, as a memory tells it. */
typedef struct {
    const char *event; // "jumps"; borrowed from the model. NULL: that a thing is there
    char *text;        // owned; "the red ball jumps"
    double confidence;
    int slot; // of the memory
} ask_answer_event;

/* Where in a frame the answer is seen. */
typedef struct {
    int frame;   // of the answer's frames
    float *heat; // owned; [side, side], not negative, at most 1
    int side;    // cells
    double x, y; // the part of the picture that it covers, in its widths and heights
    double width, height;
} ask_answer_map;

typedef struct {
    bool known; // false: why_not says why there is no verdict
    ask_verdict verdict;
    bool redundant;
    ask_verdict_limits limits;
    double distance, most_distance; // of the footage; most_distance < 0: not judged
    char *new_word;                 // owned; the first that the model never saw; NULL
    char *download;                 // owned; what to use instead; NULL: not told
    const char *why_not;            // static
} ask_answer_verdict;

typedef struct {
    ask_find_plan plan; // owned
    /* Owned; [n_options]: the choices in their order. Without choices: the best 5 of the
     * model's own answers and whatever a check answered, best first. */
    ask_answer_option *options;
    int n_options;
    int choice;             // the answer, one of the options
    bool denies;            // it is one of the model's own that says there is no such thing
    ask_find_frame *frames; // owned; in time order, scored against the answer's text
    int n_frames;
    double *cosines; // owned; [n_options + 1, n_frames]: of choices, then of the question;
                     // NULL with a memory
    ask_find_moment *moments; // owned; of the answer
    ask_answer_event *events; // owned; [n_moments]; NULL without a memory
    int n_moments;
    int evidence[ASK_MOST_RETRIEVED]; // frames that the answer rests on, in time order
    int n_evidence;
    /* presence >= threshold: the best choice stands out of chance. With a memory, presence
     * is log (1 - P) - log P, where P is the probability of all own answers that deny; a
     * model that has none is not asked, and all is 0. */
    bool present;
    double presence, threshold;
    double level;                 // as in ask_find_result; NAN with a memory
    const char *threshold_source; // static; "none": it was not asked
    char *calibration_data;       // owned; NULL: not told
    int64_t calibration_n;        // 0: not told
    bool is_checked;
    ask_checks checks;
    ask_answer_verdict verdict;
    ask_answer_map *maps; // owned; [n_maps]
    int n_maps;
    const char *method; // how the maps were made (model/explain.h)
    char layer[64];     // what they were read from
    double decode_s, encode_s, answer_s;
} ask_answer;

/* n_choices 0: of the model's own answers. opt may be NULL. The same inputs give the same
 * bits, the times it took apart. Texts of options that are the model's own, and events, are
 * borrowed from the model. With opt->seen, v may be NULL where nothing is explained (n_maps
 * 0); with opt->sightings it may always be. Fails: ASK_ERR_USAGE (also for a model without
 * answers of its own where there are no choices), ASK_ERR_LIMIT (a text longer than the
 * model's context), ASK_ERR_MODEL (calibration.json), ASK_ERR_CANCELLED,
 * ASK_ERR_UNSUPPORTED, or as the video or the model do. */
ASK_API bool ask_ask(ask_answer *out, ask_video *v, ask_session *s, const char *question,
                     const char *const *choices, int n_choices, const ask_ask_options *opt,
                     ask_error *err);
ASK_API void ask_answer_free(ask_answer *a); // leaves {0}; NULL is fine

#endif
