/* Subtitles: an input is a file as it is, the text of a cue in every form of mark-up, and,
 * where it begins as a video file does, one with tracks. What is read must keep the
 * promises of media/subtitles.h: cues in order, each for a while, of plain words on one
 * line. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "media/subtitles_priv.h"

enum { MAX_PACKETS = 500, MAX_SIDE_PX = 512, MAX_CUES = 1000, MAX_CUE_BYTES = 4096 };

static void check(bool condition)
{
    if (!condition) abort();
}

static void check_error(const ask_error *err)
{
    check(err->code != ASK_OK && err->code != ASK_ERR_BUG && err->message[0]);
}

/* Words stand on one line, with one blank between them and none around. */
static void check_words(const char *text)
{
    size_t n = strlen(text);
    check(ask_utf8_valid(text, n));
    check(n == 0 || (text[0] != ' ' && text[n - 1] != ' '));
    check(!strstr(text, "  ") && !strpbrk(text, "\n\r\t"));
}

static void check_list(ask_subtitles *s)
{
    check(s->n_cues >= 0 && s->n_cues <= MAX_CUES && s->n_dropped >= 0);
    for (int64_t i = 0; i < s->n_cues; i++) {
        const ask_subtitle_cue *c = &s->cues[i];
        check(c->start_s >= 0 && c->end_s > c->start_s && c->end_s < 1e9);
        check(i == 0 || c[-1].start_s < c->start_s ||
              (c[-1].start_s == c->start_s && c[-1].end_s <= c->end_s));
        check(*c->text);
        check_words(c->text);
    }
    check(ask_subtitles_between(s, 0, 1e9, NULL, 0) == s->n_cues);
    ask_subtitles_free(s);
}

static void use_text(const char *text, size_t n)
{
    for (int markup = 0; markup < ASK_N_MARKUPS; markup++) {
        ask_str words = {0};
        ask_markup_words(&words, (ask_markup)markup, text, n);
        check(words.failed || strlen(ask_str_text(&words)) == words.length);
        check_words(ask_str_text(&words));
        ask_str_free(&words);
    }
}

static void use_video(const ask_video *v, const ask_subtitle_options *o)
{
    ask_error err = {0};
    ask_subtitles s;
    ask_subtitle_track *tracks;
    int n;
    if (ask_subtitles_of_video(&s, v, o, &err))
        check_list(&s);
    else
        check_error(&err);
    if (ask_subtitles_tracks(&tracks, &n, v, &err))
        free(tracks);
    else
        check_error(&err);
}

static bool is_video(const uint8_t *data, size_t size)
{
    return size > 8 &&
           (memcmp(data, "\x1a\x45\xdf\xa3", 4) == 0 || memcmp(data + 4, "ftyp", 4) == 0);
}

static void open_video(const uint8_t *data, size_t size, const ask_subtitle_options *o)
{
    int fd = memfd_create("fuzz", 0);
    check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    char path[32];
    ask_format(path, sizeof path, "/proc/self/fd/%d", fd);
    ask_video_options options = ask_video_defaults();
    options.max_side_px = MAX_SIDE_PX;
    options.max_pixels = MAX_SIDE_PX * MAX_SIDE_PX;
    options.max_packets = MAX_PACKETS;
    options.n_threads = 1;
    ask_error err = {0};
    ask_video *v = ask_video_open(path, &options, &err);
    if (v)
        use_video(v, o);
    else
        check_error(&err);
    ask_video_close(v);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_subtitle_options options = ask_subtitle_defaults();
    options.max_cues = MAX_CUES;
    options.max_cue_bytes = MAX_CUE_BYTES;
    if (is_video(data, size)) {
        open_video(data, size, &options);
        return 0;
    }
    ask_error err = {0};
    ask_subtitles s;
    if (ask_subtitles_parse(&s, data, size, "fuzz", &options, &err))
        check_list(&s);
    else
        check_error(&err);
    if (ask_utf8_valid((const char *)data, size)) use_text((const char *)data, size);
    return 0;
}
