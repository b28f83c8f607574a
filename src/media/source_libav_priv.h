/* media/source_libav_priv.h - the parts of the source that reads files with libav:
 *
 *     file       the bytes, and nothing but the bytes, of one file
 *     packets    the packets of one video stream: walk, find a place to start
 *     kind       what a packet's own bytes tell
 *     decoder    packets in, frames out
 *     run        frames one after the other from one start
 *     frames     the frames of a request, by as few runs as it takes
 *     table      all packets, for the full table
 *     picture    a frame as RGB, upright
 */
#ifndef ASK_MEDIA_SOURCE_LIBAV_PRIV_H
#define ASK_MEDIA_SOURCE_LIBAV_PRIV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "media/image_orient_priv.h"
#include "media/source_priv.h"

/* ---- file ---- */

/* A regular file, read through a context that can open nothing else. */
typedef struct {
    AVIOContext *io;
    int fd;
    int64_t at, n_bytes;
    int reason; // errno of the first failed read, or 0
    const ask_cancel *cancel;
} ask_libav_file;

ask_libav_file *ask_libav_file_open(const char *path, const ask_cancel *cancel,
                                    ask_error *err);
void ask_libav_file_close(ask_libav_file *f);

/* ---- kind ---- */

/* Whether a packet of this codec makes no frame: empty, or marked as not to be shown. */
bool ask_packet_is_hidden(enum AVCodecID codec, const uint8_t *data, size_t n_bytes);

/* Whether no other packet needs this one to be decoded. False where that is not certain. */
bool ask_packet_is_disposable(const AVCodecParameters *codec, const uint8_t *data,
                              size_t n_bytes);

/* ---- packets ---- */

/* What a packet's tag is. */
typedef enum {
    ASK_TAG_PTS,   // when its frame is displayed
    ASK_TAG_DTS,   // when it is decoded: the container has no display times
    ASK_TAG_COUNT, // its number in the stream: the container has no times
} ask_tag_source;

typedef struct {
    const char *path;
    const ask_video_options *options;
    ask_libav_file *file;
    AVFormatContext *format;
    AVStream *stream;
    ask_tag_source tags;
    AVRational time_base; // of tags
    bool seeks;           // there is another way to a place than from the beginning
    int64_t n_read;       // packets of the stream since the beginning
    AVPacket *held;       // the last packet; owned
    bool is_held;         // and it is to be given again
    // The beginning:
    int64_t first_tag;     // of the packet that decoding begins with
    int64_t first_shown;   // the first display time of a packet that is not leading
    int64_t first_leading; // the first display time before first_tag; AV_NOPTS_VALUE: none
    bool keeps_leading;    // leading packets can be decoded
    bool marks_no_keys;    // no packet says that decoding can begin there
} ask_packets;

typedef struct {
    AVPacket *av; // borrowed until the next read
    int64_t tag;  // AV_NOPTS_VALUE: unknown, and then the packet is not shown
    bool key;
    bool shown;
} ask_packet;

typedef enum { ASK_READ_OK, ASK_READ_END, ASK_READ_FAILED } ask_read;

/* A time or duration of the file as it is, or AV_NOPTS_VALUE (negative) when it is absurd.
 */
int64_t ask_sensible_ticks(int64_t ticks);

/* Whether it is an animation: there a packet's duration is a delay that was set, and not
 * one that the container worked out. */
bool ask_packets_have_delays(const ask_packets *p);

/* Opens the file and finds its video stream. */
bool ask_packets_open(ask_packets *p, const char *path, const ask_video_options *options,
                      ask_error *err);
void ask_packets_close(ask_packets *p);

/* Opens the file and takes no stream: p->format tells which there are. Then one is taken,
 * whatever it holds, and its packets are read from the first on, tagged with their display
 * times; nothing else below may be asked for. Closed as the other, also on failure. */
bool ask_packets_open_streams(ask_packets *p, const char *path,
                              const ask_video_options *options, ask_error *err);
void ask_packets_take(ask_packets *p, int stream);

ask_read ask_packets_next(ask_packets *p, ask_packet *out, ask_error *err);

/* The next read gives the packet of the last read again. */
void ask_packets_hold(ask_packets *p);

/* Finds the beginning; the place to read from is then anywhere. */
bool ask_packets_find_first(ask_packets *p, ask_error *err);

/* Opens the file once more; the next read gives its first packet. */
bool ask_packets_reopen(ask_packets *p, ask_error *err);

/* The next read gives the packet that decoding begins with. */
bool ask_packets_rewind(ask_packets *p, ask_error *err);

/* The next read gives a key packet of a tag not above `tag` (the first packet at worst);
 * *start is its tag. Where the container has no display times, or with a tag not above
 * first_tag, that is the first packet that decoding can begin with. */
ask_read ask_packets_seek(ask_packets *p, int64_t tag, int64_t *start, ask_error *err);

/* The tag of the last key packet not above `tag` that the container's index knows of;
 * AV_NOPTS_VALUE: it knows of none. May err by the few frames that packets are reordered.
 */
int64_t ask_packets_indexed_start(const ask_packets *p, int64_t tag);
int64_t ask_packets_count_starts(const ask_packets *p);

/* ---- picture ---- */

/* Makes RGB pictures of frames. Start with {0}. */
typedef struct {
    struct SwsContext *scaler;
    int key[8]; // what it was made for
    ask_image flat, upright;
} ask_picture_maker;

/* The frame with its own range and matrix (BT.601 where it names none), on white where it
 * is transparent, scaled to width x height (before turning), turned. *out is borrowed until
 * the next call. */
bool ask_picture_make(ask_picture_maker *m, const ask_image **out, const AVFrame *frame,
                      int width, int height, ask_orientation orientation, ask_error *err);
void ask_picture_maker_close(ask_picture_maker *m);

/* How to put pictures upright that a stream stores with this matrix (nine 32-bit numbers,
 * or NULL). Angles between quarter turns are taken as none. */
ask_orientation ask_orientation_of_matrix(const int32_t *matrix);
int ask_orientation_degrees(ask_orientation orientation); // clockwise, after a flip

/* ---- decoder ---- */

/* How damage is met. */
typedef enum {
    ASK_DAMAGE_STOPS,  // any sign of it is an error; as many threads as wanted
    ASK_DAMAGE_TRACED, // the same with one thread, so that the packet is known
    ASK_DAMAGE_FILLED, // the decoder fills in what is missing; one thread
} ask_damage;

typedef struct {
    AVCodecContext *many, *one; // owned; opened when needed
} ask_decoders;

/* A decoder without a past. Borrowed until the next begin. */
AVCodecContext *ask_decoders_begin(ask_decoders *d, const ask_packets *p, ask_damage damage,
                                   ask_error *err);
void ask_decoders_close(ask_decoders *d);

/* ---- run ---- */

enum { ASK_RECENT = 128 };

/* A packet of a run. */
typedef struct {
    int64_t tag, pts;
    int64_t number; // in the order of decoding
    bool key;
} ask_recent;

/* Frames one after the other from one start. Begin with {0}. */
typedef struct {
    ask_packets *packets;        // borrowed
    ask_decoders *decoders;      // borrowed
    const ask_source_table *map; // borrowed: from tags to display times; NULL: they are one
    AVCodecContext *codec;       // borrowed; NULL: no run
    ask_damage damage;
    int64_t start_pts;
    bool keeps_leading; // frames displayed before the start can be decoded
    bool any_order;     // frames are given as they come, whatever their times
    bool is_drained;    // no packets are left
    bool has_current, has_next;
    AVFrame *current, *next; // owned; the frame on display, and the one after it
    int64_t n_packets;
    ask_recent recent[ASK_RECENT]; // shown ones, in a ring
    int64_t n_recent;
    bool has_error;
    int64_t error_tag, error_number; // of the first damaged packet
} ask_run;

typedef enum {
    ASK_RUN_OK,
    ASK_RUN_END,     // no frame is there
    ASK_RUN_DAMAGED, // and damage stops
    ASK_RUN_FAILED,  // with an error
} ask_run_result;

bool ask_run_open(ask_run *r, ask_packets *packets, ask_decoders *decoders, ask_error *err);
void ask_run_close(ask_run *r);

/* Begins at the last start at or before a display time that the container finds. */
ask_run_result ask_run_begin(ask_run *r, int64_t pts, ask_damage damage, ask_error *err);
/* Begins at a start of a table, exactly. ASK_RUN_END: it is not found again. */
ask_run_result ask_run_begin_at(ask_run *r, const ask_source_start *start,
                                ask_damage damage, ask_error *err);
/* The next request begins anew. */
void ask_run_end(ask_run *r);

/* Decodes the first frame into `next`, where none was decoded yet. */
ask_run_result ask_run_first(ask_run *r, const int64_t *wanted, int n_wanted,
                             ask_error *err);

/* Steps one frame on: `next` becomes `current`. ASK_RUN_END when there was none. */
ask_run_result ask_run_step(ask_run *r, const int64_t *wanted, int n_wanted,
                            ask_error *err);

/* Goes on until `current` is the frame on display at pts. ASK_RUN_END: pts lies before the
 * first frame.
 *
 * wanted  all times that this run will be asked for, ascending; frames on display at none
 *         of them may be left out, those after the last are not */
ask_run_result ask_run_to(ask_run *r, int64_t pts, const int64_t *wanted, int n_wanted,
                          ask_error *err);

/* Of `current`. */
int64_t ask_run_pts(const ask_run *r);
int64_t ask_run_next_pts(const ask_run *r); // of `next`
bool ask_run_key(const ask_run *r);
bool ask_run_is_damaged(const ask_run *r);
/* Whether a frame between `current` and pts never came out of the decoder. */
bool ask_run_misses(const ask_run *r, int64_t pts);

/* ---- the source ---- */

typedef struct {
    ask_source base;
    ask_packets packets;
    ask_decoders decoders;
    ask_run run;
    ask_picture_maker maker;
    ask_orientation orientation;
    // Damaged files only:
    bool is_damaged;      // damage was seen
    int64_t judged;       // a place in the table's starts, or -1
    int64_t judged_begin; // where its frames are decoded from
} ask_libav_source;

ask_source_outcome ask_libav_frames(ask_source *source, const ask_source_request *request,
                                    ask_source_fn *fn, void *user, int *n_given,
                                    ask_error *err);
bool ask_libav_table(ask_source *source, ask_source_table *out, ask_error *err);

#endif
