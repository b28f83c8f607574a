/* train/clip_playroom.h - batches from the playroom: painted in memory, or read from the
 * videos of a world in a folder (world/clip_files.h).
 *
 * A batch is a function of seed and step alone. */
#ifndef ASK_TRAIN_CLIP_PLAYROOM_H
#define ASK_TRAIN_CLIP_PLAYROOM_H

#include "model/preprocess.h"
#include "text/tokenizer.h"
#include "train/clip_batch.h"

typedef struct ask_clip_playroom ask_clip_playroom;

typedef struct {
    size_t struct_size;
    uint64_t seed;
    const char *dir; // of a world; NULL: scenes are painted as needed, each once
    ask_split split; // that is painted
    const ask_scene_style *style; // of what is painted; NULL: simple
    const ask_tokenizer *tokenizer;
    const ask_preprocess *preprocess; // its views are pictures of whole frames of the
                                      // playroom, one or three with the frame in the middle
    ask_clip_batch_size size; // the coded texts demand one thing alone, in their order
    bool bare;      // texts are what their words become: nothing is put around them, and
    int64_t pad_id; // rows are filled up with this; else with their end token
} ask_clip_playroom_options;

/* What opt points to is borrowed until close. Fails: ASK_ERR_MODEL for a preprocessing that
 * does not give the size of the batch, ASK_ERR_UNSUPPORTED for other views, and as
 * ask_world_open does. */
ASK_API ask_clip_playroom *ask_clip_playroom_open(const ask_clip_playroom_options *opt,
                                                  ask_error *err);
ASK_API void ask_clip_playroom_close(ask_clip_playroom *p); // NULL is fine

/* Fills a batch of that size. Fails with ASK_ERR_LIMIT for a text of more tokens than the
 * batch has. One call at a time. */
ASK_API bool ask_clip_playroom_fill(ask_clip_playroom *p, ask_clip_batch *b, int64_t step,
                                    ask_error *err);

#endif
