/* focus/find_record.h - a search as parts of an evidence record.
 *
 * What only the caller knows is left to it: video, reproduce, and whatever replaces a note
 * written here (thumbnails, the time that a plan is expected to take). */
#ifndef ASK_FOCUS_FIND_RECORD_H
#define ASK_FOCUS_FIND_RECORD_H

#include "focus/find.h"
#include "record/record.h"

/* Sets query and plan, with a note for what they do not tell. text and opt (may be NULL)
 * are those that the plan was made with. Fails: ASK_ERR_NOMEM; the record may then hold
 * some of it. */
ASK_API bool ask_find_record_plan(ask_record *r, const ask_find_plan *plan,
                                  const char *text, const ask_find_options *opt,
                                  ask_error *err);

/* The same of a search that was run; sets presence, frames, moments and cost as well. */
ASK_API bool ask_find_record(ask_record *r, const ask_find_result *found, const char *text,
                             const ask_find_options *opt, ask_error *err);

#endif
