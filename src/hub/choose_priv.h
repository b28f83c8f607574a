/* hub/choose_priv.h - which files of a model are needed here. */
#ifndef ASK_HUB_CHOOSE_PRIV_H
#define ASK_HUB_CHOOSE_PRIV_H

#include "hub/listing_priv.h"

typedef struct {
    const char *const *files; // of the weights; NULL: those that a folder is opened with
    int n_files;
    const char *const *globs; // what is taken besides (ask_glob_match)
    int n_globs;
} hub_wish;

/* Moves what is needed to the front of the listing, smaller files first, and sets l->n to
 * how many that are: what describes the model, its tokenizer and processor; and its
 * weights, which are those that a folder is opened with (weights/folder.h). Of weights in
 * parts those are taken that are called as parts are, and the index, which is not looked
 * into; a part with another name has to be asked for by a glob. Of several files that may
 * be the weights none is taken by itself: a name or a glob must say which.
 * Nothing is taken from folders below, but what the wish names. Fails: ASK_ERR_MODEL when
 * there are no weights, or too many to choose from, or one that was asked for is not there;
 * ASK_ERR_NOMEM. */
bool hub_choose(hub_listing *l, const hub_wish *wish, const char *id, ask_error *err);

#endif
