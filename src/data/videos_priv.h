/* data/videos_priv.h - the files of the videos that a set names. */
#ifndef ASK_DATA_VIDEOS_PRIV_H
#define ASK_DATA_VIDEOS_PRIV_H

#include "data/reader_priv.h"

/* Settles the folder of the videos: the given one, else one of the usual names beside the
 * questions, else none. Fails: ASK_ERR_IO when the given one is not there, ASK_ERR_NOMEM.
 */
bool data_find_videos(data_build *b, const char *given, ask_error *err);

/* Gives every record the file of its video in that folder, and notices once for each video
 * that there is none. A name never leads out of the folder. */
bool data_match_videos(data_build *b, const data_set *set, ask_error *err);

/* Reads what the files of videos are called, by the videos: one object where the text's
 * name ends in .json, else lines. */
bool data_parse_map(data_dictionary *m, data_build *b, data_text text, ask_error *err);

/* Gives every record its file of subtitles, where the set has some. */
bool data_find_subtitles(data_build *b, const data_set *set, ask_error *err);

#endif
