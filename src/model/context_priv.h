/* model/context_priv.h - a context, and the graphs that read pieces into it. */
#ifndef ASK_MODEL_CONTEXT_PRIV_H
#define ASK_MODEL_CONTEXT_PRIV_H

#include "model/context.h"
#include "model/session_priv.h"

/* The lengths of pieces, longest first: graphs are made for these alone. */
enum { CONTEXT_N_LENGTHS = 5, CONTEXT_LONGEST = 256 };
extern const int context_lengths[CONTEXT_N_LENGTHS];

/* What a piece is read for. */
typedef enum {
    CONTEXT_NEXT,  // logits of one of its places [1, V]
    CONTEXT_SCORE, // log-probabilities of the tokens that follow [T], and the likeliest [T]
    CONTEXT_LOOK,  // the same, and where it looked [T, N]
    CONTEXT_BRANCH, // logits of all places [T, V]; the masks tell who sees whom
    CONTEXT_N_AIMS,
} context_aim;

/* A place that was read. */
typedef struct {
    int64_t id;
    uint64_t identity;
    int parent; // the place before it; -1: none
    int depth;  // places before it
} context_row;

struct ask_context {
    ask_session *session;
    ask_language_info info;
    int window;      // as in ask_language_sizes
    ask_arena *room; // of the cache's arrays
    ask_store *store;
    ask_decoder_cache cache;
    context_row *rows; // [cache.n_rows]
    int n_read;
    int n_prompt; // the first of them, that an encoder read; another follows. 0: none
    session_plan plans[CONTEXT_N_AIMS][CONTEXT_N_LENGTHS];
    /* What a piece is written into before it is read: [CONTEXT_LONGEST, ...]. */
    int64_t *ids, *positions, *targets;
    float *features;
    uint8_t *is_row;
    /* [CONTEXT_LONGEST, n_rows], made for the first branch: who sees whom, and, where there
     * is a window, who does in its layers. */
    uint8_t *mask, *narrow;
    int64_t *depths; // [n_rows], of an encoder-decoder
};

/* Of the language model that m has. */
ask_language_sizes context_language_sizes(const ask_model *m);

/* A piece: the places to be read at row `at`; padding behind n. */
typedef struct {
    context_aim aim;
    int length; // which of context_lengths
    int at, n;
    int64_t which; // CONTEXT_NEXT: the place whose logits are wanted
} context_piece;

/* Reads what stands in the context's arrays, n places and padding. out: as
 * session_plan_run: in the order that the aim tells. */
bool context_run(void *out[SESSION_MAX_TENSORS], ask_context *c, const context_piece *piece,
                 const ask_cancel *cancel, ask_error *err);

static inline int context_least(int a, int b)
{
    return a < b ? a : b;
}

/* Forgets what the cache holds behind the places that were read: what a failed run has left
 * there may be no numbers, which even hidden keys would spread. */
void context_clear(ask_context *c);

/* Rows of a cache come in so many, so that the last piece has room for its padding. */
enum { CONTEXT_ROUND_ROWS = 64 };

/* Whether an encoder reads its prompts. */
bool context_encodes(const ask_context *c);

/* Reads the n places of a prompt with the encoder; nothing else is read then, and nothing
 * at all after a failure. Fails as ask_context_read does. */
bool context_encode(ask_context *c, const ask_place *places, int n,
                    const ask_cancel *cancel, ask_error *err);

/* Reads n places, for which there is room, behind what was read. logits: of the last.
 * Fails as ask_context_read does. */
bool context_go_on(ask_context *c, const ask_place *places, int n, float *logits,
                   const ask_reading_options *opt, ask_error *err);

/* The token from which an encoder-decoder decodes. */
int64_t context_start_id(const ask_context *c);

/* Which length is the shortest that holds n places; where its padding would not fit behind
 * row `at`, or none is so long, the longest that is full. */
int context_length_for(const ask_context *c, int at, int n);

/* Writes n places that follow what was read into the context's arrays, and zeros behind
 * them up to `length`: padding is at a position that every network has. */
void context_fill(ask_context *c, const ask_place *places, int n, int length);

/* A place was read behind its parent (-1: none). */
void context_remember(ask_context *c, const ask_place *p, int parent);

/* Whether place i of a prompt can be read, and n places in all. Fail: ASK_ERR_USAGE,
 * ASK_ERR_LIMIT. */
bool context_check_place(const ask_context *c, const ask_place *p, int i, ask_error *err);
bool context_check_room(const ask_context *c, int n, ask_error *err);

#define CONTEXT_SCHEMA "askance.context/1" // docs/formats.md

/* What a saved context holds becomes what was read; on failure nothing was. Fails:
 * ASK_ERR_MODEL, ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
bool context_take(ask_context *c, const ask_weights *w, ask_error *err);

#endif
