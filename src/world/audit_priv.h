/* world/audit_priv.h - those who answer without looking, or with one look. */
#ifndef ASK_WORLD_AUDIT_PRIV_H
#define ASK_WORLD_AUDIT_PRIV_H

#include "world/clip.h"

/* The share of times that the answer is right for one who takes the best score, and any of
 * those that are equal. */
double ask_audit_share(const double score[ASK_N_OPTIONS], int answer);

// --- From one frame (audit_frame.c) ------------------------------------------------------

/* How likely each option is by what frame t shows when it stands still: which toys are
 * seen, what they look like, what touches what, what is cut off by an edge or a screen.
 * Options that the frame shows or rules out, and orders of events that it leaves possible;
 * the sum is 1. */
void ask_audit_look(double out[ASK_N_OPTIONS], const ask_world_clip *c,
                    const ask_world_question *q, int t);

/* What a frame shows of an option, as one number, for one who learns what it means. */
uint32_t ask_audit_sight(const ask_world_clip *c, const ask_world_question *q, int i,
                         int t);

#endif
