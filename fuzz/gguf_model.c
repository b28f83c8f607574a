/* GGUF files as models: what opens as a checkpoint gives a configuration, a chat template,
 * and a tokenizer that encodes and decodes any text, or says why not. */
#include "model/gguf_priv.h"
#include "tokens.h"
#include "weights/gguf_config.h"
#include "weights/weights.h"

static void insist(bool condition)
{
    if (!condition) abort();
}

/* What is said of a failure: the model is at fault, in words. */
static void insist_on_fault(const ask_error *err)
{
    insist(err->code == ASK_ERR_MODEL && err->message[0]);
}

/* A text that is JSON, or a fault. */
static void use_json(char *text, const ask_error *fault)
{
    ask_error err = {0};
    ask_json *doc = text ? ask_json_parse(text, strlen(text), "made", NULL, &err) : NULL;
    insist(doc || !text);
    if (!text) insist_on_fault(fault);
    ask_json_free(doc);
    free(text);
}

static void use_tensors(const ask_weights *w)
{
    for (size_t i = 0; i < ask_weights_count(w); i++) {
        const ask_weights_entry *e = ask_weights_at(w, i);
        insist(ask_weights_find(w, e->name) == e);
        char own[128];
        bool has_other = ask_weights_own_name(own, sizeof own, w, e->name);
        insist(ask_gguf_find_tensor(ask_weights_gguf(w), e->name) ||
               (has_other && ask_gguf_find_tensor(ask_weights_gguf(w), own)));
        ask_weights_release(w, e);
    }
}

static void use_metadata(const ask_gguf *g, const uint8_t *data, size_t size)
{
    ask_error err = {0};
    use_json(ask_gguf_config(g, &err), &err);
    use_json(ask_gguf_tokenizer_config(g, &err), &err);
    ask_tokenizer *t = model_gguf_tokenizer(g, &err);
    if (t)
        use(t, data, size);
    else
        insist_on_fault(&err);
    ask_tokenizer_close(t);
    ask_chat_close(model_gguf_chat(g, NULL, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_error err = {0};
    if (size < 4 || memcmp(data, "GGUF", 4) != 0) return 0; // another target's
    ask_weights *w = ask_weights_parse(data, size, "fuzz", &err);
    if (!w) {
        insist_on_fault(&err);
        return 0;
    }
    use_tensors(w);
    use_metadata(ask_weights_gguf(w), data, size);
    ask_weights_close(w);
    return 0;
}
