/* vqa/reply_record.h - a reply of a language model as parts of an evidence record
 * (ASK_RECORD_ANSWER).
 *
 * As with a search (focus/find_record.h), video, reproduce and what replaces a note are
 * left to the caller; reproduce.generation as well, of which ask_reply_generation tells the
 * pairs. */
#ifndef ASK_VQA_REPLY_RECORD_H
#define ASK_VQA_REPLY_RECORD_H

#include "record/record.h"
#include "vqa/reply.h"

/* Sets query and plan. Fails: ASK_ERR_NOMEM; the record may then hold some of it. */
ASK_API bool ask_reply_record_plan(ask_record *r, const ask_talk_plan *plan,
                                   const ask_talk *t, const char *question, ask_error *err);

/* Sets everything that a reply knows. */
ASK_API bool ask_reply_record(ask_record *r, const ask_reply *reply, const ask_talk *t,
                              const char *question, ask_error *err);

/* How words are picked, as names and numbers; out: [ASK_REPLY_N_PAIRS], borrowing from
 * texts. */
enum { ASK_REPLY_N_PAIRS = 8, ASK_REPLY_PAIR_BYTES = 32 };
ASK_API void ask_reply_generation(ask_record_pair out[ASK_REPLY_N_PAIRS],
                                  char texts[ASK_REPLY_N_PAIRS][ASK_REPLY_PAIR_BYTES],
                                  const ask_generate_options *opt);

#endif
