/* model/model.h - a loaded checkpoint, read-only and shared; and sessions, which hold what
 * changes while something is computed.
 *
 *     ask_model *m = ask_model_open("models/clip", NULL, err);
 *     ask_session *s = m ? ask_session_open(m, err) : NULL;
 *     if (!s || !ask_embed_images(s, out, images, n, NULL, err)) ...
 *
 * f32 weights are mapped and borrowed: opening costs milliseconds, whatever their size.
 * (f16 and bf16 are widened, which costs a read of the file.) */
#ifndef ASK_MODEL_MODEL_H
#define ASK_MODEL_MODEL_H

#include "base/log.h"
#include "media/image.h"
#include "model/preprocess.h"
#include "text/chat.h"

typedef struct ask_model ask_model;
typedef struct ask_session ask_session;

typedef struct {
    size_t struct_size;
    int n_threads;       // 0: the physical cores that the process may use
    const char *network; // "clip"; NULL: found from config.json, else from tensor names
    const char *compat;  // of a network whose authors' code departs from their paper:
                         // "released" as the code does, "paper"; NULL: as the folder says
    const char *over;    // file whose tensors stand in for those of the folder, or beside
                         // them: Video-ChatGPT's projector; NULL: none
    bool exact;          // weights of few bits are widened: products with them round
                         // nothing, take longer and more memory
} ask_model_options;

/* dir: a Hugging Face folder: config.json, *.safetensors or pytorch_model.bin (see
 * weights/weights.h), tokenizer files, preprocessor_config.json (absent: the network's own
 * defaults). Or a GGUF file, or a folder whose weights are one: it has all of that in
 * itself, and nothing beside it is read. opt may be NULL.
 * Fails: ASK_ERR_MODEL for whatever is missing, malformed, extra or misshapen, named;
 * ASK_ERR_USAGE for an unknown network, and for compat with one that has no choice;
 * ASK_ERR_NOMEM. */
ASK_API ask_model *ask_model_open(const char *dir, const ask_model_options *opt,
                                  ask_error *err);
ASK_API void ask_model_close(ask_model *m); // after its sessions; NULL is fine

typedef struct {
    const char *dir;     // or the GGUF file
    const char *network; // "clip"
    char id[65];      // which model: SHA-256, hex, over config.json, the names, types and
                      // shapes of all tensors, the first and last 4 KiB of their data, and
                      // the names and XXH64 of the files beside them that change answers:
                      // the tokenizer's, preprocessor_config.json, calibration.json and
                      // lists of answers and classes; of a GGUF file, its header
                      // stands for config.json
    int64_t n_params; // numbers in the parameters
    int64_t weight_bytes; // of the tensors in the files
    const char *dtype;    // of most weights in the files: "f32"
    int n_files;          // that hold the weights
    bool has_pictures;    // whether it embeds them; else what is told of embeddings is 0
    int n_channels;       // of a picture as it sees it; 0: it sees none
    int image_px;         // its side: it is square
    int n_views;          // pictures that make one input, 3 channels each (model/views.h);
                          // 0: no picture makes it, only ask_embed_pixels can
    const double *view_offset_s; // [n_views] their times, from that of the frame itself;
                                 // ascending. With one view: {0}
    int heat_side;               // patches along a side: of a map of it (model/explain.h)
    int n_embed;                 // length of an embedding
    int n_vectors;               // that a picture has: see model/pictures.h
    int n_context;               // most tokens of a text, start and end included
    int64_t n_vocab;
    int64_t end_id;     // what ends a text; -1: its padding does
    int64_t pad_id;     // what stands behind it
    double logit_scale; // what cosines are multiplied with
    bool has_tokenizer; // whether the folder has tokenizer files
    int n_threads;
    const char *isa, *backend; // "avx2", "cpu"
    double image_gflop;        // work of one image, multiply and add counted as two
    double text_token_gflop;   // of one token of a short text
} ask_model_info;
ASK_API ask_model_info ask_model_info_of(const ask_model *m); // strings borrowed

/* The form of its conversations, as ask_chat_open finds it; builtin: taken where it
 * publishes none. Freed with ask_chat_close. */
ASK_API ask_chat *ask_model_chat_open(const ask_model *m, const char *builtin,
                                      ask_error *err);

/* Whether it has pictures and texts in one space. Fails: ASK_ERR_UNSUPPORTED. */
ASK_API bool ask_model_check_pictures(const ask_model *m, ask_error *err);

/* What is done to a picture before the network sees it. Borrowed. */
ASK_API const ask_preprocess *ask_model_preprocess(const ask_model *m);

/* A size of the network: "vision.layers", 24. False past the last. */
typedef struct {
    const char *name;
    int64_t value;
} ask_model_size;
ASK_API bool ask_model_size_at(const ask_model *m, size_t i, ask_model_size *out);

/* One session computes one thing at a time; sessions of one model take turns. */
ASK_API ask_session *ask_session_open(ask_model *m, ask_error *err);
ASK_API void ask_session_close(ask_session *s); // NULL is fine
ASK_API const ask_model *ask_session_model(const ask_session *s);

/* out: [n, n_vectors, n_embed], unit length. images: [n, n_views] of any sizes, the views
 * of an input in the order of their times; prepared as preprocessor_config.json says, in
 * batches of bounded memory; an input's bits do not depend on the batch it is in. cancel
 * may be NULL. On failure *out is undefined. Fails: ASK_ERR_UNSUPPORTED for a model without
 * views. */
ASK_API bool ask_embed_images(ask_session *s, float *out, const ask_image *images, int n,
                              const ask_cancel *cancel, ask_error *err);

/* The same in steps. prepare: one picture -> [3, image_px, image_px]; join: the prepared
 * pictures of one input, n_views of them -> [n_channels, image_px, image_px]; embed: n
 * inputs. */
ASK_API bool ask_prepare_image(const ask_model *m, float *out, const ask_image *image,
                               ask_error *err);
ASK_API void ask_join_images(const ask_model *m, float *out, const float *const *prepared);
ASK_API bool ask_embed_pixels(ask_session *s, float *out, const float *pixels, int n,
                              const ask_cancel *cancel, ask_error *err);

/* out: [n, n_embed], unit length. A text longer than n_context is ASK_ERR_LIMIT (said with
 * its number of tokens), never cut silently; a folder without tokenizer files is
 * ASK_ERR_MODEL. */
ASK_API bool ask_embed_texts(ask_session *s, float *out, const char *const *texts, int n,
                             const ask_cancel *cancel, ask_error *err);

/* The same for n rows of ids: [n, length], each with its end token; what stands behind it
 * does not matter. Ids out of the vocabulary are ASK_ERR_USAGE. */
ASK_API bool ask_embed_ids(ask_session *s, float *out, const int64_t *ids, int n,
                           int length, const ask_cancel *cancel, ask_error *err);

/* Tokens of a text as the network takes it, with a start and an end where it has them;
 * *unknown (may be NULL): whether some part has no token. */
ASK_API bool ask_count_tokens(ask_session *s, const char *text, int *n_tokens,
                              bool *unknown, ask_error *err);

#endif
