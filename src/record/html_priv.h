/* record/html_priv.h - texts, times and pictures as pieces of an HTML document.
 *
 * Memory shows as the text's `failed`. */
#ifndef ASK_RECORD_HTML_PRIV_H
#define ASK_RECORD_HTML_PRIV_H

#include <stdint.h>

#include "base/str.h"

/* Adds a text with nothing left that HTML could take for markup, between tags or in a
 * quoted attribute. Malformed bytes and control characters become U+FFFD. */
void html_text(ask_str *out, const char *text);

/* "data:image/png;base64,...": bytes of a PNG, for the src of an image. */
void html_png(ask_str *out, const void *bytes, size_t n_bytes);

/* A number with so many decimals, and a true minus sign. */
void html_number(ask_str *out, double value, int n_decimals);

/* A time for people, with hundredths: "7.25 s", "1:07.25", "2:01:07.25". */
void html_time(ask_str *out, double t_s);
/* Two of them: "1.50-2.50 s" with a dash between. */
void html_span(ask_str *out, double start_s, double end_s);

/* A word as a POSIX shell takes it: as it is, or in quotes. Not escaped for HTML. */
void html_shell_word(ask_str *out, const char *word);

#endif
