/* text/piece_priv.h - a part of a text on its way to tokens: what it has become, and where
 * each byte of it came from.
 *
 * Encoding begins with one piece, the whole text. Normalizers rewrite pieces,
 * pre-tokenizers cut them; nothing is changed in place: a new piece points to new arrays,
 * or into those of the piece that it was cut from. All of it lies in one arena, that of the
 * call. */
#ifndef ASK_TEXT_PIECE_PRIV_H
#define ASK_TEXT_PIECE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* No text, and nothing that a text becomes, may be longer: normalizers of an evil file
 * could otherwise double a text until memory ends. */
enum { ASK_TEXT_MAX_BYTES = 16 << 20 };

typedef struct {
    uint32_t begin, end; // bytes
} ask_range;

typedef struct {
    const char *text;        // valid UTF-8, cut between characters; no NUL behind it
    const ask_range *origin; // for each byte: the part of the original text it stands for
    uint32_t n_bytes;
    ask_range original; // the part of the original text that the whole piece stands for
    int32_t token;      // the added token that the piece is, or ASK_NO_TOKEN
} ask_piece;

enum { ASK_NO_TOKEN = -1 };

/* The whole of a text, which is borrowed as long as the piece lives. */
bool ask_piece_of_text(ask_piece *out, ask_arena *arena, const char *text, size_t n_bytes,
                       ask_error *err);

/* A part of a piece; begin < end, both between characters. */
ask_piece ask_piece_slice(const ask_piece *p, uint32_t begin, uint32_t end);

bool ask_piece_is_ascii(const ask_piece *p);

/* The character that begins at a byte of the piece; *c is it. Returns its bytes. */
uint32_t ask_piece_character(uint32_t *c, const ask_piece *p, uint32_t at);

/* ---- many of them, in order ---- */

typedef struct {
    ask_arena *arena; // borrowed
    ask_piece *items; // in the arena
    size_t n, capacity;
} ask_pieces;

/* Empty pieces are left out. */
bool ask_pieces_add(ask_pieces *list, ask_piece p, ask_error *err);

/* ---- rewriting one ---- */

/* A piece being written from another, front to back. The first failure stays: later calls
 * do nothing, and ask_edit_end reports it. */
typedef struct {
    ask_arena *arena;
    const ask_piece *from;
    uint32_t at; // how much of `from` is done
    char *text;
    ask_range *origin;
    size_t n, capacity;
    ask_error_code failure;
} ask_edit;

ask_edit ask_edit_begin(ask_arena *arena, const ask_piece *from);

void ask_edit_keep(ask_edit *e, uint32_t to); // copies what lies before `to`
void ask_edit_drop(ask_edit *e, uint32_t to); // leaves it out

/* Writes new bytes in the place of what lies before `to`; they come from the first of it.
 */
void ask_edit_replace(ask_edit *e, const char *bytes, size_t n_bytes, uint32_t to);

/* Writes new bytes between; they come from what lies just before. */
void ask_edit_insert(ask_edit *e, const char *bytes, size_t n_bytes);

/* Copies the rest and puts the new piece into *out. */
bool ask_edit_end(ask_piece *out, ask_edit *e, ask_error *err);

#endif
