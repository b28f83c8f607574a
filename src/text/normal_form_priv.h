/* text/normal_form_priv.h - Unicode normal forms (UAX 15) that keep track of origins. */
#ifndef ASK_TEXT_NORMAL_FORM_PRIV_H
#define ASK_TEXT_NORMAL_FORM_PRIV_H

#include "text/piece_priv.h"

typedef struct {
    bool compatible; // K: also what only looks the same is decomposed
    bool compose;    // C, otherwise D
} ask_normal_form;

/* Puts a piece into a normal form. The origin of a composed character is that of the first
 * character that went into it; characters of a decomposition share theirs. Marks that
 * change places leave their origins where they were, so that origins stay in order. */
bool ask_piece_normal_form(ask_piece *p, ask_arena *arena, ask_normal_form form,
                           ask_error *err);

#endif
