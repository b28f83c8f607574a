/* support/records.h - an evidence record that keeps every rule, to be looked at or broken.
 */
#ifndef SUPPORT_RECORDS_H
#define SUPPORT_RECORDS_H

#include "record/record.h"

/* What `find` could have said of a clip of 6 s: twelve frames, two moments and a repeated
 * one. Fails without memory. */
ask_record *record_sample(ask_error *err);

/* The same with every field that may be absent absent, and said so. */
ask_record *record_sparse(ask_error *err);

/* What `ask` could have said of it: the same parts, with an answer, its checks, a verdict
 * and two maps. */
ask_record *record_answer(ask_error *err);

/* What a model with a memory could have said of it, in its own words: two events, one of
 * which has no frame within, and a thing. */
ask_record *record_memory(ask_error *err);

/* What a language model could have said of it in words: tokens with their attention, of
 * which one is a part of a letter, checks, and subtitles; no verdict, presence or moments.
 */
ask_record *record_words(ask_error *err);

/* The same of a model whose attention is not read, with nothing that may be absent in it
 * for a language model alone. */
ask_record *record_bare_words(ask_error *err);

#endif
