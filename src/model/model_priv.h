/* model/model_priv.h - what a loaded model holds. */
#ifndef ASK_MODEL_MODEL_PRIV_H
#define ASK_MODEL_MODEL_PRIV_H

#include "base/thread.h"
#include "model/generation_config.h"
#include "model/model.h"
#include "model/network_priv.h"
#include "text/tokenizer.h"

struct ask_model {
    char *dir;
    const network *network;
    ask_weights *weights;
    const ask_gguf *gguf; // whose metadata stand for the files of a folder; NULL: a folder
    ask_arena *room;      // `net`, and what it holds beside the store
    ask_store *store;
    ask_backend *backend;
    void *net; // bound
    ask_preprocess preprocess;
    ask_generation_config generation; // of a language model
    ask_model_info info;

    /* Held by whoever uses the backend, or opens the tokenizer. */
    ask_mutex lock;
    bool lock_is_open;
    ask_tokenizer *tokenizer;  // opened by the first text; NULL before
    ask_tokenizer *instructor; // of texts that rows depend on, opened by the first
};

/* The names of files in a checkpoint's folder. */
#define MODEL_CONFIG_FILE "config.json"
#define MODEL_WEIGHTS_FILE "model.safetensors"
#define MODEL_PREPROCESS_FILE "preprocessor_config.json"
#define MODEL_GENERATION_FILE "generation_config.json"
#define MODEL_POOLING_FILE "1_Pooling/config.json"
#define MODEL_ADAPTER_FILE "adapter/adapter_model.safetensors"
#define MODEL_ADAPTER_CONFIG_FILE "adapter/adapter_config.json"
#define MODEL_ANSWERS_FILE "answers.json"
#define MODEL_DENIALS_FILE "denials.json"
#define MODEL_INSTRUCTIONS_FOLDER "qformer_tokenizer"
#define MODEL_CLASSES_FILE "action_mapping.txt"

/* Reads dir/config.json, and its bytes for the model's identity (freed with free()). Fails:
 * ASK_ERR_MODEL, ASK_ERR_NOMEM. */
ask_json *model_config_read(const char *path, char **text, size_t *n_bytes, ask_error *err);

/* The configuration of a folder; an empty object where it has none. Fails as above. */
ask_json *model_config_in(const char *dir, ask_error *err);

/* Adds the tensors of MODEL_ADAPTER_FILE, where the folder has it, to the weights of a
 * network that takes them. Fails: ASK_ERR_MODEL. */
bool model_put_adapter(ask_weights *weights, const network *n, const char *dir,
                       ask_error *err);

/* The id of ask_model_info; config: the bytes of config.json. Fails: ASK_ERR_MODEL for a
 * file that cannot be read, ASK_ERR_NOMEM. */
bool model_identify(char id[65], const char *dir, const char *config, size_t config_bytes,
                    const ask_weights *weights, ask_error *err);

/* The model of a session, whose lock and backend are used. */
ask_model *model_of_session(ask_session *s);

/* The model's tokenizer, opened when nobody has yet. Fails: ASK_ERR_MODEL without tokenizer
 * files, or with more tokens than the network has. */
const ask_tokenizer *model_tokenizer(ask_model *m, ask_error *err);

/* The same of the texts that rows depend on (network_visual_sizes). */
const ask_tokenizer *model_instructor(ask_model *m, ask_error *err);

#endif
