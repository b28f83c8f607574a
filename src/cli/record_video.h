/* cli/record_video.h - the video of an evidence record, as it was opened. */
#ifndef ASK_CLI_RECORD_VIDEO_H
#define ASK_CLI_RECORD_VIDEO_H

#include "media/video.h"
#include "record/record.h"

/* Sets the record's video, with notes for what is not known of it. counted: the full time
 * table was made, so asking for it costs nothing. sha256: 64 hex digits, or NULL with the
 * reason in why_no_sha256. Fails as the video does, or with ASK_ERR_NOMEM. */
bool cli_record_video(ask_record *r, ask_video *v, const char *path, bool counted,
                      const char *sha256, const char *why_no_sha256, ask_error *err);

#endif
