/* media/writer.h - videos out: MP4 (H.264, yuv420p) and GIF, all or nothing.
 *
 * Frames have times of their own, so variable rates can be written. The same frames,
 * options and library versions give the same bytes on every machine. A writer belongs to
 * one thread at a time. */
#ifndef ASK_MEDIA_WRITER_H
#define ASK_MEDIA_WRITER_H

#include "media/image.h"

typedef struct {
    size_t struct_size;
    int fps_num, fps_den; // ticks a second: 12 / 1
    int crf;              // MP4: quality, 0 (lossless) to 51: 23
    int gop;              // MP4: most frames from key frame to key frame: 48
    const char *preset;   // MP4: x264's, from "ultrafast" to "placebo": "veryfast"
    int n_threads;        // MP4: 1; other numbers give other bytes
    bool dither;          // GIF: spread the errors of a frame's 256 colours: true
} ask_writer_options;
ASK_API ask_writer_options ask_writer_defaults(void);

typedef struct ask_video_writer ask_video_writer;

/* The format follows the ending: .mp4 or .gif. MP4 needs even sides; where one is odd, the
 * last row or column is repeated. opt may be NULL. Fails: ASK_ERR_USAGE (ending, options),
 * ASK_ERR_LIMIT (sides, a full disk), ASK_ERR_UNSUPPORTED (no encoder), ASK_ERR_IO,
 * ASK_ERR_NOMEM. */
ASK_API ask_video_writer *ask_video_writer_open(const char *path, int width, int height,
                                                const ask_writer_options *opt,
                                                ask_error *err);

/* Adds a frame (RGB, of the video's size, borrowed) that is shown from `ticks` (0 or
 * more) on; the first frame is the beginning of time. ASK_ERR_SHAPE and ASK_ERR_USAGE
 * (ticks that do not ascend; GIF frames less than 0.02 s or more than 655 s apart) leave
 * the writer as it was; after other failures every later call fails with the same message.
 */
ASK_API bool ask_video_writer_add(ask_video_writer *w, const ask_image *frame,
                                  int64_t ticks, ask_error *err);

/* Ends the last frame at end_ticks and puts the file in its place; a video without frames
 * is ASK_ERR_USAGE. Frees w, also on failure; then nothing is left of the new file, and an
 * old one is as it was. */
ASK_API bool ask_video_writer_commit(ask_video_writer *w, int64_t end_ticks,
                                     ask_error *err);

/* Gives up: nothing is left of the file. Frees w; NULL is fine. */
ASK_API void ask_video_writer_abort(ask_video_writer *w);

#endif
