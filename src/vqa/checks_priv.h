/* vqa/checks_priv.h - sets of frames that checks ask of. */
#ifndef ASK_VQA_CHECKS_PRIV_H
#define ASK_VQA_CHECKS_PRIV_H

#include "vqa/checks.h"

extern const char checks_no_others[]; // why_not

/* The frames that are not among `without`, ascending. Returns how many. */
int checks_others(int *out, int n_frames, const int *without, int n_without);

/* Draw k of ASK_CHECK_SEEDS: all frames but as many others as the evidence has, of which
 * there are enough. set: [n_frames], ascending; returns how many. room: [n_frames]. */
int checks_draw(int *set, int n_frames, const int *evidence, int n_evidence, uint64_t seed,
                int k, int *room);

#endif
