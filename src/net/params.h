/* net/params.h - where a network's parameters come from.
 *
 * A network binds itself by asking for each parameter by name and shape. They come from a
 * checkpoint (mapped and borrowed, constant; or copied, to be trained), are drawn at random
 * (to be trained), or are only told, one after the other (to be written into a file).
 * Binding never needs checking: what is missing or misshapen is remembered, and
 * ask_params_finish tells it.
 *
 *     ask_params *p = ask_params_open(store, weights, room, err);
 *     if (p) ask_clip_bind(&clip, &config, p);
 *     if (!p || !ask_params_finish(p, ignored, err)) ... // p is gone */
#ifndef ASK_NET_PARAMS_H
#define ASK_NET_PARAMS_H

#include "base/arena.h"
#include "base/rng.h"
#include "tensor/store.h"
#include "weights/weights.h"

typedef struct ask_params ask_params;

/* How a parameter begins when nothing has trained it. */
typedef enum { ASK_INIT_NORMAL, ASK_INIT_VALUE } ask_init_kind;
typedef struct {
    ask_init_kind kind;
    double value; // NORMAL: the deviation around 0; VALUE: every element; well within f32
} ask_init;

static inline ask_init ask_init_normal(double deviation)
{
    return (ask_init){ASK_INIT_NORMAL, deviation};
}

static inline ask_init ask_init_value(double value)
{
    return (ask_init){ASK_INIT_VALUE, value};
}

/* ---- sources; NULL without memory ---- */

/* From a checkpoint. f32 is borrowed from the mapped files, which must outlive the store,
 * and so are matrices of few bits; other types, and f32 at an odd address, are widened into
 * `room`. The arena must outlive the store too: what a network allocates while it binds is
 * there as well. */
ASK_API ask_params *ask_params_open(ask_store *store, const ask_weights *weights,
                                    ask_arena *room, ask_error *err);

/* From a checkpoint, as copies that can be written and trained. The files and the arena may
 * go once the binding is finished, apart from what the network allocates in the arena. */
ASK_API ask_params *ask_params_trainable(ask_store *store, const ask_weights *weights,
                                         ask_arena *room, ask_error *err);

/* Drawn at random: each parameter from a stream of its own name, so its values do not
 * depend on the order of asking. The tensors can be written and trained. */
ASK_API ask_params *ask_params_random(ask_store *store, uint64_t seed, ask_arena *room,
                                      ask_error *err);

typedef struct {
    const char *name; // borrowed for the call, as shape is
    ask_init init;
    int n_dims;
    const int64_t *shape;
    bool matrix; // asked for with ask_param_matrix
} ask_param_row;

/* Nothing is made; `visit` is told each parameter instead. Returning false ends the visits,
 * and finish fails with what it wrote into *err. */
ASK_API ask_params *ask_params_list(bool (*visit)(void *user, const ask_param_row *row,
                                                  ask_error *err),
                                    void *user, ask_arena *room, ask_error *err);

/* The same of what the network of a checkpoint asks for: names and sizes that only the
 * checkpoint tells are told by it. None of its data is read. */
ASK_API ask_params *ask_params_list_of(const ask_weights *weights,
                                       bool (*visit)(void *user, const ask_param_row *row,
                                                     ask_error *err),
                                       void *user, ask_arena *room, ask_error *err);

/* From now on matrices of few bits are widened as other types are. */
ASK_API void ask_params_widen(ask_params *p);

/* ---- asking ---- */

/* The f32 parameter of that name and shape; NULL once anything failed, and while listing.
 */
ASK_API ask_tensor *ask_param(ask_params *p, ask_init init, int n_dims,
                              const int64_t *shape, const char *format, ...)
    ASK_PRINTF(5, 6);

/* The same for a matrix [n, k] that is only the weights of ask_linear, or the table of
 * ask_embedding: of few bits where the checkpoint has it so, else f32. */
ASK_API ask_tensor *ask_param_matrix(ask_params *p, ask_init init, int64_t n, int64_t k,
                                     const char *format, ...) ASK_PRINTF(5, 6);

/* Whether a parameter of that name can be asked for: of a checkpoint, those that it
 * holds; else all. For names and parts that differ between checkpoints of one network. */
ASK_API bool ask_params_has(const ask_params *p, const char *format, ...) ASK_PRINTF(2, 3);

/* A tensor that a checkpoint may hold, but nobody needs: it counts as asked for. For names
 * that only the configuration tells; others are `ignored`, below. */
ASK_API void ask_params_pass(ask_params *p, const char *format, ...) ASK_PRINTF(2, 3);

/* Refuses the checkpoint: ask_params_finish fails with ASK_ERR_MODEL and this, unless
 * something else failed before. */
ASK_API void ask_params_refuse(ask_params *p, const char *format, ...) ASK_PRINTF(2, 3);

/* The size of an axis of the checkpoint's tensor of that name, for networks whose widths no
 * configuration tells; `otherwise` without such an axis, and from the other sources. */
ASK_API int64_t ask_params_size(const ask_params *p, int axis, int64_t otherwise,
                                const char *format, ...) ASK_PRINTF(4, 5);

/* The same parameter as ask_param gives, as numbers in `room` that the caller may change;
 * NULL once anything failed, and while listing. */
ASK_API float *ask_param_values(ask_params *p, ask_init init, int n_dims,
                                const int64_t *shape, const char *format, ...)
    ASK_PRINTF(5, 6);

/* A constant tensor over numbers in `room`; NULL once anything failed. */
ASK_API ask_tensor *ask_params_lend(ask_params *p, const float *values, int n_dims,
                                    const int64_t *shape, const char *format, ...)
    ASK_PRINTF(5, 6);

/* Zeros that live as long as `room`; NULL once anything failed. */
ASK_API void *ask_params_array(ask_params *p, size_t count, size_t item_bytes);

/* Ends the binding and frees p. Fails with ASK_ERR_MODEL when parameters were missing or
 * misshapen, or when the checkpoint holds tensors that nobody asked for and no glob of
 * `ignored` (NULL-ended, may be NULL) matches: the message names the first of each kind and
 * how many there are. */
ASK_API bool ask_params_finish(ask_params *p, const char *const *ignored, ask_error *err);

/* ---- drawing ---- */

/* The stream of a parameter's name. */
ASK_API ask_rng ask_param_stream(uint64_t seed, const char *name);

/* The next n values of a parameter: those that ask_params_random gives it. */
ASK_API void ask_param_draw(float *out, size_t n, ask_rng *stream, ask_init init);

#endif
