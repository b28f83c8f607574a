/* vqa/record_parts_priv.h - parts of evidence records that answers of all kinds have. */
#ifndef ASK_VQA_RECORD_PARTS_PRIV_H
#define ASK_VQA_RECORD_PARTS_PRIV_H

#include "record/record.h"
#include "vqa/ask.h"

/* Checks, each with a note where it was not done. words: an answer of 0 is the same words,
 * another one others; else it is an option. All fail with ASK_ERR_NOMEM. */
bool record_set_checks(ask_record *r, const ask_checks *c, bool words, ask_error *err);

/* A verdict, or a note why there is none. note: what to know of it; NULL: nothing. */
bool record_set_verdict(ask_record *r, const ask_answer_verdict *v, const char *note,
                        ask_error *err);

/* n maps of one size, 1 or more. */
bool record_set_maps(ask_record *r, const ask_answer_map *maps, int n, const char *method,
                     const char *layer, ask_error *err);

#endif
