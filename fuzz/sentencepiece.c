/* tokenizer.model and spiece.model files: what opens must encode and decode any text, or
 * say why not. */
#include "text/tokenizer_priv.h"
#include "tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ask_roles none = {0};
    const char *name = size % 2 ? "tokenizer.model" : "spiece.model"; // LLaMA's, or T5's
    ask_tokenizer *t = ask_tokenizer_new(NULL);
    if (t && ask_tokenizer_read_sentencepiece(t, (const char *)data, size, name, NULL,
                                              &none, NULL))
        use(t, data, size);
    ask_tokenizer_close(t);
    return 0;
}
