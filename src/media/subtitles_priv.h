/* media/subtitles_priv.h - the parts that read subtitles:
 *
 *     subtitles        the list: put together, chosen from
 *     file, beside     SubRip and WebVTT files; where they are
 *     track            tracks in video files
 *     encoding         bytes to UTF-8
 *     language         names of languages
 *     words            mark-up to words
 */
#ifndef ASK_MEDIA_SUBTITLES_PRIV_H
#define ASK_MEDIA_SUBTITLES_PRIV_H

#include "base/str.h"
#include "media/subtitles.h"

bool ask_subtitle_options_take(ask_subtitle_options *out, const ask_subtitle_options *given,
                               ask_error *err);

/* Puts the name of what is read in front of an error, except where it is a wish to stop or
 * a lack of memory. Returns false. */
bool ask_subtitles_fail_in(const char *name, ask_error *err);

/* ---- words ---- */

typedef enum {
    ASK_MARKUP_NONE,   // mov_text
    ASK_MARKUP_SUBRIP, // tags of a few known names, {\...}
    ASK_MARKUP_WEBVTT, // tags of any name
    ASK_MARKUP_ASS,    // {...}, \N
    ASK_N_MARKUPS,
} ask_markup;

/* Puts the words of valid UTF-8 text into an empty text: one line, no blanks at its ends.
 * Nothing when there are none. */
void ask_markup_words(ask_str *out, ask_markup markup, const char *text, size_t n_bytes);

/* ---- languages ---- */

/* Whether a language that a track or file has is the wanted one: "en" is "eng", "de" is
 * "ger" and "deu", case aside. A region or script counts when it is wanted: "pt" is
 * "pt-BR", but "pt-BR" is not "pt". */
bool ask_language_fits(const char *has, size_t n_has, const char *wanted);

/* ---- encoding ---- */

/* Appends UTF-16 as UTF-8. False when a surrogate stands alone or half a unit is left. */
bool ask_utf16_to_utf8(ask_str *out, const uint8_t *bytes, size_t n_bytes, bool big_endian);

typedef enum { ASK_BOM_NONE, ASK_BOM_UTF8, ASK_BOM_UTF16_LE, ASK_BOM_UTF16_BE } ask_bom;

/* The byte order mark that a text begins with, and its size. */
ask_bom ask_bom_of(const uint8_t *bytes, size_t n_bytes, size_t *bom_bytes);

/* ---- a list being made ---- */

typedef struct {
    ask_subtitle_cue cue;
    int64_t number; // in the order of the file
} ask_numbered_cue;

/* Start with ask_cue_list_begin, end with ask_cue_list_end or ask_cue_list_drop. */
typedef struct {
    const ask_subtitle_options *options;
    ask_arena *room;
    ask_numbered_cue *cues;
    size_t capacity;
    int64_t n, n_dropped;
    ask_str words; // scratch
} ask_cue_list;

bool ask_cue_list_begin(ask_cue_list *l, const ask_subtitle_options *options,
                        ask_error *err);
void ask_cue_list_drop(ask_cue_list *l);

/* Adds what is on display from start_s to end_s, INFINITY for "until the next cue begins".
 * Text without words adds nothing; a cue that cannot be placed is counted. */
bool ask_cue_list_add(ask_cue_list *l, double start_s, double end_s, ask_markup markup,
                      const char *text, size_t n_bytes, ask_error *err);

/* Hands the list over in order; l is then dropped. last_s is when a last cue without an end
 * ends, INFINITY: not known. path (may be NULL) is copied. */
bool ask_cue_list_end(ask_cue_list *l, ask_subtitles *out, double last_s, const char *path,
                      ask_error *err);

#endif
