/* model/rows.h - what a language model sees: frames, or features of a video, as rows that
 * stand in the text of a prompt. */
#ifndef ASK_MODEL_ROWS_H
#define ASK_MODEL_ROWS_H

#include "model/context.h"

/* How a model makes rows of frames. Either each frame has its own, whatever else is shown:
 * ask_rows_of_frames. Or they are made of all frames that are shown together, and of an
 * instruction: then something is kept of each frame (ask_rows_look, or the features of
 * another model), and rows are made of that whenever frames are shown (ask_rows_show). */
typedef struct {
    bool sees_frames;   // else it is given features (model/features.h, "video-chatgpt")
    int n_features;     // numbers of a row of features; 0: it sees frames
    int n_frames;       // that the features are of, at most; 0: it sees frames
    int n_rows;         // of a frame: cells in reading order; 0: as many as features
    int side;           // cells along a side
    bool looks;         // rows are of no cell each, but look at all of them
    bool has_class;     // the first row is of the whole frame, side^2 more follow
    int64_t mark;       // the token that stands for a row
    int64_t begin, end; // tokens around all rows of a video; -1: none
    bool one_by_one;    // a placeholder is of one frame; else of all of them
    const char *placeholder; // in the text of a prompt: "<video>", "<image>"; static
    const char *form;        // built-in chat template (text/chat.h) for checkpoints that
                             // publish none; static
    bool leads; // a prompt that begins with the placeholder: the tokenizer's begin and end
                // stand around what follows the rows
    const char *seam; // where it stands in the text of a prompt, tokens are made apart on
                      // both sides; NULL: nowhere; static
    int64_t opens;    // the token before a text, in place of what the tokenizer puts around
                      // it; 0: that
    const char *stop; // at which answers end, in the checkpoint's form; NULL: at end tokens
                      // alone; static
    double frame_gflop;
    int n_shown;         // frames of a video that it was made for; 0: it does not say
    int n_least, n_most; // frames that can be shown together; n_most 0: any number
    bool together;       // rows are made of all frames that are shown; n_rows is 0 then
    bool instructed;     // and of an instruction
    size_t n_kept;       // numbers that are kept of a frame, where together
} ask_rows_info;

/* Fails: ASK_ERR_MODEL for a model that writes no texts, or sees nothing. */
ASK_API bool ask_rows_info_of(ask_rows_info *out, const ask_model *m, ask_error *err);

/* What frames become: N rows. Borrowed. */
typedef struct {
    float *rows;    // [N, width]
    float *origins; // [N, frames]: what share of each is of which frame, in sum one; NULL:
                    // not wanted
    float *cells;   // [N, side x side]: how it looked at the cells of its frame, in sum up
                    // to one; NULL: not wanted, or not `looks`
} ask_rows_made;

/* N is n x n_rows. pixels: [n, n_channels, image_px, image_px]; a frame's bits do not
 * depend on the others. Nothing is told of origins. cancel may be NULL. Fails:
 * ASK_ERR_UNSUPPORTED for a model that is given features, ASK_ERR_CANCELLED, ASK_ERR_MODEL,
 * ASK_ERR_NOMEM. */
ASK_API bool ask_rows_of_frames(ask_session *s, const ask_rows_made *out,
                                const float *pixels, int n, const ask_cancel *cancel,
                                ask_error *err);

/* The same of features: [n, n_features] -> [n, width]. ASK_ERR_UNSUPPORTED is for a model
 * that sees frames. */
ASK_API bool ask_rows_of_features(ask_session *s, float *out, const float *features, int n,
                                  const ask_cancel *cancel, ask_error *err);

/* ---- where rows are made of all frames that are shown ---- */

/* Rows of n frames; INT_MAX for more than can be told. */
ASK_API int ask_rows_n_shown(const ask_model *m, int n);

/* What is kept of frames: out: [n, n_kept]; pixels as above. Fails as above, and with
 * ASK_ERR_UNSUPPORTED for a model whose frames have rows of their own. */
ASK_API bool ask_rows_look(ask_session *s, float *out, const float *pixels, int n,
                           const ask_cancel *cancel, ask_error *err);

/* Frames that are shown together, in this order. */
typedef struct {
    const float *const *kept; // [n], each [n_kept]
    int n;
    const char *instruction; // UTF-8; what is too long of it is left out, at the end where
                             // the model's authors do not cut the beginning; NULL where
                             // the model takes none
} ask_rows_scene;

/* N is ask_rows_n_shown. Fails: ASK_ERR_UNSUPPORTED,
 * ASK_ERR_USAGE for fewer than n_least frames or more than n_most, ASK_ERR_MODEL without
 * the instructions' tokenizer, or as above. */
ASK_API bool ask_rows_show(ask_session *s, const ask_rows_made *out,
                           const ask_rows_scene *scene, const ask_cancel *cancel,
                           ask_error *err);

#endif
