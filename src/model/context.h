/* model/context.h - what a language model has read, and what it expects next.
 *
 * A context keeps the keys and values of all places that were read. Reading a prompt that
 * begins as the last one did reads only what is new: a second question about the same video
 * does not read the video again.
 *
 *     ask_context *c = ask_context_open(session, 2048, err);
 *     if (!c || !ask_context_read(c, places, n, logits, NULL, err)) ...
 *     int64_t next = argmax(logits);
 *     ask_context_add(c, next, logits, NULL, err); ...
 *
 * Its numbers do not depend on what was read and forgotten before, but in the last bits on
 * the pieces in which a text was read.
 *
 * An encoder-decoder reads a prompt at once: every place sees every other, so one that is
 * not the same as the last is read anew from its beginning. Behind it stands the token from
 * which the model decodes, which takes a place of its own; what is added, branched and
 * scored follows that one. */
#ifndef ASK_MODEL_CONTEXT_H
#define ASK_MODEL_CONTEXT_H

#include "model/model.h"

/* A place of a text: a token, or a row of what is seen that stands for one. */
typedef struct {
    int64_t id;        // of the token; of a row: the placeholder's
    uint64_t identity; // which row it is, whoever computes it; 0: a token
    const float *row;  // [width], borrowed; NULL: a token, or a row that is not there yet
} ask_place;

typedef struct {
    int width;     // numbers of a row
    int n_context; // places that it reads at most
    int64_t n_vocab;
    int n_start;        // places behind a prompt where an answer begins: 1 of an
                        // encoder-decoder, else 0
    double place_flops; // work of reading a place, those that it sees not counted
    double seen_flops;  // and of each that it sees
    double encode_flops, encode_seen_flops; // the same of a place of a prompt, where an
                                            // encoder reads these; else 0
} ask_language_info;

/* Fails: ASK_ERR_MODEL for a model that writes no texts. */
ASK_API bool ask_language_info_of(ask_language_info *out, const ask_model *m,
                                  ask_error *err);

/* Work of reading a prompt and an answer of so many places. */
ASK_API double ask_language_flops(const ask_language_info *l, int n_prompt, int n_answer);

typedef struct ask_context ask_context;

/* Bytes that a context with room for n_rows places holds; SIZE_MAX for more than can be
 * told. */
ASK_API size_t ask_context_bytes(const ask_model *m, int n_rows);

/* Bytes that are held beside it while a prompt of n_prompt places is read, as far as they
 * grow with it: the scores of an encoder's heads; 0 without one. */
ASK_API size_t ask_context_reading_bytes(const ask_model *m, int n_prompt);

/* Room for n_rows places, rounded up a little. Fails: ASK_ERR_MODEL for a model that
 * writes no texts; ASK_ERR_LIMIT for more than the model reads; ASK_ERR_NOMEM. */
ASK_API ask_context *ask_context_open(ask_session *s, int n_rows, ask_error *err);
ASK_API void ask_context_close(ask_context *c); // before its session; NULL is fine

ASK_API int ask_context_n_read(const ask_context *c);
ASK_API int ask_context_n_rows(const ask_context *c);

/* How many places at the beginning of a prompt need not be read again; the last one always
 * is. Of an encoder-decoder all or none: the token behind them is read again. */
ASK_API int ask_context_common(const ask_context *c, const ask_place *places, int n);

typedef struct {
    size_t struct_size;
    const ask_cancel *cancel;
    const ask_progress *progress; // tokens
} ask_reading_options;

/* Reads a prompt: what it has in common with what was read stays, the rest is forgotten.
 * Rows in the common part may be NULL. Of an encoder-decoder n_read is then n + 1. logits:
 * [n_vocab], of what comes next. opt may be NULL. Fails: ASK_ERR_LIMIT when it has no room,
 * ASK_ERR_USAGE for ids out of the vocabulary, a row that is not there, or is no numbers,
 * ASK_ERR_CANCELLED, ASK_ERR_MODEL for weights that give no numbers; what was read before
 * the failure stays read, but of an encoder-decoder nothing. */
ASK_API bool ask_context_read(ask_context *c, const ask_place *places, int n, float *logits,
                              const ask_reading_options *opt, ask_error *err);

/* Reads one token more. Fails as reading does, and with ASK_ERR_USAGE where an
 * encoder-decoder has no prompt. */
ASK_API bool ask_context_add(ask_context *c, int64_t id, float *logits,
                             const ask_cancel *cancel, ask_error *err);

/* Makes room for n_rows places at least; what was read stays. Fails as opening does, and
 * changes nothing then. */
ASK_API bool ask_context_reserve(ask_context *c, int n_rows, ask_error *err);

/* Forgets all but the first n places; of an encoder-decoder all, where these are not more
 * than the prompt. */
ASK_API void ask_context_rewind(ask_context *c, int n);

/* Reads n tokens of texts that go on differently: token i follows the place `parents[i]`,
 * which was read by any call, or comes before it in this one (0 is the first place of the
 * prompt; of an encoder-decoder it is not of the prompt). logits: [n, n_vocab].
 * They take the next n places, in their order; what follows them must be read by this call,
 * until a rewind to where only one text is. Fails as reading does, but then none of them is
 * read. */
ASK_API bool ask_context_branch(ask_context *c, const int64_t *ids, const int *parents,
                                int n, float *logits, const ask_cancel *cancel,
                                ask_error *err);

/* What the model thinks of a text that goes on with n tokens, which are not read.
 * logprobs: [n], of each token behind those before it. likeliest: [n], what it would have
 * said in the place of each; may be NULL. looks (may be NULL): [n, n_read + n
 * - 1], how much of the attention with which a token was said went to each place; the mean
 * over all heads and layers; a row sums to 1. Of an encoder-decoder it is the attention to
 * the prompt: tokens behind it get 0. n_read is at least 1. Fails as reading does. */
ASK_API bool ask_context_score(ask_context *c, const int64_t *ids, int n, double *logprobs,
                               int64_t *likeliest, float *looks, const ask_cancel *cancel,
                               ask_error *err);

/* ---- files ---- */

/* Writes what was read into a file (docs/formats.md, "askance.context/1"), all or nothing:
 * opened again, it goes on to the same bits. note: a text, UTF-8, that is kept in the file
 * as it is; NULL: none. Fails: ASK_ERR_USAGE for a note that is not UTF-8, ASK_ERR_IO,
 * ASK_ERR_NOMEM. */
ASK_API bool ask_context_save(const ask_context *c, const char *path, const char *note,
                              ask_error *err);

/* A context with room for n_rows places (0: for those of the file) that has read what the
 * file's had. *note: the caller's, to free(); NULL where the file has none. note may be
 * NULL. Fails: as
 * opening one does; ASK_ERR_LIMIT for a file of more places; ASK_ERR_MODEL for one that
 * another model has read, and for whatever else is no such file or damaged. */
ASK_API ask_context *ask_context_load(ask_session *s, const char *path, int n_rows,
                                      char **note, ask_error *err);

#endif
