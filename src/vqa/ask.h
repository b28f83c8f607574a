/* vqa/ask.h - a question with choices about a video: the answer, what it rests on, and a
 * test of whether it does.
 *
 * Each choice is put behind the question as one text, and frames and texts meet in one
 * embedding space. The choice that fits the retrieved frames best is the answer
 * (vqa/contest.h); the frames of its moments are the evidence (focus/moments.h); the
 * question is asked again without and with them (vqa/checks.h), and the model's calibration
 * says what that is worth (vqa/verdict.h).
 *
 *     const char *choices[] = {"red", "blue"};
 *     ask_answer a;
 *     if (!ask_ask(&a, video, session, "what colour is the ball?", choices, 2, NULL, err))
 * ... puts(choices[a.choice]); ask_answer_free(&a);
 */
#ifndef ASK_VQA_ASK_H
#define ASK_VQA_ASK_H

#include "focus/find.h"
#include "vqa/standard.h"

typedef struct {
    size_t struct_size;
    ask_sampling_options sampling;
    int n_keep;            // frames to retrieve: 8
    int n_maps;            // frames to explain, the best of the evidence: 3; 0: none
    double near_duplicate; // as in ask_find_options
    bool no_checks;        // no checks, so no verdict
    uint64_t seed;         // of what is drawn at random: 1
    const ask_cancel *cancel;
    const ask_progress *progress; // frames
    const ask_seen *seen;         // as in ask_find_options
    const ask_standard *standard; // what the answer is held against; borrowed. NULL: what
                                  // calibration.json says
} ask_ask_options;
ASK_API ask_ask_options ask_ask_defaults(void);

/* Refuses what no video and no model could answer: an empty question or choice, one that is
 * not UTF-8, fewer than 2 choices or more than ASK_MOST_CHOICES, choices that are the same
 * but for case and blanks, senseless options. opt may be NULL. Fails: ASK_ERR_USAGE. */
ASK_API bool ask_ask_check(const char *question, const char *const *choices, int n_choices,
                           const ask_ask_options *opt, ask_error *err);

/* What a call will do, before anything is decoded; n_tokens is that of the question. Freed
 * with ask_find_plan_free. Fails as ask_ask does, apart from decoding. */
ASK_API bool ask_ask_plan(ask_find_plan *out, ask_video *v, ask_session *s,
                          const char *question, const char *const *choices, int n_choices,
                          const ask_ask_options *opt, ask_error *err);

typedef struct {
    double s, p; // log-probability among the choices, and probability
} ask_answer_option;

/* Where in a frame the answer is seen. */
typedef struct {
    int frame;   // of the answer's frames
    float *heat; // owned; [side, side], not negative, at most 1
    int side;    // patches
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
    ask_find_plan plan;         // owned
    ask_answer_option *options; // owned; [n_options], in the order of the choices
    int n_options;
    int choice;             // the answer
    ask_find_frame *frames; // owned; in time order, scored against the answer's text
    int n_frames;
    double *cosines; // owned; [n_options + 1, n_frames]: of choices, then of the question
    ask_find_moment *moments; // owned; of the answer
    int n_moments;
    int evidence[ASK_MOST_RETRIEVED]; // frames that the answer rests on, in time order
    int n_evidence;
    bool present; // presence >= threshold: the best choice stands out of chance
    double presence, threshold, level; // as in ask_find_result
    const char *threshold_source;      // static
    char *calibration_data;            // owned; NULL: not told
    int64_t calibration_n;             // 0: not told
    bool is_checked;
    ask_checks checks;
    ask_answer_verdict verdict;
    ask_answer_map *maps; // owned; [n_maps]
    int n_maps;
    char layer[64]; // what the maps were read from
    double decode_s, encode_s, answer_s;
} ask_answer;

/* opt may be NULL. The same inputs give the same bits, the times it took apart. With
 * opt->seen, v may be NULL where nothing is explained (n_maps 0). Fails:
 * ASK_ERR_USAGE, ASK_ERR_LIMIT (question and choice longer than the model's context),
 * ASK_ERR_MODEL (calibration.json), ASK_ERR_CANCELLED, or as the video or the model do. */
ASK_API bool ask_ask(ask_answer *out, ask_video *v, ask_session *s, const char *question,
                     const char *const *choices, int n_choices, const ask_ask_options *opt,
                     ask_error *err);
ASK_API void ask_answer_free(ask_answer *a); // leaves {0}; NULL is fine

#endif
