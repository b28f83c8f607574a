/* media/subtitles.h - the words that are shown with a video, on its time line.
 *
 *     ask_subtitles s;
 *     if (!ask_subtitles_find(&s, video, NULL, err)) goto fail; // a file beside, or a
 * track for (int64_t i = 0; i < s.n_cues; i++) use(&s.cues[i]); ask_subtitles_free(&s);
 *
 * From SubRip (.srt) and WebVTT (.vtt) files, told apart by their content, and from tracks
 * of text in a video file (mov_text, SubRip, WebVTT, ASS). Tracks of pictures are refused
 * by name.
 *
 * Times are seconds from the first displayed frame, as everywhere. The times of a track are
 * on its container's time line, as those of the frames are, and moved by the same amount.
 * Those of a file are taken as they are: there 0 is the beginning of what a player shows.
 *
 * A cue's text is plain: tags, ASS overrides and drawings, positions and the time marks of
 * karaoke are left out, character references of HTML are replaced. Line breaks are blanks,
 * runs of blanks are one. What a WebVTT voice says (<v Ann>Hi) begins with its name:
 * "Ann: Hi". Cues without words are left out.
 *
 * A cue that cannot be placed is dropped and counted in n_dropped: its times are malformed,
 * negative or beyond 10^8 s, it ends before it begins or as it does, a track's cue has no
 * known end or is over before the first frame, or its bytes are no UTF-8. (One that begins
 * before the first frame begins with it.) */
#ifndef ASK_MEDIA_SUBTITLES_H
#define ASK_MEDIA_SUBTITLES_H

#include "base/arena.h"
#include "media/video.h"

typedef struct {
    size_t struct_size;       // set by ask_subtitle_defaults; lets fields be added later
    int stream;               // of a video's track: its index in the file; -1: chosen
    const char *language;     // "en", "eng", "pt-BR"; NULL: any
    size_t max_bytes;         // of a file, or of a track's packets: 64 MiB
    int64_t max_cues;         // 500 000
    size_t max_cue_bytes;     // with mark-up: 64 KiB
    const ask_cancel *cancel; // NULL: that of the video, where one is read
} ask_subtitle_options;
ASK_API ask_subtitle_options ask_subtitle_defaults(void);

typedef struct {
    double start_s, end_s; // on display from start_s until before end_s; 0 <= start < end
    const char *text;      // UTF-8, one line, not empty
} ask_subtitle_cue;

typedef enum {
    ASK_SUBTITLES_NONE,
    ASK_SUBTITLES_FILE,
    ASK_SUBTITLES_TRACK
} ask_subtitles_kind;

typedef struct {
    ask_subtitles_kind kind;
    const char *path;             // of a FILE; else NULL
    int stream;                   // of a TRACK; else -1
    const ask_subtitle_cue *cues; // by start, then end, then order in the file; may overlap
    int64_t n_cues;
    int64_t n_dropped;
    ask_arena *room; // owns all of it
} ask_subtitles;

/* Leaves {0}; {0} is allowed. */
ASK_API void ask_subtitles_free(ask_subtitles *s);

/* ---- files ---- */

/* Reads a regular file: UTF-8, or UTF-16 with a byte order mark. Lines end in any way. A
 * WebVTT file begins with "WEBVTT"; every other is taken as SubRip. Text in other encodings
 * is refused rather than guessed at.
 *
 * opt may be NULL; its stream and language are of no account. *out is written only on
 * success. Fails: ASK_ERR_IO, ASK_ERR_FORMAT (not text, another encoding, no cue that has
 * times), ASK_ERR_UNSUPPORTED (another form of subtitles), ASK_ERR_LIMIT,
 * ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_subtitles_read(ask_subtitles *out, const char *path,
                                const ask_subtitle_options *opt, ask_error *err);

/* The same of a file's bytes; name stands in front of messages and becomes out->path. */
ASK_API bool ask_subtitles_parse(ask_subtitles *out, const void *bytes, size_t n_bytes,
                                 const char *name, const ask_subtitle_options *opt,
                                 ask_error *err);

/* Finds the subtitle file beside a video: for clip.mp4 that is clip.srt, else clip.vtt,
 * else the first by name of clip.LANGUAGE.srt and clip.LANGUAGE.vtt, where LANGUAGE looks
 * like "en", "eng" or "pt-BR". With a language only those that name it, with two letters or
 * with three. *out is the caller's, to free(); NULL when there is none, for a
 * video that is a folder, and in a folder that may not be listed. ASK_ERR_NOMEM. */
ASK_API bool ask_subtitles_beside(char **out, const char *video_path, const char *language,
                                  ask_error *err);

/* ---- tracks ---- */

typedef struct {
    int stream;        // index in the file
    const char *codec; // "mov_text", "dvd_subtitle"; lives as long as the program
    char language[16]; // as the file says it; "" where it does not
    bool is_default, is_forced;
    bool is_read;     // false: ask_subtitles_of_video refuses it
    bool is_pictures; // and that is why
} ask_subtitle_track;

/* The subtitle tracks of a video, in the order of the file. *out is the caller's, to
 * free(); *n may be 0. Fails as ask_video_open does. */
ASK_API bool ask_subtitles_tracks(ask_subtitle_track **out, int *n, const ask_video *v,
                                  ask_error *err);

/* Reads a track: opt->stream, or of those that are read and have opt->language the first
 * default one that is not forced (forced tracks have what is spoken in foreign languages
 * only), else the first that is not forced, else the first.
 *
 * All of the file may have to be read, without decoding; progress goes to the video's.
 * *out is written only on success. Fails: ASK_ERR_NOT_FOUND (no such track),
 * ASK_ERR_UNSUPPORTED (pictures, another codec), ASK_ERR_USAGE (opt->stream is no subtitle
 * track), ASK_ERR_LIMIT, or as ask_video_open does. */
ASK_API bool ask_subtitles_of_video(ask_subtitles *out, const ask_video *v,
                                    const ask_subtitle_options *opt, ask_error *err);

/* ---- either ---- */

/* The file beside the video, else the track of it, else none, which is no error. Options as
 * above; with opt->stream only the track is looked for, which must then be there. A file
 * that is there and cannot be read is an error. */
ASK_API bool ask_subtitles_find(ask_subtitles *out, const ask_video *v,
                                const ask_subtitle_options *opt, ask_error *err);

/* Counts the cues that are on display at some time of [start_s, end_s), or at start_s where
 * both are the same, and puts the first n_out of them, in order, into out (NULL for none).
 * They are borrowed from s. */
ASK_API int64_t ask_subtitles_between(const ask_subtitles *s, double start_s, double end_s,
                                      const ask_subtitle_cue **out, int64_t n_out);

#endif
