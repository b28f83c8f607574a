/* train/glance_focus.h - train Glance-Focus on a set of questions about videos.
 *
 *     OUT/config.json, model.safetensors, tokenizer files, answers.json, action_mapping.txt
 *     OUT/checkpoint-<step>/        (train/keeper.h)
 *     OUT/log.jsonl, log.csv, eval.csv, tensorboard/   (train/report.h)
 *     OUT/features/                 of the videos, where they are made here
 *
 * What a question's answer is decides the head: one of its options, one of a vocabulary, a
 * number, or a moment. After: Bai et al. 2023. */
#ifndef ASK_TRAIN_GLANCE_FOCUS_H
#define ASK_TRAIN_GLANCE_FOCUS_H

#include "train/glance_task.h"
#include "train/loop.h"
#include "train/selftest.h"

/* The whole training, or a part of it, or a look at whether it would work. */
typedef enum {
    ASK_GLANCE_TRAIN,
    ASK_GLANCE_TEST,    // only measures the model
    ASK_GLANCE_OVERFIT, // learns one batch by heart (train/selftest.h); writes nothing
    ASK_GLANCE_VERIFY_RESUME, // (train/selftest.h)
} ask_glance_mode;

typedef struct {
    size_t struct_size; // set by ask_train_glance_focus_defaults
    ask_glance_mode mode;

    /* ---- data ---- */
    const char *data; // folder or file of the set
    const char *set;  // "star-lines", ... (data/dataset.h)
    const char *train_split;
    const char *eval_split; // NULL: "val", or "test" of a set that has no val, if it is
                            // there; "none"
    const char *videos, *events; // as in ask_data_options
    bool supervised;             // events are taught
    int n_vocabulary;            // most answers, where the set has no list of them

    /* ---- features: of a store, or made by a model that sees ---- */
    const char *features;
    ask_feature_store_options store;
    const char *vision;
    double vision_fps;   // of a model that sees single frames
    int64_t cache_bytes; // of features, in memory

    /* ---- where the network begins ---- */
    const char *init; // model folder; or
    const char
        *config; // config.json of a network, drawn at random; or neither: these sizes
    int width, n_heads, n_layers, n_queries, inner;
    double dropout;
    bool bare_frames; // frames carry no place
    bool no_memory;   // an ablation (net/joint/glance_focus.h)
    const char *text; // folder of a BERT or RoBERTa that the text tower begins with, whose
                      // tokenizer is taken; NULL: a small one, drawn at random
    const char *tokenizer; // folder, for a text tower drawn at random; NULL: one
                           // is learned from the questions
    int text_width, text_layers,
        text_tokens; // of the small one; text_tokens: its vocabulary
    bool freeze_text;
    int n_frames; // most of a video; 0: as the model or the configuration has it
    int n_tokens; // most of a text; 0: as many as the text tower takes
    const char *option_joint; // between question and option; NULL: " [SEP] " of NExT-QA,
                              // else " ", or as the model has it

    /* ---- training ---- */
    int n_questions, n_batches; // of a batch; of a step
    double n_epochs;
    int64_t n_steps;     // 0: as many as the epochs have
    double rate;         // 0: 5e-6 (the paper's) with init or text, else 5e-4
    int64_t n_warmup;    // steps; < 0: warmup_share of all
    double warmup_share; // < 0: none with init or text, else a twentieth
    ask_schedule_kind schedule;
    double beta1, beta2, eps, weight_decay, max_norm;
    ask_glance_loss_weights weights;
    ask_matching matching;
    uint64_t seed;

    int64_t log_every, eval_every, save_every; // steps
    int most_checkpoints;                      // 0: all
    bool best_at_end;
    const char *report;      // as in ask_train_report_parse
    const char *resume_from; // a checkpoint's folder, or "last"; other options must be
                             // those that the training began with
    bool allow_drift;
    int n_threads; // 0: the physical cores that the process may use

    const ask_logger *log;
    const ask_progress *progress;
    void (*pace)(void *user, const ask_train_pace *pace); // as in ask_train_options
    void *pace_user;
    const ask_cancel *cancel;
} ask_train_glance_focus_options;

/* Adam as in the paper (no decay), batches of 64, 10 epochs, constant rate after a warm-up,
 * gradients clipped at 1; 10 slots, and, from scratch, width 128, 4 heads, 2 layers, inner
 * 512, 80 frames that carry their places, dropout 0.1, texts of 2 layers of 128; seed 42; a
 * line of the log every 10 steps, evaluation and checkpoint every 500; all reports. */
ASK_API ask_train_glance_focus_options ask_train_glance_focus_defaults(void);

typedef struct {
    ask_train_result run;      // of a training
    ask_train_metrics metrics; // of a test, else the last of the training
    ask_overfit_result overfit;
    ask_verify_resume_result verified;
    ask_answer_head head;
    size_t n_train, n_eval; // questions
    size_t n_outside;       // of training, whose answer is not in the vocabulary
    int n_answers;          // of the vocabulary; 0: there is none
    int n_tokens;           // room for a text
    int64_t n_params;
    size_t arena_bytes; // planned for a batch
} ask_train_glance_focus_result;

/* Trains into the folder `out`, which must not hold a model or checkpoints yet unless it
 * goes on from one. opt may not be NULL. out may be NULL where nothing is written. Fails:
 * ASK_ERR_USAGE for options that do not fit together, a folder that is taken, another
 * configuration than the checkpoint's; ASK_ERR_IO for files, and where features of a video
 * are not there; ASK_ERR_FORMAT for data; ASK_ERR_UNSUPPORTED, ASK_ERR_SHAPE for features
 * of another model or width; ASK_ERR_MODEL for files of a model, and a model that is made
 * for other questions; ASK_ERR_LIMIT for a text that is too long, and when numbers ran out
 * of range (naming the tensor); ASK_ERR_NOT_FOUND for a self-test that did not go well;
 * ASK_ERR_CANCELLED after a checkpoint was written; ASK_ERR_NOMEM. */
ASK_API bool ask_train_glance_focus(const char *out,
                                    const ask_train_glance_focus_options *opt,
                                    ask_train_glance_focus_result *result, ask_error *err);

#endif
