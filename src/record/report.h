/* record/report.h - an evidence record as one page for people.
 *
 * The page is a single HTML file that shows everything by itself: no script, no font,
 * picture or style from elsewhere (its content security policy forbids them). It follows
 * the reader's choice of light or dark, any width, and paper. */
#ifndef ASK_RECORD_REPORT_H
#define ASK_RECORD_REPORT_H

#include "record/record.h"

/* What a frame of the record shows. */
typedef struct {
    size_t frame;     // its place among the record's frames
    const void *png;  // borrowed for the call
    size_t n_bytes;   // of the PNG
    const void *heat; // the same with its saliency drawn over it, a PNG; NULL: none
    size_t n_heat_bytes;
    int width, height; // px
} ask_report_picture;

/* Adds the page to *out. pictures: of some of the frames, in time order. Parts that the
 * record does not have are left out. Fails: ASK_ERR_BUG for a record that breaks a rule or
 * a picture of no frame, ASK_ERR_NOMEM; *out is then as it was. */
ASK_API bool ask_report_html(ask_str *out, const ask_record *r,
                             const ask_report_picture *pictures, size_t n_pictures,
                             ask_error *err);

#endif
