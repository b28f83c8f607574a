/* vqa/maps_priv.h - where in frames a text is seen. */
#ifndef ASK_VQA_MAPS_PRIV_H
#define ASK_VQA_MAPS_PRIV_H

#include "vqa/ask.h"

/* The frames of the evidence with the highest scores, at most so many, in time order.
 * which: [`most`]; returns how many. */
int maps_choose(int *which, const ask_answer *a, int most);

/* One map for each of n frames (places among `frames`, ascending), scaled so that its
 * highest value is 1 (a map of zeros stays). *out is freed with maps_free. Fails as the
 * video or the model do. */
bool maps_make(ask_answer_map **out, ask_video *v, ask_session *s,
               const ask_find_frame *frames, const int *which, int n, const float *text,
               const ask_cancel *cancel, ask_error *err);
/* Scales a map so. */
void maps_scale(float *heat, size_t n);
void maps_free(ask_answer_map *maps, int n);

#endif
