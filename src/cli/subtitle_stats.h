/* cli/subtitle_stats.h - the subtitles of a video, as they are told to a user. */
#ifndef ASK_CLI_SUBTITLE_STATS_H
#define ASK_CLI_SUBTITLE_STATS_H

#include "base/json_write.h"
#include "media/subtitles.h"

/* What was read of a file or a track. */
typedef struct {
    bool is_counted; // false: not looked at, or it cannot be read
    int64_t n_cues, n_dropped;
    char error[ASK_ERROR_MESSAGE_BYTES]; // why it cannot be read; "" otherwise
} cli_cue_count;

typedef struct {
    char *path; // owned; of the file beside the video; NULL: there is none
    cli_cue_count file;
    ask_subtitle_track *tracks; // owned; n_tracks of them
    int n_tracks;
    cli_cue_count *counts; // owned; of each track
} cli_subtitle_stats;

/* Finds the file beside the video and its tracks; counts the cues of the file, and those of
 * the tracks when counts_tracks, which reads all of the video's file. What cannot be read
 * is told, and no failure. */
bool cli_subtitle_stats_of(cli_subtitle_stats *out, const ask_video *v, const char *path,
                           bool counts_tracks, ask_error *err);
void cli_subtitle_stats_free(cli_subtitle_stats *s); // leaves {0}

/* Lines as `askance inspect` writes them; nothing when there are no subtitles. */
void cli_subtitle_stats_text(ask_str *out, const cli_subtitle_stats *s);

/* The object "subtitles" of docs/formats.md. */
void cli_subtitle_stats_json(ask_json_writer *w, const cli_subtitle_stats *s);

#endif
