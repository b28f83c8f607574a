/* vqa/answer_record.h - an answer as parts of an evidence record (ASK_RECORD_ANSWER).
 *
 * As with a search (focus/find_record.h), video, reproduce and what replaces a note are
 * left to the caller. */
#ifndef ASK_VQA_ANSWER_RECORD_H
#define ASK_VQA_ANSWER_RECORD_H

#include "record/record.h"
#include "vqa/ask.h"

/* Sets query and plan. Fails: ASK_ERR_NOMEM; the record may then hold some of it. */
ASK_API bool ask_answer_record_plan(ask_record *r, const ask_find_plan *plan,
                                    const char *question, const ask_ask_options *opt,
                                    ask_error *err);

/* Sets everything that an answer knows. opt (may be NULL) is that of the call. */
ASK_API bool ask_answer_record(ask_record *r, const ask_answer *a, const char *question,
                               const ask_ask_options *opt, ask_error *err);

#endif
