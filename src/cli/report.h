/* cli/report.h - a record's report, with pictures taken from the video. */
#ifndef ASK_CLI_REPORT_H
#define ASK_CLI_REPORT_H

#include "media/video.h"
#include "record/record.h"

/* Adds the page (record/report.h) to *out. The best frames of the first moments, and a few
 * spread over the video, are decoded once more, by time, and shown 240 px high or lower;
 * so is the evidence of an answer, with its saliency.
 * Fails as the video does, or with ASK_ERR_NOMEM. */
bool cli_report(ask_str *out, const ask_record *r, ask_video *v, ask_error *err);

#endif
