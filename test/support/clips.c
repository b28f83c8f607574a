#include "support/clips.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "support/clips_priv.h"
#include "support/testing.h"

/* ---- what is not encoded ---- */

static char *path_of(const char *dir, const char *name)
{
    char *path = strdup(test_path(dir, name));
    if (!path) fail_msg("out of memory");
    return path;
}

/* A file of these bytes, which must be refused. */
typedef struct {
    const char *file;
    const char *bytes;
    size_t n_bytes; // 0: a text
    ask_error_code code;
    const char *message;
} bad_file;

static void write_bad_file(clip *out, const clip_case *c, const char *dir)
{
    const bad_file *b = c->spec;
    *out = (clip){.path = path_of(dir, b->file), .code = b->code, .message = b->message};
    test_write(out->path, b->bytes, b->n_bytes ? b->n_bytes : strlen(b->bytes));
}

/* An encoded file that must be refused. */
typedef struct {
    clip_spec spec;
    ask_error_code code;
    const char *message;
} bad_clip;

static void write_bad_clip(clip *out, const clip_case *c, const char *dir)
{
    const bad_clip *b = c->spec;
    clip_encode(out, &b->spec, dir);
    free(out->frames);
    *out = (clip){.path = out->path, .code = b->code, .message = b->message};
}

/* A playlist, and beside it the good video that it names. */
static void write_playlist(clip *out, const clip_case *c, const char *dir)
{
    static const clip_spec named = {.file = "named_by_a_playlist.mp4",
                                    .codec = "libx264",
                                    .width = 64,
                                    .height = 48,
                                    .n_frames = 3,
                                    .time_base_den = 25};
    clip other;
    clip_encode(&other, &named, dir);
    clip_free(&other);
    write_bad_file(out, c, dir);
}

/* The beginning of a good file, which must be refused. */
static void write_headless(clip *out, const clip_case *c, const char *dir)
{
    write_bad_clip(out, c, dir);
    size_t n;
    char *bytes = test_read(out->path, &n);
    test_write(out->path, bytes, n / 2);
    free(bytes);
}

/* ---- folders ---- */

static char *make_folder(const char *dir, const char *name)
{
    char *path = path_of(dir, name);
    test_write_text(test_path(path, "notes.txt"), "not a picture");
    return path;
}

static void write_empty_folder(clip *out, const clip_case *c, const char *dir)
{
    *out = (clip){
        .path = make_folder(dir, c->name), .code = ASK_ERR_IO, .message = "no pictures"};
}

static void write_folder(clip *out, const clip_case *c, const char *dir)
{
    enum { N = 12, FPS = 25 };
    *out = (clip){
        .path = make_folder(dir, c->name),
        .time_base_num = 1,
        .time_base_den = FPS,
        .duration_known = true,
        .width = 64,
        .height = 48,
        .aspect_num = 1,
        .aspect_den = 1,
        .container = "images",
        .codec = "png",
    };
    int64_t pts[N + 1];
    for (int i = 0; i <= N; i++) pts[i] = i;
    clip_set_times(out, pts, N, 0);
    for (int i = 0; i < N; i++) {
        ask_image image;
        ask_error err = {0};
        char name[32];
        ask_format(name, sizeof name, "frame%d.png", i + 1); // 10 after 9, not after 1
        CHECK_OK(ask_image_new(&image, out->width, out->height, 3, &err), &err);
        clip_draw(&image, i);
        CHECK_OK(ask_image_write_png(&image, test_path(out->path, name), &err), &err);
        ask_image_free(&image);
    }
}

static void write_folder_with_huge_picture(clip *out, const clip_case *c, const char *dir)
{
    *out = (clip){.path = make_folder(dir, c->name),
                  .code = ASK_ERR_LIMIT,
                  .message = "60000 x 60000"};
    size_t n;
    char *bytes = test_read(test_fixture("images/huge.png"), &n);
    test_write(test_path(out->path, "frame1.png"), bytes, n);
    free(bytes);
}

/* ---- the table ---- */

#define SMALL .width = 64, .height = 48, .n_frames = 24

#define SPEC(NAME, ...)                                                                    \
    {                                                                                      \
        .name = NAME, .write = clip_write_encoded, .spec = &(const clip_spec)              \
        {                                                                                  \
            __VA_ARGS__                                                                    \
        }                                                                                  \
    }
#define BAD_SPEC(NAME, CODE, MESSAGE, ...)                                                 \
    {                                                                                      \
        .name = NAME, .write = write_bad_clip, .spec = &(const bad_clip)                   \
        {                                                                                  \
            .spec = {__VA_ARGS__}, .code = CODE, .message = MESSAGE                        \
        }                                                                                  \
    }
#define BAD_FILE(NAME, WRITE, FILE, BYTES, N_BYTES, CODE, MESSAGE)                         \
    {                                                                                      \
        .name = NAME, .write = WRITE, .spec = &(const bad_file)                            \
        {                                                                                  \
            FILE, BYTES, N_BYTES, CODE, MESSAGE                                            \
        }                                                                                  \
    }

/* Ticks of 1/100 s: a burst, a long pause, and steps of all kinds; the last frame stays for
 * 0.5 s. */
static const int uneven[25] = {0,   2,   4,   6,   8,   10,  160, 161, 170,
                               175, 180, 190, 200, 203, 206, 209, 212, 300,
                               310, 320, 330, 400, 440, 450, 500};

const clip_case clip_cases[] = {
    SPEC("constant rate", .file = "constant.mp4", .codec = "libx264", SMALL,
         .time_base_den = 12),
    SPEC("B-frames", .file = "b_frames.mp4", .codec = "libx264",
         .codec_options = "bf=3:b_strategy=0:b-pyramid=normal", SMALL, .time_base_den = 25),
    SPEC("NTSC rate", .file = "ntsc.mp4", .codec = "libx264", .codec_options = "bf=2",
         SMALL, .time_base_den = 30000, .step = 1001),
    SPEC("open groups of pictures", .file = "open_gop.mp4", .codec = "libx264",
         .codec_options = "bf=2:b_strategy=0:x264-params=open-gop=1", SMALL,
         .time_base_den = 25, .gop = 6),
    SPEC("variable rate", .file = "vfr.mp4", .codec = "libx264", SMALL,
         .time_base_den = 100, .ticks = uneven),
    SPEC("variable rate with B-frames", .file = "vfr_b_frames.mp4", .codec = "libx264",
         .codec_options = "bf=2:b_strategy=0", SMALL, .time_base_den = 100,
         .ticks = uneven),
    SPEC("variable rate in Matroska", .file = "vfr.mkv", .codec = "libx264",
         .codec_options = "bf=2:b_strategy=0", SMALL, .time_base_den = 100,
         .ticks = uneven),
    SPEC("Matroska with cues", .file = "cues.mkv", .codec = "libx264",
         .codec_options = "bf=2", SMALL, .time_base_den = 25),
    SPEC("Matroska without cues", .file = "no_cues.mkv", .codec = "libx264",
         .codec_options = "bf=2", SMALL, .time_base_den = 25, .no_index = true),
    SPEC("times rounded to milliseconds", .file = "rounded.mkv", .codec = "mpeg4", SMALL,
         .time_base_den = 24),
    SPEC("streamed Matroska", .file = "streamed.mkv", .codec = "libx264", SMALL,
         .time_base_den = 25, .streamed = true),
    SPEC("streamed WebM", .file = "streamed.webm", .codec = "libvpx", SMALL,
         .codec_options = "b=500k", .time_base_den = 25, .streamed = true),
    SPEC("WebM", .file = "vp9.webm", .codec = "libvpx-vp9", SMALL,
         .codec_options = "b=500k:cpu-used=8", .time_base_den = 25),
    SPEC("fragmented MP4", .file = "fragments.mp4", .codec = "libx264",
         .muxer_options = "movflags=+frag_keyframe+empty_moov", SMALL, .time_base_den = 25),
    SPEC("bare H.264", .file = "bare.h264", .codec = "libx264",
         .codec_options = "bf=2:b_strategy=0", SMALL, .time_base_den = 25),
    SPEC("transport stream", .file = "stream.ts", .codec = "libx264",
         .codec_options = "bf=2", .muxer_options = "mpegts_copyts=1", SMALL,
         .time_base_den = 25, .first_tick = 250),
    SPEC("negative start", .file = "negative.ts", .codec = "libx264",
         .muxer_options = "mpegts_copyts=1", SMALL, .time_base_den = 25, .first_tick = -10),
    SPEC("late start", .file = "late.mp4", .codec = "libx264", .codec_options = "bf=2",
         SMALL, .time_base_den = 25, .first_tick = 13),
    SPEC("edit list that cuts the beginning", .file = "edit_begin.mp4", .codec = "libx264",
         SMALL, .time_base_den = 25, .edit_begin = 7, .edit_end = 24),
    SPEC("edit list that cuts both ends", .file = "edit_both.mp4", .codec = "libx264",
         .codec_options = "bf=2:b_strategy=0", SMALL, .time_base_den = 25, .edit_begin = 5,
         .edit_end = 19),
    SPEC("turned by 90", .file = "turned90.mp4", .codec = "libx264", SMALL,
         .time_base_den = 25, .rotation = 90),
    SPEC("turned by 180", .file = "turned180.mp4", .codec = "libx264", SMALL,
         .time_base_den = 25, .rotation = 180),
    SPEC("turned by 270", .file = "turned270.mp4", .codec = "libx264", SMALL,
         .time_base_den = 25, .rotation = 270),
    SPEC("wide pixels", .file = "wide.mp4", .codec = "libx264", SMALL, .time_base_den = 25,
         .aspect_num = 16, .aspect_den = 11),
    SPEC("wide pixels, turned by 90", .file = "wide90.mp4", .codec = "libx264", SMALL,
         .time_base_den = 25, .rotation = 90, .aspect_num = 16, .aspect_den = 11),
    SPEC("high pixels in Matroska", .file = "high.mkv", .codec = "libx264", SMALL,
         .time_base_den = 25, .aspect_num = 3, .aspect_den = 4),
    SPEC("wide pixels in a stream", .file = "wide.ts", .codec = "libx264",
         .muxer_options = "mpegts_copyts=1", SMALL, .time_base_den = 25, .aspect_num = 4,
         .aspect_den = 3),
    SPEC("sound longer than pictures", .file = "sound.mp4", .codec = "libx264", SMALL,
         .time_base_den = 24, .audio = true),
    SPEC("index in front", .file = "faststart.mp4", .codec = "libx264",
         .codec_options = "bf=2", .muxer_options = "movflags=+faststart", SMALL,
         .time_base_den = 25),
    SPEC("one frame", .file = "one.mp4", .codec = "libx264", .width = 64, .height = 48,
         .n_frames = 1, .time_base_den = 25),
    SPEC("4K", .file = "4k.mp4", .codec = "libx264", .width = 3840, .height = 2160,
         .n_frames = 4, .time_base_den = 25, .gop = 2),
    SPEC("odd size, H.264 4:4:4", .file = "odd.mp4", .codec = "libx264",
         .pixels = "yuv444p", .width = 131, .height = 77, .n_frames = 12,
         .time_base_den = 25, .gop = 5),
    SPEC("odd size, MPEG-4", .file = "odd_mpeg4.mp4", .codec = "mpeg4", .width = 131,
         .height = 77, .n_frames = 12, .time_base_den = 25, .gop = 5),
    SPEC("odd size, FFV1", .file = "odd_ffv1.mkv", .codec = "ffv1", .width = 131,
         .height = 77, .n_frames = 12, .time_base_den = 25),
    SPEC("ten bits", .file = "ten_bits.mp4", .codec = "libx264", .pixels = "yuv420p10le",
         SMALL, .time_base_den = 25),
    SPEC("odd size, GIF", .file = "odd.gif", .codec = "gif", .pixels = "rgb8", .width = 131,
         .height = 77, .n_frames = 12, .time_base_den = 100, .step = 4, .gop = 1000),
    SPEC("AVI", .file = "plain.avi", .codec = "mpeg4", SMALL, .time_base_den = 25),
    SPEC("AVI without display times", .file = "b_frames.avi", .codec = "mpeg4",
         .codec_options = "bf=2:g=1000", .width = 64, .height = 48, .n_frames = 23,
         .time_base_den = 25),
    SPEC("Motion JPEG", .file = "mjpeg.avi", .codec = "mjpeg", .pixels = "yuvj420p", SMALL,
         .time_base_den = 25),
    SPEC("damaged packet", .file = "damaged.mp4", .codec = "mpeg4", SMALL,
         .time_base_den = 25, .damaged_frame = 15),
    SPEC("lost packet", .file = "lost.mp4", .codec = "mpeg4", SMALL, .time_base_den = 25,
         .lost_frame = 15),
    SPEC("lost picture", .file = "lost.avi", .codec = "mjpeg", .pixels = "yuvj420p", SMALL,
         .time_base_den = 25, .lost_frame = 9),
    SPEC("cut off", .file = "cut.mkv", .codec = "mpeg4", SMALL, .time_base_den = 25,
         .streamed = true, .cut_frame = 17),
    {.name = "GIF with partial frames", .write = clip_write_gif},
    {.name = "folder of pictures", .write = write_folder},

    BAD_SPEC("no frames", ASK_ERR_FORMAT, "no frames", .file = "no_frames.mkv",
             .codec = "mpeg4", .width = 64, .height = 48, .time_base_den = 25),
    BAD_SPEC("sound only", ASK_ERR_UNSUPPORTED, "no video stream (streams: 1 audio",
             .file = "sound_only.mp4", .audio = true, .time_base_den = 1),
    BAD_SPEC("60000 x 60000 in MP4", ASK_ERR_LIMIT, "60000 x 60000", .file = "huge.mp4",
             .codec = "libx264", SMALL, .time_base_den = 25, .header_side_px = 60000),
    BAD_SPEC("60000 x 60000 in AVI", ASK_ERR_LIMIT, "60000 x 60000", .file = "huge.avi",
             .codec = "ffv1", SMALL, .time_base_den = 25, .header_side_px = 60000),
    BAD_FILE("60000 x 60000 in GIF", write_bad_file, "huge.gif",
             "GIF89a\x60\xea\x60\xea\x80\0\0\0\0\0\xff\xff\xff"
             ",\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;",
             34, ASK_ERR_LIMIT, "60000 x 60000"),
    {.name = "60000 x 60000 in PNG", .write = write_folder_with_huge_picture},
    {.name = "MP4 without its index",
     .write = write_headless,
     .spec = &(const bad_clip){.spec = {.file = "headless.mp4",
                                        .codec = "libx264",
                                        SMALL,
                                        .time_base_den = 25},
                               .code = ASK_ERR_FORMAT,
                               .message = "damaged"}},
    BAD_FILE("playlist of HLS", write_playlist, "list.m3u8",
             "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nnamed_by_a_playlist.mp4\n"
             "#EXT-X-ENDLIST\n",
             0, ASK_ERR_UNSUPPORTED, "playlist"),
    BAD_FILE("playlist in disguise", write_playlist, "list.mp4",
             "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nnamed_by_a_playlist.mp4\n"
             "#EXT-X-ENDLIST\n",
             0, ASK_ERR_UNSUPPORTED, "playlist"),
    BAD_FILE("playlist of concat", write_playlist, "list.ffconcat",
             "ffconcat version 1.0\nfile named_by_a_playlist.mp4\n", 0, ASK_ERR_UNSUPPORTED,
             "playlist"),
    {.name = "folder without pictures", .write = write_empty_folder},
    BAD_FILE("empty file", write_bad_file, "empty.mp4", "", 0, ASK_ERR_FORMAT, "empty"),
    BAD_FILE("text", write_bad_file, "text.mp4",
             "A man walks into a room and looks at the camera.\n", 0, ASK_ERR_FORMAT,
             "not a media file"),
};
const int n_clip_cases = sizeof clip_cases / sizeof *clip_cases;

/* ---- cases ---- */

void clip_write_encoded(clip *out, const clip_case *c, const char *dir)
{
    clip_encode(out, c->spec, dir);
}

int clip_lost(const clip *c)
{
    for (int i = 0; i < c->n_frames; i++)
        if (c->frames[i].number == CLIP_LOST) return i;
    return -1;
}

const clip_case *clip_case_of(const char *name)
{
    for (int i = 0; i < n_clip_cases; i++)
        if (strcmp(clip_cases[i].name, name) == 0) return &clip_cases[i];
    fail_msg("there is no clip \"%s\"", name);
    return NULL;
}

clip clip_make(const clip_case *c, const char *dir)
{
    clip out;
    c->write(&out, c, dir);
    out.name = c->name;
    return out;
}

void clip_free(clip *c)
{
    free(c->path);
    free(c->frames);
    *c = (clip){0};
}
