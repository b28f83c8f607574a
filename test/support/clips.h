/* support/clips.h - media files that are known by construction.
 *
 * Every picture shows its number as black and white blocks that survive compression, so
 * that a test can tell which frame was decoded. What a case promises is worked out from
 * what was asked of the encoder and the muxer, never measured from the file.
 *
 *     char *dir = test_temp_dir_make();
 *     for (int i = 0; i < n_clip_cases; i++) {
 *         clip c = clip_make(&clip_cases[i], dir);
 *         ...
 *         clip_free(&c);
 *     }
 *
 * Whatever goes wrong in here ends the test with a message. */
#ifndef SUPPORT_CLIPS_H
#define SUPPORT_CLIPS_H

#include "media/image.h"

enum {
    CLIP_DAMAGED = -1, // no promise but a picture
    CLIP_LOST = -2,    // no picture: an error that names the frame
};

typedef struct {
    int number;        // what the picture shows, or CLIP_...
    int64_t pts;       // in units of the clip's time base
    double t_s;        // from the first displayed frame
    double duration_s; // until the next frame, or the end
    bool key;
} clip_frame;

typedef struct {
    const char *name; // of the case
    char *path;       // owned; a file, or a folder of images

    /* The right error: ASK_OK, or the code with which opening the file or, at the latest,
     * making its full table fails, and a part of the message. */
    ask_error_code code;
    const char *message;

    /* The right table, when code is ASK_OK; frames in display order. */
    clip_frame *frames; // owned
    int n_frames;
    int64_t time_base_num, time_base_den;
    double duration_s;
    bool vfr;
    bool duration_known; // by the container, before packets are counted

    /* The right pictures: size as displayed, and degrees clockwise to turn them by. The
     * numbers stand upright in the displayed picture. */
    int width, height, rotation;
    int aspect_num, aspect_den;    // of a displayed pixel; 0/1 where nothing was said of it
    const char *container, *codec; // "mp4", "h264"
    int n_audio_streams;
} clip;

typedef struct clip_case clip_case;
struct clip_case {
    const char *name; // also the stem of the file's name
    void (*write)(clip *out, const clip_case *c, const char *dir);
    const void *spec; // what write needs to know
};

extern const clip_case clip_cases[];
extern const int n_clip_cases;

/* The place of the frame that is lost, or -1. */
int clip_lost(const clip *c);

/* The case of that name. */
const clip_case *clip_case_of(const char *name);

/* Writes the case into dir (each has names of its own there) and tells what is in it. */
clip clip_make(const clip_case *c, const char *dir);
void clip_free(clip *c);

/* Draws a picture with a number from 0 to 4095; reads the number that a picture shows,
 * whatever its size and channels, or -1 when it shows none. Sides of 32 or more pixels. */
void clip_draw(ask_image *image, int number);
int clip_number(const ask_image *image);

/* Like clip_number, of a whole frame: fails the test when it does not show the number. */
void clip_check_number(const char *where, const ask_image *image, int number);

/* ---- clips beyond the table ---- */

/* Text that is shown for a while; the container's time line is that of the frames' ticks.
 */
typedef struct {
    int64_t start_ms, end_ms;
    const char *text; // as the codec has it, without what stands around it; NULL: no more
} clip_cue;

/* A track of subtitles (mp4, mkv, webm). */
typedef struct {
    const char *codec;    // "mov_text", "subrip", "ass"; NULL: no more tracks
    const char *language; // "eng"; NULL: not said
    bool is_default, is_forced;
    const clip_cue *cues;
} clip_track;

/* A file that libav encodes and muxes. Only what a case needs is set. */
typedef struct {
    const char *file;   // its name; the ending is the container: mp4, mkv, webm, ts, avi,
                        // gif, h264
    const char *codec;  // encoder: "libx264"
    const char *pixels; // "yuv420p" when NULL
    const char *codec_options; // "bf=2:preset=ultrafast"
    const char *muxer_options;
    int width, height; // as coded
    int n_frames;
    int time_base_num, time_base_den; // of the ticks below; 1/time_base_den when num is 0
    int step;                         // ticks from frame to frame: 1 when 0
    const int *ticks;           // of n_frames frames and of the end; NULL: all `step` apart
    int64_t first_tick;         // added to all of them
    int gop;                    // frames from key frame to key frame: 12 when 0
    int rotation;               // degrees clockwise, written as display matrix
    int aspect_num, aspect_den; // of a coded pixel, wide to high; not said when 0
    bool audio;                 // a second stream, half a second longer (mp4, mkv)
    const clip_track *tracks;   // of subtitles; NULL: none
    bool streamed;              // never seeking back: no index, no duration (mkv, webm)
    bool no_index;              // the index is made unreadable afterwards (mkv)

    /* What is done to the file afterwards; frames count in display order, 0 is "not". The
     * first three are for codecs without reordering, whose packets stand in the file as
     * they are. */
    int damaged_frame;        // the second half of this packet is overwritten
    int lost_frame;           // all of this packet is overwritten
    int cut_frame;            // the file ends in the middle of this packet
    int edit_begin, edit_end; // the edit list shows only frames in [begin, end) (mp4)
    int header_side_px;       // the container's header says that both sides are so long
} clip_spec;

/* Writes it; everything in *out is then known. */
void clip_encode(clip *out, const clip_spec *spec, const char *dir);

#endif
