/* media/writer.h - videos out: MP4 (H.264, yuv420p) and GIF, all or nothing. */
#ifndef ASK_MEDIA_WRITER_H
#define ASK_MEDIA_WRITER_H

#include "media/image.h"

typedef struct {
    size_t struct_size;
    int fps_num, fps_den; // time base of frame numbers: 12 / 1
    int crf;              // H.264 quality: 23
    int gop;              // most frames between key frames: 48
    const char *preset;   // "veryfast"
    int n_threads;        // 1: the same bytes on every machine of the same library
} ask_writer_options;
ASK_API ask_writer_options ask_writer_defaults(void);

typedef struct ask_video_writer ask_video_writer;
/* The format follows the ending: .mp4 or .gif. Sizes must be even for MP4 (odd ones are
 * padded by one pixel by repeating the edge). */
ASK_API ask_video_writer *ask_video_writer_open(const char *path, int width, int height,
                                                const ask_writer_options *opt,
                                                ask_error *err);
/* Adds a frame shown at `ticks` / fps seconds; ticks ascend. */
ASK_API bool ask_video_writer_add(ask_video_writer *w, const ask_image *frame,
                                  int64_t ticks, ask_error *err);
/* Ends the file at end_ticks and puts it in place. Frees w, also on failure. */
ASK_API bool ask_video_writer_commit(ask_video_writer *w, int64_t end_ticks,
                                     ask_error *err);
ASK_API void ask_video_writer_abort(ask_video_writer *w);
#endif
