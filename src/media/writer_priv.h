/* media/writer_priv.h - the parts of a video writer: the formats it knows, and the track
 * that encodes and muxes for all of them. */
#ifndef ASK_MEDIA_WRITER_PRIV_H
#define ASK_MEDIA_WRITER_PRIV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "base/file.h"
#include "media/writer.h"

/* ---- formats ---- */

typedef struct {
    const char *ending;              // ".mp4"
    const char *container, *encoder; // libav's names
    enum AVPixelFormat pixels;
    int max_side_px;
    bool even_sides;
    AVRational time_base;       // of the file; {0, 1}: that of the ticks
    int64_t min_step, max_step; // between frames, in the file's time base

    /* Looks at the options that only this format has; may be NULL. */
    bool (*check)(const ask_writer_options *opt, ask_error *err);

    /* Sets what the encoder and the muxer need to know. Sizes, pixels and times are set
     * already. A negative result is libav's error. */
    int (*set_up)(AVCodecContext *encoder, AVDictionary **encoder_options,
                  AVDictionary **muxer_options, const ask_writer_options *opt);

    /* Converts a picture into the frame to encode. */
    bool (*paint)(AVFrame *to, const ask_image *from, const ask_writer_options *opt,
                  ask_error *err);

    /* Called before the end of the file is written; may be NULL. */
    int (*end)(AVFormatContext *muxer, int64_t last_duration);
} ask_writer_format;

extern const ask_writer_format ask_writer_mp4, ask_writer_gif;

/* ---- the track ---- */

/* An encoder and a muxer, which writes through an ask_file_writer. Start with {0}. */
typedef struct {
    AVCodecContext *encoder;
    AVFormatContext *muxer;
    AVFrame *frame;        // to be painted, then sent
    AVPacket *next, *held; // the last packet is held until the end is known
    int64_t first_dts;
    ask_file_writer *file; // borrowed
    bool is_begun;         // the header is written, the trailer is not
    bool gives_up;         // nothing more goes to the file
    ask_error file_error;  // what libav was told in a number only
} ask_track;

/* width and height are those of the coded picture. */
bool ask_track_open(ask_track *t, const ask_writer_format *format, ask_file_writer *file,
                    int width, int height, AVRational time_base,
                    const ask_writer_options *opt, ask_error *err);

/* Takes t->frame, which may be painted again afterwards. */
bool ask_track_send(ask_track *t, int64_t pts, ask_error *err);

/* Ends the last frame, which began at last_pts, at end_pts, and the container. */
bool ask_track_finish(ask_track *t, const ask_writer_format *format, int64_t last_pts,
                      int64_t end_pts, ask_error *err);

void ask_track_close(ask_track *t); // {0} is fine

#endif
