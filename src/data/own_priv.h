/* data/own_priv.h - what our own two formats, lines and table, have in common. */
#ifndef ASK_DATA_OWN_PRIV_H
#define ASK_DATA_OWN_PRIV_H

#include "data/reader_priv.h"

/* Gives a record with id, options and windows its kind and its answer, both told as text:
 *
 *   kind    "choice", "open", "count", "retrieve"; NULL: choice with options, count for an
 *           answer that is an integer, retrieve for windows without an answer, else open
 *   answer  of a choice the index or the text of an option, of a count an integer, else
 *           words; NULL: hidden
 *
 * Fails with the row's place: a kind that is none, or does not go with the rest. */
bool data_own_settle(data_build *b, ask_data_record *r, const char *kind,
                     const char *answer, ask_error *err);

#endif
