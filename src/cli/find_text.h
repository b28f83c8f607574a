/* cli/find_text.h - what `find` prints, from its record. */
#ifndef ASK_CLI_FIND_TEXT_H
#define ASK_CLI_FIND_TEXT_H

#include "base/str.h"
#include "record/record.h"

/* One line for each moment, or that the text is not in the video. */
void cli_find_text(ask_str *out, const ask_record *r);

/* What would be done, one line for each thing. */
void cli_find_plan_text(ask_str *out, const ask_record *r);

/* The curve as CSV: t_s, pts, index, cosine, score, duplicate_of, damaged. An index that is
 * not known and the duplicate_of of a frame that is none are empty; duplicate_of counts
 * rows from 0. */
void cli_find_curve(ask_str *out, const ask_record *r);

#endif
