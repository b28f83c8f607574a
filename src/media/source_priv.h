/* media/source_priv.h - where frames come from: the small interface between a video and its
 * decoder.
 *
 * Four messages: open, table, frames, close. What crosses is plain data (numbers, and one
 * picture at a time), so that a source can work in this process or behind a pipe. A source
 * keeps no table and takes no decision that its answers could depend on: asked for the same
 * frame it gives the same bits, whatever it was asked before.
 *
 * Times are pts: display times in units of the source's time base. */
#ifndef ASK_MEDIA_SOURCE_PRIV_H
#define ASK_MEDIA_SOURCE_PRIV_H

#include "media/video.h"

typedef struct ask_source ask_source;

/* ---- the answer to open ---- */

typedef struct {
    ask_video_info info;    // its texts live as long as the program
    bool has_delays;        // each frame, the last one too, says how long it stays
    int64_t first_pts;      // of the first displayed frame
    int64_t duration;       // from there, as the container says; < 0 unknown
    double fps;             // 0 unknown
    int64_t n_frames;       // an estimate, or -1
    int64_t n_keys;         // known to the container's index
    bool is_counted;        // nothing can be found by time before the table is made
    uint32_t table_version; // another number: the same file may give another table
} ask_source_head;

/* ---- the answer to table ---- */

typedef struct {
    int64_t pts; // strictly ascending
    int64_t tag; // the number that the frame's packet carries through the decoder
    bool key;
} ask_source_frame;

/* A packet that decoding can start at, shown or not. */
typedef struct {
    int64_t pts;
    int64_t tag;
} ask_source_start;

typedef struct {
    ask_source_frame *frames; // owned; in display order, at least one
    int64_t n_frames;
    ask_source_start *starts; // owned; by pts, ascending
    int64_t n_starts;
    int64_t *by_tag; // owned; places of frames in the order of tags; NULL: tags are pts
    int64_t end_pts; // when the last frame ends; not before its pts
} ask_source_table;

/* Puts the frames and starts of a table in order, each time once, and makes by_tag where
 * tags are not pts. Fails with ASK_ERR_FORMAT when there is no frame, or ASK_ERR_NOMEM. */
bool ask_source_table_order(ask_source_table *table, ask_error *err);

/* The place of the last frame, or start, at or before a time; -1: there is none. */
int64_t ask_source_frame_at(const ask_source_table *table, int64_t pts);
int64_t ask_source_start_at(const ask_source_table *table, int64_t pts);

/* The frame of a tag, or NULL. */
const ask_source_frame *ask_source_find_tag(const ask_source_table *table, int64_t tag);

/* Leaves {0}. */
void ask_source_table_free(ask_source_table *table);

/* ---- frames ---- */

typedef struct {
    const ask_source_table *table; // NULL while there is only the head
    const int64_t *pts; // ascending. With a table: those of frames. Without: any times from
    int n;              // first_pts on; the frame on display then is given
    ask_access access;
    int64_t slack; // without a table: so long after its own time the last frame is surely
                   // on display; for later times a table is needed
} ask_source_request;

typedef struct {
    const ask_image *image; // RGB, upright; borrowed for the call
    int64_t pts;
    bool key;
    bool damaged;
    int request;
} ask_source_picture;

typedef bool ask_source_fn(void *user, const ask_source_picture *picture, ask_error *err);

typedef enum {
    ASK_SOURCE_DONE,
    ASK_SOURCE_FAILED,      // with an error
    ASK_SOURCE_NEEDS_TABLE, // ask for the rest again with a table; without an error
} ask_source_outcome;

/* ---- a source ---- */

typedef struct {
    bool reads_slowly; // tables are worth keeping
    bool (*table)(ask_source *s, ask_source_table *out, ask_error *err);
    /* Gives the frames in order; *n_given counts those that fn has had. */
    ask_source_outcome (*frames)(ask_source *s, const ask_source_request *request,
                                 ask_source_fn *fn, void *user, int *n_given,
                                 ask_error *err);
    void (*close)(ask_source *s);
} ask_source_kind;

struct ask_source { // the first member of every source
    const ask_source_kind *kind;
    ask_source_head head;
    ask_video_options options; // complete
    const char *path;          // borrowed from the video
};

/* Open a file, and a picture or a folder of pictures. *out is the new source. */
ask_source *ask_source_libav_open(const char *path, const ask_video_options *options,
                                  ask_error *err);
ask_source *ask_source_folder_open(const char *path, const ask_video_options *options,
                                   ask_error *err);

/* Seconds from the first displayed frame. */
double ask_source_seconds(const ask_source_head *head, int64_t pts);

#endif
