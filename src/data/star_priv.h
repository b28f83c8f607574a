/* data/star_priv.h - what is annotated on frames of the videos of STAR. */
#ifndef ASK_DATA_STAR_PRIV_H
#define ASK_DATA_STAR_PRIV_H

#include "data/names_priv.h"
#include "data/reader_priv.h"

/* The lists beside the questions, each of them where it is there: names of classes, and
 * video_fps, a pickle of "VIDEO.mp4" -> frames per second. They may lie in a folder
 * STAR_classes, as in the set's repository. */
typedef struct {
    data_classes objects, relations, actions;
    data_names videos; // "VIDEO.mp4"
    double *fps;       // by index in videos
} star_lists;

/* Freed with star_lists_free, also after failure. */
bool star_lists_read(star_lists *out, data_build *b, ask_error *err);
void star_lists_free(star_lists *lists);

/* Reads the rates of the videos, a pickle. */
bool star_rates_parse(star_lists *lists, data_build *b, data_text text, ask_error *err);

/* Reads "situations" of an item into *r, in the order of the frames. */
bool star_read_situations(data_build *b, ask_data_record *r, ask_json_value item,
                          const star_lists *lists, ask_error *err);

#endif
