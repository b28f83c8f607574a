/* train/clip_labels.h - the truth of a batch from the scenes it shows. */
#ifndef ASK_TRAIN_CLIP_LABELS_H
#define ASK_TRAIN_CLIP_LABELS_H

#include "train/clip_batch.h"
#include "world/phrase.h"

typedef struct {
    const ask_scene *scenes;     // [C]
    const ask_scene_view *views; // [F], of the scene of their clip
    const ask_phrase *phrases;   // [T]
} ask_clip_truth;

/* Fills labels, weights, patches, moments and kinds.
 *
 * A text that denies its phrase ("there is none") is false where the phrase holds.
 * Elsewhere it is unclear: a frame can refute it of the clip, and cannot show it.
 *
 * What is unclear has no weight. Of the frames, those of which a text is true weigh 1/(2 T)
 * together, and so do the others. Patches the same, where toys of which it is not true and
 * background share the half of the others. A patch shows the toy that has most of it, if
 * that is a quarter or more (of a batch by_middle the one whose middle is in it, if a third
 * of that is seen); background where no toy is; else nothing clearly. A text's true frames
 * of a clip share 1 / (number of clips and texts that have both true and other
 * frames). */
ASK_API void ask_clip_label(ask_clip_batch *b, const ask_clip_truth *truth);

#endif
