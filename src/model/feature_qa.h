/* model/feature_qa.h - questions about videos of which features are given: for models with
 * a memory of events (net/joint/glance_focus.h).
 *
 *     ask_feature_question q = {.features = rows.data, .n_frames = rows.n, .width = ...,
 *                               .question = "What happens first?", ...};
 *     ask_feature_answer a;
 *     if (!ask_answer_features(&a, session, &q, NULL, err)) goto fail;
 *     ... a.scores[0] ..
 *     ask_feature_answer_free(&a);
 */
#ifndef ASK_MODEL_FEATURE_QA_H
#define ASK_MODEL_FEATURE_QA_H

#include "base/arena.h"
#include "model/model.h"

/* Room for what stands between a question and an option, its NUL included. */
enum { ASK_QA_JOINT_BYTES = 32 };

/* What its answers are. */
typedef enum {
    ASK_QA_OPTIONS,    // which of the options that come with the question
    ASK_QA_VOCABULARY, // one of the model's own answers
    ASK_QA_COUNT,      // a number
    ASK_QA_MOMENT,     // one of its events
} ask_qa_kind;

typedef struct {
    ask_qa_kind kind;
    int n_options;              // of a question; 0: it takes none
    int width;                  // numbers of a frame
    int n_frames;               // that are looked at; videos of more are thinned
    int n_events;               // memory slots
    int n_answers;              // of the vocabulary
    const char *const *answers; // [n_answers]; NULL: the folder has no list of them
    int n_classes;              // of events, without the background
    const char *const *classes; // [n_classes]; NULL: the folder has no list of them
    const char *features; // id of the model whose features these are (ask_model_info);
                          // NULL: not told
    const char *features_layout; // "clips", "frames", ...; NULL: not told
    double video_gflop; // work of a video of n_frames, and of one text about it, which is
    double text_gflop;  // short; multiply and add are counted as two
} ask_feature_qa_info;

/* Fails with ASK_ERR_UNSUPPORTED for a model that cannot do this. Borrowed from m. */
ASK_API bool ask_feature_qa_info_of(ask_feature_qa_info *out, const ask_model *m,
                                    ask_error *err);

typedef struct {
    const float *features; // [n_frames, width]; finite
    int64_t n_frames, width;
    const char *question;
    const char *const *options; // [n_options]; NULL where the model takes none
    int n_options;
    bool blind; // answered without the video, to see what the words alone tell: as if it
                // had as many frames as are looked at, all zeros. features is not looked at
} ask_feature_question;

typedef struct {
    double start, end; // shares of the video, 0 <= start <= end <= 1
    int class_index;   // the likeliest, the background among them: n_classes
    double confidence; // its probability
} ask_feature_event;

typedef struct {
    double *scores; // [n_scores], log-probabilities of options, answers or events; of a
                    // count the number as it came
    int n_scores;
    int best; // index of the highest score; the count, rounded and at least 0
    ask_feature_event *events; // [n_events], by centre (of networks whose spans are start
                               // and end: by start)
    double *event_weights;     // [n_events], how much the text looks at each; sum 1. Of
                               // options, the text of the best one
    double *frame_weights;     // [n_frames of the question], at each frame; sum 1. Frames
                               // that were thinned out have 0; when blind all have the same
    int n_events;
    int64_t n_frames;
} ask_feature_answer;

/* out: owned; untouched on failure. The same question gives the same bits, whatever was
 * asked before. Fails: ASK_ERR_USAGE for no text or another number of options;
 * ASK_ERR_SHAPE for no frames or another width; ASK_ERR_FORMAT for a feature that is NaN or
 * infinite; ASK_ERR_LIMIT for a text of more tokens than the model takes; ASK_ERR_MODEL
 * without a tokenizer, and for weights that give no numbers; ASK_ERR_UNSUPPORTED;
 * ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_answer_features(ask_feature_answer *out, ask_session *s,
                                 const ask_feature_question *q, const ask_cancel *cancel,
                                 ask_error *err);
ASK_API void ask_feature_answer_free(ask_feature_answer *a); // leaves {0}; NULL is fine

/* Reads a folder's list of answers, answers.json: as many texts as the network has. List
 * and texts are in the arena. Fails: ASK_ERR_MODEL for a file that is not there or not such
 * a list; ASK_ERR_NOMEM. */
ASK_API bool ask_feature_qa_answers_read(const char ***out, const char *path, int n_answers,
                                         ask_arena *room, ask_error *err);

#endif
