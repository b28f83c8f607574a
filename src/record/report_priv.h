/* record/report_priv.h - the pieces of a report. */
#ifndef ASK_RECORD_REPORT_PRIV_H
#define ASK_RECORD_REPORT_PRIV_H

#include "record/record.h"
#include "record/report.h"

/* What a section is made from. */
typedef struct {
    const ask_record *record;
    const ask_report_picture *pictures;
    size_t n_pictures;
} report;

/* The time of a frame, as a link where the frame has a picture in the page. */
void report_frame_link(ask_str *out, const report *p, size_t frame);

/* The style sheet. */
extern const char report_style[];

/* The scores of the frames over time, as inline SVG: moments shaded, the threshold as a
 * line, picked frames marked, each frame telling its time and score when pointed at.
 *
 * Lengths along the axes are percentages, so the chart takes any width without scaling its
 * letters. The record has frames, a plan and presence. */
void report_chart(ask_str *out, const ask_record *r);

/* Events as bars on one axis of time, in the order of their starts, with a row of words for
 * each. The record has a plan, and moments with texts among its own. */
void report_timeline(ask_str *out, const ask_record *r);

/* Whether the answer is seen in it: of a memory's moments in some, else in all. */
bool report_is_pointed_at(const ask_record_moment *m);

/* Whether scores of frames are shares of an answer (from a memory), not against chance. */
bool report_has_shares(const ask_record *r);

/* What was answered and what it is worth; the options as bars; the table of checks. The
 * record has an answer, one of options for the second, and for the last checks. */
void report_outcome(ask_str *out, const ask_record *r);
void report_options(ask_str *out, const ask_record *r);
void report_checks(ask_str *out, const ask_record *r);

/* An answer in words: what was said; the frames with their shares of attention, and those
 * of each token; and the subtitles that were read with the question. */
void report_said(ask_str *out, const ask_record_answer *a);
void report_attention(ask_str *out, const report *p);
void report_subtitles(ask_str *out, const ask_record_subtitles *s);

#endif
