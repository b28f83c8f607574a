/* text/stream.h - token ids to text one at a time, as a model gives them.
 *
 * What is given is always valid UTF-8, and all of it together is what ask_tokenizer_decode
 * gives for all ids. What the next ids could still change is held back: a character that is
 * not complete, a run of byte tokens (<0x41>) that has not ended (a fault in it would make
 * all of it U+FFFD), and, for decoders of words, the last word. */
#ifndef ASK_TEXT_STREAM_H
#define ASK_TEXT_STREAM_H

#include "text/tokenizer.h"

typedef struct ask_text_stream ask_text_stream;

/* t is borrowed until it is closed. skip_special: special tokens give no text. */
ASK_API ask_text_stream *ask_text_stream_open(const ask_tokenizer *t, bool skip_special,
                                              ask_error *err);
ASK_API void ask_text_stream_close(ask_text_stream *s); // NULL is fine

/* Takes one id. *text is what has become certain, "" for nothing: borrowed until the next
 * call. An id that there is not adds nothing. Fails: ASK_ERR_NOMEM, and ASK_ERR_LIMIT as
 * decoding does; then every later call fails. */
ASK_API bool ask_text_stream_add(ask_text_stream *s, int64_t id, const char **text,
                                 ask_error *err);

/* There are no more ids: *text is the rest. Ids of another text may follow. */
ASK_API bool ask_text_stream_end(ask_text_stream *s, const char **text, ask_error *err);

#endif
