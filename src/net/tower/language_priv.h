/* net/tower/language_priv.h - the row of a language model. */
#ifndef ASK_NET_TOWER_LANGUAGE_PRIV_H
#define ASK_NET_TOWER_LANGUAGE_PRIV_H

#include "net/tower/language.h"

/* config, m: of its kind. */
typedef struct {
    const char *const *types; // its "model_type"s; ends with NULL
    bool (*read)(ask_language_config *config, const char *type, ask_json_value v,
                 ask_error *err);
    ask_language_sizes (*config_sizes)(const ask_language_config *c);
    ask_language_sizes (*sizes)(const ask_language *m);
    void (*bind)(ask_language *m, ask_params *p, const char *prefix,
                 const ask_language_config *config);
    void (*narrow)(ask_language *m, ask_dtype type); // NULL: it has nothing to round
    /* Positions of texts with padding; NULL: it is counted as tokens are. */
    ask_tensor *(*positions)(ask_graph *g, const ask_language *m, ask_tensor *mask);
    ask_tensor *(*embed)(ask_graph *g, const ask_language *m, ask_tensor *ids);
    /* NULL: it has no encoder. */
    ask_tensor *(*encode)(ask_graph *g, const ask_language *m, ask_tensor *x,
                          ask_tensor *mask, const char *trace);
    void (*remember)(ask_graph *g, const ask_language *m, ask_tensor *states,
                     const ask_decoder_cache *cache, ask_tensor *at);
    ask_tensor *(*build)(ask_graph *g, const ask_language *m, ask_tensor *x,
                         const ask_decoder_view *view);
    ask_tensor *(*logits)(ask_graph *g, const ask_language *m, ask_tensor *states);
} language_row;

/* The ids that a kind has where no file says them; of the tokens of another vocabulary
 * nothing is known. */
void language_add_ids(ask_language_sizes *out, int64_t begin, int64_t end, int64_t pad);

extern const language_row language_llama, language_opt, language_gpt2, language_t5;

#endif
