/* model/memory_priv.h - what the parts of memories of videos share. */
#ifndef ASK_MODEL_MEMORY_PRIV_H
#define ASK_MODEL_MEMORY_PRIV_H

#include "model/memory.h"
#include "model/session_priv.h"

/* What the model's network can do with videos. NULL: nothing (ASK_ERR_UNSUPPORTED). */
const network_memory *memory_of(const ask_model *m, ask_error *err);

static inline network_memory_sizes memory_sizes(const ask_model *m)
{
    return m->network->memory->sizes(m->net);
}

/* Fills slots and shares, which there is room for, from records and is_there. event_sights
 * and thing_sights: as network_remember_output has them. */
void memory_tell_slots(ask_memory *out, const ask_model *m, const int64_t *event_sights,
                       const float *thing_sights);

/* Texts as the network takes them: rows of n_tokens of the model. */
typedef struct {
    int64_t *ids;  // [n_rows, n_tokens], filled up with padding; owned
    uint8_t *mask; // [n_rows, n_tokens], which of them are tokens; owned
    int n_tokens;  // of a row
    int64_t pad_id;
} memory_rows;

/* Empty ones. After a failure, too, memory_rows_free frees them. */
bool memory_rows_new(memory_rows *out, const ask_model *m, int n_rows, ask_error *err);
void memory_rows_clear(memory_rows *rows, int n_rows);
void memory_rows_free(memory_rows *rows);

/* Encodes a text. Fails: as session_encode; ASK_ERR_USAGE without tokens, when `what` and
 * `number` (0: there is but one) tell which text it is. */
bool memory_encode(ask_tokens *out, ask_session *s, const char *text, const char *what,
                   int number, ask_error *err);
void memory_rows_put(memory_rows *rows, int row, const ask_tokens *tokens);

/* The vectors of n texts, [n, vector], in batches of bounded memory; a text's bits do not
 * depend on those beside it. own: they are the model's, which is to blame for them. */
bool memory_embed(float *out, ask_session *s, const char *const *texts, int n, bool own,
                  const ask_cancel *cancel, ask_error *err);

/* The vectors of the model's own answers, borrowed from the session; NULL on failure. */
const float *memory_own_answers(ask_session *s, const ask_cancel *cancel, ask_error *err);

#endif
