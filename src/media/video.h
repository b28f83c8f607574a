/* media/video.h - a video, its time table, and its frames, exactly.
 *
 * A video is a media file, a GIF, or a folder of images of one size. There is one time
 * table per video, and every part of the program speaks of frames by index into it and of
 * time in seconds from the first displayed frame. Variable rates, B-frames, edit lists,
 * negative starts, rotation, unknown durations and GIF delays are handled here and nowhere
 * else.
 *
 * Opening is file-only: no protocols, no playlists, no devices; limits are checked before
 * anything is allocated. A handle belongs to one thread at a time. */
#ifndef ASK_MEDIA_VIDEO_H
#define ASK_MEDIA_VIDEO_H

#include "base/log.h"
#include "media/image.h"

typedef struct ask_video ask_video;

typedef struct {
    size_t struct_size;
    int max_streams;       // 64
    int max_side_px;       // 16384
    int64_t max_pixels;    // of a frame: 64 Mi
    int64_t max_packets;   // walked for a full table: 20 million
    double image_fps;      // rate of a folder of images: 25
    int n_threads;         // for decoding; 0: the processor's, at most 4
    const char *cache_dir; // where full tables are kept; NULL: not kept
    const ask_cancel *cancel;
    const ask_progress *progress;
} ask_video_options;
ASK_API ask_video_options ask_video_defaults(void);

typedef struct {
    const char *container, *codec; // "mov,mp4,...", "h264"; of pictures "images", "png"
    int width, height; // of every frame that is given: rotation applied, not stretched
    int coded_width, coded_height;
    int rotation; // degrees clockwise that were applied: 0, 90, 180, 270
    /* What a pixel of these frames is wide to what it is high, in lowest terms: players
     * stretch the width by it, and the frames here are left as they are stored. As the
     * container says, or its codec where it was looked at; 0/1 where neither does. */
    int64_t sample_aspect_num, sample_aspect_den;
    int64_t time_base_num, time_base_den; // seconds per unit of pts
    int n_video_streams, n_audio_streams, n_subtitle_streams, n_other_streams;
    int64_t file_bytes;
} ask_video_info;

/* opt may be NULL. Fails: ASK_ERR_IO (missing, a directory without images), ASK_ERR_FORMAT
 * (corrupt), ASK_ERR_UNSUPPORTED (no video stream, a playlist, no decoder), ASK_ERR_LIMIT.
 */
ASK_API ask_video *ask_video_open(const char *path, const ask_video_options *opt,
                                  ask_error *err);
ASK_API void ask_video_close(ask_video *v); // NULL is fine
ASK_API const ask_video_info *ask_video_info_of(const ask_video *v);

/* ---- the time table ---- */

typedef struct {
    int64_t pts;       // in units of the time base
    double t_s;        // from the first displayed frame: ticks * num / den of the time base
    double duration_s; // until the next frame, or the end
    bool key;          // decoding can start here
} ask_frame_time;

typedef enum {
    ASK_DURATION_UNKNOWN,
    ASK_DURATION_CONTAINER, // what the file says
    ASK_DURATION_PACKETS,   // counted
} ask_duration_source;

typedef struct {
    bool full;         // false: an outline
    double duration_s; // from the first displayed frame to the end of the last; < 0 unknown
    ask_duration_source duration_source;
    double fps; // frames a second, mean; 0 unknown
    /* Full only: frame durations differ by more than rounding. That of the last frame
     * counts where each frame says its own (GIF, APNG); elsewhere it is often made up. */
    bool vfr;
    int64_t n_frames;             // full: exact; outline: an estimate, or -1
    const ask_frame_time *frames; // full only, in display order
    int64_t n_keys; // outline: key frames known to the container's index; full: exact
} ask_time_table;

/* What the container's own index tells; made at opening, costs nothing. Borrowed. */
ASK_API const ask_time_table *ask_video_outline(const ask_video *v);

/* From all packets, demuxed without decoding (decoded where the container has no times);
 * made once, cached on disk by video id. Borrowed; NULL on failure. */
ASK_API const ask_time_table *ask_video_table(ask_video *v, ask_error *err);

/* Quick id: hash of the size and of the first and last MiB (of a folder: of names and
 * sizes). 16 hex digits and a NUL. */
ASK_API bool ask_video_quick_id(const ask_video *v, char out[17], ask_error *err);

/* ---- frames ---- */

typedef struct {
    const ask_image *image; // RGB, rotation applied; borrowed for the callback
    int64_t index;          // into the full table; -1 while there is only an outline
    int64_t pts;
    double t_s;
    bool key;
    bool damaged; // its data is, and the decoder filled in what was missing
    int request;  // which of the requested frames this is
} ask_video_frame;

/* Takes one frame. False stops the decoding, with the error it wrote. */
typedef bool (*ask_frame_fn)(void *user, const ask_video_frame *frame, ask_error *err);

typedef enum { ASK_ACCESS_AUTO, ASK_ACCESS_SEEK, ASK_ACCESS_SEQUENTIAL } ask_access;

typedef struct {
    size_t struct_size;
    ask_access access; // AUTO: seeks when few frames are wanted
} ask_frames_options;

/* Gives the frames on display at n times (ascending, repeats allowed), in order. The frame
 * at t is the last one with t_s <= t; a time before 0 or past the end is ASK_ERR_USAGE.
 *
 * The end is that of the last frame. Where the container promises a later one (its sound
 * is longer, or its numbers are rounded) the last frame stays on display until then, though
 * for a second at most: so times that were chosen by the outline can be asked for. The
 * same times are past the end with a full table and without; without one it may be found
 * out only when the frames before were given.
 *
 * Touches the outline and the packets around each time only; where these do not tell
 * whether a time is past the end, or are damaged, the full table is made. Every access mode
 * gives the same bits.
 *
 * Fails ASK_ERR_FORMAT for a frame that cannot be decoded, ASK_ERR_SHAPE for a picture of a
 * folder that is not as large as its first one, or as fn does. */
ASK_API bool ask_video_frames_at(ask_video *v, const double *t_s, int n,
                                 const ask_frames_options *opt, ask_frame_fn fn, void *user,
                                 ask_error *err);
/* Gives frames by index into the full table (ascending). */
ASK_API bool ask_video_frames(ask_video *v, const int64_t *index, int n,
                              const ask_frames_options *opt, ask_frame_fn fn, void *user,
                              ask_error *err);
/* Gives every frame from the first to the last, in bounded memory. */
ASK_API bool ask_video_walk(ask_video *v, ask_frame_fn fn, void *user, ask_error *err);

#endif
