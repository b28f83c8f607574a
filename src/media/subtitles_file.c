/* SubRip and WebVTT files.
 *
 * They are read here and not by libav, whose readers lose what a user should be told of:
 * its one for WebVTT stops without a word at the first malformed cue, that for SubRip gives
 * cues that end before they begin other ends. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/utf8.h"
#include "media/subtitles_priv.h"

/* ---- lines ---- */

typedef struct {
    const char *at, *end; // without its end of line
    const char *next;     // the next line
} text_line;

/* Lines end with LF, CR LF or CR. */
static text_line line_at(const char *at, const char *end)
{
    const char *p = at;
    while (p < end && *p != '\n' && *p != '\r') p++;
    text_line l = {.at = at, .end = p, .next = p < end ? p + 1 : p};
    if (p < end && *p == '\r' && l.next < end && *l.next == '\n') l.next++;
    return l;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t')) at++;
    return at;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_empty(const text_line *l)
{
    return skip_blanks(l->at, l->end) == l->end;
}

/* Whether it holds a number and nothing else, as stands before a SubRip cue. */
static bool is_number(const text_line *l)
{
    const char *p = skip_blanks(l->at, l->end), *first = p;
    while (p < l->end && is_digit(*p)) p++;
    return p > first && skip_blanks(p, l->end) == l->end;
}

/* ---- times ---- */

/* Digits, at most nine; how many. */
static int read_digits(int64_t *out, const char **at, const char *end)
{
    int n = 0;
    *out = 0;
    for (; *at < end && is_digit(**at); ++*at, n++) {
        if (n == 9) return 0;
        *out = *out * 10 + (**at - '0');
    }
    return n;
}

/* [hours:]minutes:seconds[.fraction], the point may be a comma. */
static bool read_clock(double *out, const char **at, const char *end)
{
    int64_t fields[3] = {0}, fraction = 0, scale = 1;
    int n = 0;
    do {
        if (n == 3 || read_digits(&fields[n], at, end) == 0) return false;
        n++;
    } while (*at < end && **at == ':' && ++*at);
    if (n < 2) return false;
    if (*at < end && (**at == '.' || **at == ',')) {
        ++*at;
        int n_digits = read_digits(&fraction, at, end);
        if (n_digits == 0) return false;
        while (n_digits-- > 0) scale *= 10;
    }
    int64_t hours = n == 3 ? fields[0] : 0, minutes = fields[n - 2],
            seconds = fields[n - 1];
    const int64_t most_hours = 100000; // beyond what a cue may have; below an overflow
    if (hours > most_hours || minutes > 59 || seconds > 59) return false;
    int64_t whole = (hours * 60 + minutes) * 60 + seconds;
    *out = (double)(whole * scale + fraction) / (double)scale;
    return true;
}

typedef enum { TIMING_NONE, TIMING_OK, TIMING_BAD } timing;

static bool read_timing(double *start_s, double *end_s, const char *at, const char *end)
{
    double start, stop;
    at = skip_blanks(at, end);
    if (!read_clock(&start, &at, end)) return false;
    at = skip_blanks(at, end);
    if (end - at < 3 || memcmp(at, "-->", 3) != 0) return false;
    at = skip_blanks(at + 3, end);
    if (!read_clock(&stop, &at, end)) return false;
    if (at < end && *at != ' ' && *at != '\t') return false; // places may follow
    *start_s = start;
    *end_s = stop;
    return true;
}

/* A line with an arrow that begins like a number is meant to be one of times. */
static timing timing_of(double *start_s, double *end_s, const text_line *l)
{
    size_t n = (size_t)(l->end - l->at);
    if (!memmem(l->at, n, "-->", 3)) return TIMING_NONE;
    if (read_timing(start_s, end_s, l->at, l->end)) return TIMING_OK;
    const char *p = skip_blanks(l->at, l->end);
    bool is_meant = p < l->end && (is_digit(*p) || *p == '-');
    return is_meant ? TIMING_BAD : TIMING_NONE;
}

/* ---- cues ---- */

enum { LINES_BETWEEN_CHECKS = 4096 };

/* A file being read; text is what follows a line of times. */
typedef struct {
    ask_cue_list list;
    ask_markup markup;
    bool has_cue;
    double start_s, end_s;
    const char *text;
} reader;

static bool close_cue(reader *r, const char *text_end, ask_error *err)
{
    if (!r->has_cue) return true;
    r->has_cue = false;
    return ask_cue_list_add(&r->list, r->start_s, r->end_s, r->markup, r->text,
                            (size_t)(text_end - r->text), err);
}

/* A cue ends where the next one's times, or the number before them, stand; in WebVTT, where
 * other things stand between cues, also at an empty line. */
static bool read_cues(reader *r, const char *at, const char *end, ask_error *err)
{
    const char *number = NULL; // the line before, when it is one
    for (int64_t i = 0; at < end; i++) {
        if (i % LINES_BETWEEN_CHECKS == 0 &&
            !ask_cancel_check(r->list.options->cancel, err))
            return false;
        text_line l = line_at(at, end);
        double start_s = 0, end_s = 0;
        timing t = timing_of(&start_s, &end_s, &l);
        bool ends_block = r->markup == ASK_MARKUP_WEBVTT && is_empty(&l);
        if (t != TIMING_NONE || ends_block) {
            bool owns_number = t != TIMING_NONE && number && number >= r->text;
            if (!close_cue(r, owns_number ? number : l.at, err)) return false;
        }
        if (t == TIMING_OK) {
            r->has_cue = true;
            r->start_s = start_s;
            r->end_s = end_s;
            r->text = l.next;
        }
        r->list.n_dropped += t == TIMING_BAD;
        number = is_number(&l) ? l.at : NULL;
        at = l.next;
    }
    return close_cue(r, end, err);
}

/* ---- the whole file ---- */

static bool is_webvtt(const char *text, size_t n)
{
    static const char magic[] = "WEBVTT";
    size_t n_magic = sizeof magic - 1;
    return n >= n_magic && memcmp(text, magic, n_magic) == 0 &&
           (n == n_magic || strchr(" \t\r\n", text[n_magic]));
}

/* Other forms of subtitles, by what they begin with. */
static bool check_form(const char *text, size_t n, ask_error *err)
{
    static const struct {
        const char *begin, *name;
    } forms[] = {{"[Script Info]", "ASS"},
                 {"<SAMI>", "SAMI"},
                 {"<?xml", "XML"},
                 {"{1}{", "MicroDVD"},
                 {"{0}{", "MicroDVD"}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n_begin = strlen(forms[i].begin);
        if (n >= n_begin && strncasecmp(text, forms[i].begin, n_begin) == 0)
            return ask_fail(err, ASK_ERR_UNSUPPORTED,
                            "%s subtitles are not read from files; convert it to .srt or "
                            ".vtt",
                            forms[i].name);
    }
    return true;
}

static int64_t line_of(const char *text, const char *at)
{
    int64_t n = 1;
    for (; text < at; text++) n += *text == '\n';
    return n;
}

static bool check_utf8(const char *text, size_t n, ask_error *err)
{
    if (memchr(text, '\0', n))
        return ask_fail(err, ASK_ERR_FORMAT,
                        "not a text file, or UTF-16 without a byte order mark");
    uint32_t c;
    for (size_t i = 0; i < n;) {
        int n_char = ask_utf8_decode(&c, text + i, n - i);
        if (n_char == 0)
            return ask_fail(err, ASK_ERR_FORMAT,
                            "line %lld is not UTF-8; convert the file from the encoding "
                            "that it has, as with iconv -f WINDOWS-1252 -t UTF-8",
                            (long long)line_of(text, text + i));
        i += (size_t)n_char;
    }
    return true;
}

static bool check_cues(const reader *r, ask_error *err)
{
    int64_t n_dropped = r->list.n_dropped;
    bool may_be_empty = r->markup == ASK_MARKUP_WEBVTT || r->text; // no cues, or no words
    if (r->list.n > 0 || (n_dropped == 0 && may_be_empty)) return true;
    if (n_dropped == 0)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "no cues: neither a SubRip (.srt) nor a WebVTT (.vtt) file");
    return ask_fail(err, ASK_ERR_FORMAT,
                    "none of its %lld cues has times that can be used (as in 00:00:01,000 "
                    "--> 00:00:02,500)",
                    (long long)n_dropped);
}

static bool parse_utf8(ask_subtitles *out, const char *text, size_t n, const char *name,
                       const ask_subtitle_options *options, ask_error *err)
{
    if (!check_utf8(text, n, err) || !check_form(text, n, err)) return false;
    reader r = {.markup = is_webvtt(text, n) ? ASK_MARKUP_WEBVTT : ASK_MARKUP_SUBRIP};
    if (!ask_cue_list_begin(&r.list, options, err)) return false;
    if (!read_cues(&r, text, text + n, err) || !check_cues(&r, err)) {
        ask_cue_list_drop(&r.list);
        return false;
    }
    return ask_cue_list_end(&r.list, out, INFINITY, name, err);
}

static bool parse(ask_subtitles *out, const uint8_t *bytes, size_t n_bytes,
                  const char *name, const ask_subtitle_options *options, ask_error *err)
{
    if (n_bytes == 0) return ask_fail(err, ASK_ERR_FORMAT, "is empty");
    if (n_bytes > options->max_bytes)
        return ask_fail(err, ASK_ERR_LIMIT, "has %zu bytes, of %zu that are read", n_bytes,
                        options->max_bytes);
    size_t n_bom;
    ask_bom bom = ask_bom_of(bytes, n_bytes, &n_bom);
    bytes += n_bom;
    n_bytes -= n_bom;
    if (bom == ASK_BOM_NONE || bom == ASK_BOM_UTF8)
        return parse_utf8(out, (const char *)bytes, n_bytes, name, options, err);
    ask_str text = {0};
    bool ok = ask_utf16_to_utf8(&text, bytes, n_bytes, bom == ASK_BOM_UTF16_BE);
    if (!ok) ask_fail(err, ASK_ERR_FORMAT, "malformed UTF-16; the file is damaged or cut");
    if (ok && text.failed) ok = ask_fail_memory(err);
    ok = ok && parse_utf8(out, ask_str_text(&text), text.length, name, options, err);
    ask_str_free(&text);
    return ok;
}

bool ask_subtitles_parse(ask_subtitles *out, const void *bytes, size_t n_bytes,
                         const char *name, const ask_subtitle_options *opt, ask_error *err)
{
    ask_subtitle_options options;
    if (!ask_subtitle_options_take(&options, opt, err)) return false;
    return (ask_cancel_check(options.cancel, err) &&
            parse(out, bytes, n_bytes, name, &options, err)) ||
           ask_subtitles_fail_in(name, err);
}

/* Other kinds of files could block, or have no end. */
static bool check_regular(const char *path, ask_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) return ask_fail_errno(err, errno, "%s: cannot open", path);
    return S_ISREG(info.st_mode) ||
           ask_fail(err, ASK_ERR_IO, "%s: is not a regular file", path);
}

bool ask_subtitles_read(ask_subtitles *out, const char *path,
                        const ask_subtitle_options *opt, ask_error *err)
{
    ask_subtitle_options options;
    char *bytes;
    size_t n_bytes;
    if (!ask_subtitle_options_take(&options, opt, err) || !check_regular(path, err) ||
        !ask_file_read(&bytes, &n_bytes, path, options.max_bytes, err))
        return false;
    bool ok = ask_subtitles_parse(out, bytes, n_bytes, path, &options, err);
    free(bytes);
    return ok;
}
