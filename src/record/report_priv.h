/* record/report_priv.h - the pieces of a report. */
#ifndef ASK_RECORD_REPORT_PRIV_H
#define ASK_RECORD_REPORT_PRIV_H

#include "record/record.h"

/* The style sheet. */
extern const char report_style[];

/* The scores of the frames over time, as inline SVG: moments shaded, the threshold as a
 * line, picked frames marked, each frame telling its time and score when pointed at.
 *
 * Lengths along the axes are percentages, so the chart takes any width without scaling its
 * letters. The record has frames, a plan and presence. */
void report_chart(ask_str *out, const ask_record *r);

/* What was answered and what it is worth; the options as bars; the table of checks. The
 * record has an answer and presence, and for the last checks. */
void report_outcome(ask_str *out, const ask_record *r);
void report_options(ask_str *out, const ask_record *r);
void report_checks(ask_str *out, const ask_record *r);

#endif
