#include "text/stream.h"

#include <stdlib.h>

#include "text/tokenizer_priv.h"

struct ask_text_stream {
    const ask_tokenizer *t;
    bool skip_special;
    ask_decoding *decoding;
};

ask_text_stream *ask_text_stream_open(const ask_tokenizer *t, bool skip_special,
                                      ask_error *err)
{
    ask_text_stream *s = calloc(1, sizeof *s);
    if (!s) {
        ask_fail_memory(err);
        return NULL;
    }
    *s = (ask_text_stream){t, skip_special, ask_decoding_new(&t->decoders, err)};
    if (s->decoding) return s;
    free(s);
    return NULL;
}

void ask_text_stream_close(ask_text_stream *s)
{
    if (!s) return;
    ask_decoding_free(s->decoding);
    free(s);
}

bool ask_text_stream_add(ask_text_stream *s, int64_t id, const char **text, ask_error *err)
{
    ask_str *out = ask_decoding_text(s->decoding);
    ask_str_clear(out);
    if (!ask_tokenizer_decode_id(s->t, s->decoding, id, s->skip_special, err)) return false;
    *text = ask_str_text(out);
    return true;
}

bool ask_text_stream_end(ask_text_stream *s, const char **text, ask_error *err)
{
    ask_str *out = ask_decoding_text(s->decoding);
    ask_str_clear(out);
    if (!ask_decoding_end(s->decoding, err)) return false;
    *text = ask_str_text(out);
    return true;
}
