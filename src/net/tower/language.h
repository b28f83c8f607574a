/* net/tower/language.h - a language model, whichever it is: what the networks that write
 * texts stand on.
 *
 * To add one: its tower, a row language_<name>.c, its members in the unions below, and its
 * line in language.c. */
#ifndef ASK_NET_TOWER_LANGUAGE_H
#define ASK_NET_TOWER_LANGUAGE_H

#include "net/tower/gpt2.h"
#include "net/tower/llama.h"
#include "net/tower/opt.h"
#include "net/tower/t5.h"

typedef enum {
    ASK_LANGUAGE_LLAMA,
    ASK_LANGUAGE_OPT,
    ASK_LANGUAGE_GPT2,
    ASK_LANGUAGE_T5,
    ASK_LANGUAGE_N_KINDS,
} ask_language_kind;

typedef struct {
    ask_language_kind kind;
    union {
        ask_llama_config llama;
        ask_opt_config opt;
        ask_gpt2_config gpt2;
        ask_t5_config t5;
    };
} ask_language_config;

typedef struct {
    ask_language_kind kind;
    union {
        ask_llama llama;
        ask_opt opt;
        ask_gpt2 gpt2;
        ask_t5 t5;
    };
} ask_language;

typedef struct {
    ask_decoder_sizes decoder;
    int width;                  // C: of what goes in and comes out
    int hidden, inner, n_heads; // hidden: of what goes from layer to layer
    int n_context;              // tokens that it was trained for
    int n_most;                 // that it reads: n_context, where positions have an end
    int n_positions;            // positions below this can be given; 0: all
    int window; // the last so many that some layers see alone; 0: all see all
    int64_t n_vocab;
    double token_flops, seen_flops; // of a token, those that it sees not counted; of these
    double logits_flops;            // multiply and add counted as two
    int64_t begin_id, end_id, pad_id; // of its kind, where no file says them; -1: none

    /* Of an encoder-decoder: an encoder reads the prompt, all of it at once, and the
     * decoder the answer, from start_id on. */
    int n_encoder_layers;                   // 0: it has no encoder
    double encode_flops, encode_seen_flops; // of a place of a prompt, as above
    int64_t start_id;                       // where no file says it; -1: none
} ask_language_sizes;

/* From config.json, or the "text_config" in it, by its "model_type"; absent_type: that of
 * configurations that do not say it. Fails: ASK_ERR_MODEL, naming the types there are. */
ASK_API bool ask_language_config_read(ask_language_config *out, ask_json_value v,
                                      const char *absent_type, ask_error *err);
/* The same by a type, whatever the configuration says. */
ASK_API bool ask_language_config_read_as(ask_language_config *out, ask_json_value v,
                                         const char *type, ask_error *err);

ASK_API ask_language_sizes ask_language_config_sizes(const ask_language_config *c);
ASK_API ask_language_sizes ask_language_sizes_of(const ask_language *m);

/* By the names of Hugging Face's ...ForCausalLM, each behind `prefix`: "" or
 * "language_model.". */
ASK_API void ask_language_bind(ask_language *out, ask_params *p, const char *prefix,
                               const ask_language_config *config);

/* Rounds what is no parameter to a type, as programs do that turn a whole model into it. */
ASK_API void ask_language_narrow(ask_language *m, ask_dtype type);

/* ---- building, as net/tower/llama.h has it ---- */

/* Where the tokens of B texts are when nobody says it.  shape: B, T; mask: bool [B, T],
 * false = padding, or NULL -> i64 [B, T] */
ASK_API ask_tensor *ask_language_positions(ask_graph *g, const ask_language *m,
                                           const int64_t shape[2], ask_tensor *mask);

/* ids: i64 [B, T] -> [B, T, C] */
ASK_API ask_tensor *ask_language_embed(ask_graph *g, const ask_language *m,
                                       ask_tensor *ids);

/* Of an encoder-decoder, as net/tower/t5.h has them. x: [B, S, C], of tokens and of what is
 * seen -> [B, S, C], with the traces of its tower */
ASK_API ask_tensor *ask_language_encode(ask_graph *g, const ask_language *m, ask_tensor *x,
                                        ask_tensor *mask, const char *trace);
/* Writes what its decoder sees of these states [1, S, C] at row `at` (i64 [1]) of a cache.
 */
ASK_API void ask_language_remember(ask_graph *g, const ask_language *m, ask_tensor *states,
                                   const ask_decoder_cache *cache, ask_tensor *at);

/* x: [B, T, C] -> the states behind the last norm [B, T, C], with the traces of its tower.
 * Of an encoder-decoder it is the decoder, and view->source must be there. */
ASK_API ask_tensor *ask_language_build(ask_graph *g, const ask_language *m, ask_tensor *x,
                                       const ask_decoder_view *view);

/* states: [..., C] -> [..., V] */
ASK_API ask_tensor *ask_language_logits(ask_graph *g, const ask_language *m,
                                        ask_tensor *states);

#endif
