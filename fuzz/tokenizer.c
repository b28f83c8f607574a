/* tokenizer.json files: what opens must encode and decode any text, or say why not. */
#include "tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_tokenizer *t = ask_tokenizer_parse((const char *)data, size, "fuzz", NULL);
    if (!t) return 0;
    use(t, data, size);
    ask_tokenizer_close(t);
    return 0;
}
