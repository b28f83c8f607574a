/* model/said_priv.h - the text of tokens as they are said, up to a stop string.
 *
 * What has become certain of it is told at once, but for what may be the beginning of a
 * stop string and for blanks, which are told when something else follows them. */
#ifndef ASK_MODEL_SAID_PRIV_H
#define ASK_MODEL_SAID_PRIV_H

#include "base/str.h"
#include "text/stream.h"

/* Whether a text goes on behind a token. */
typedef enum { SAID_ON, SAID_STOPPED, SAID_REFUSED } said_state;

typedef struct {
    /* Set by who opens it, borrowed: as in ask_generate_options. */
    const char *const *stops;
    int n_stops;
    bool (*on_text)(void *user, const char *text, size_t n_bytes);
    void *user;

    ask_text_stream *stream; // NULL: there is no tokenizer, and no text
    ask_str raw;             // what is certain, not trimmed
    size_t *ends;            // [n], bytes of raw behind each token
    int n;
    size_t begin, told; // what was told of raw; told is 0 before the first piece
    size_t cut;         // where it ended in raw, SIZE_MAX before
    said_state state;
} said_text;

/* Room for `most` tokens; t may be NULL. A {0} is fine to close. */
bool said_open(said_text *s, const ask_tokenizer *t, int most, ask_error *err);
void said_close(said_text *s);

/* Takes one token; s->state tells whether others may follow. */
bool said_add(said_text *s, int64_t id, ask_error *err);

/* There are no more. The state may become SAID_STOPPED. */
bool said_end(said_text *s, ask_error *err);

/* How many tokens the text is of, and the text itself, freed with free(). A token counts
 * that ends where a stop string begins, bytes of an incomplete character aside. */
int said_count(const said_text *s);
char *said_trimmed(const said_text *s, ask_error *err);

#endif
