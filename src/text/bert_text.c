#include "text/bert_text_priv.h"

#include "text/unicode_priv.h"

/* The blocks that BERT counts as Chinese, the gaps between them included as it has them. */
static bool is_ideograph(uint32_t c)
{
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0x2F800 && c <= 0x2FA1F);
}

static bool is_dropped(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r') return false;
    return c == 0xFFFD || ask_unicode_is_control(c);
}

/* Rewrites the character where the edit is. */
static void write_character(ask_edit *e, const ask_piece *p, bool clean, bool cjk)
{
    uint32_t c, n = ask_piece_character(&c, p, e->at), to = e->at + n;
    if (clean && is_dropped(c)) {
        ask_edit_drop(e, to);
    } else if (clean && ask_unicode_is_space(c)) {
        ask_edit_replace(e, " ", 1, to);
    } else if (cjk && is_ideograph(c)) {
        char spaced[6] = {' '};
        for (uint32_t i = 0; i < n; i++) spaced[1 + i] = p->text[e->at + i];
        spaced[1 + n] = ' ';
        ask_edit_replace(e, spaced, n + 2, to);
    } else {
        ask_edit_keep(e, to);
    }
}

bool ask_bert_clean(ask_piece *p, ask_arena *arena, bool clean, bool cjk, ask_error *err)
{
    ask_edit e = ask_edit_begin(arena, p);
    while (e.at < p->n_bytes && e.failure == ASK_OK) {
        uint32_t at = e.at;
        while (at < p->n_bytes && p->text[at] >= ' ' && p->text[at] <= '~') at++;
        ask_edit_keep(&e, at);
        if (at < p->n_bytes && e.failure == ASK_OK) write_character(&e, p, clean, cjk);
    }
    return ask_edit_end(p, &e, err);
}
