/* world/audit_priv.h - those who answer without looking, or with one look. */
#ifndef ASK_WORLD_AUDIT_PRIV_H
#define ASK_WORLD_AUDIT_PRIV_H

#include "world/clip.h"
#include "world/tally_priv.h"

/* The share of times that the answer is right for one who takes the best score, and any of
 * those that are equal. */
double ask_audit_share(const double score[ASK_N_OPTIONS], int answer);

uint64_t ask_audit_key(uint64_t a, uint64_t b);

// --- From words alone (audit_words.c) ----------------------------------------------------

/* What words of a question and its options are to one who answers blind: features of each
 * option, as keys. */
enum { ASK_AUDIT_MOST_CUES = 320 };
typedef struct {
    uint64_t keys[ASK_AUDIT_MOST_CUES];
    int n;
} ask_audit_cues;

/* Of option i: it alone, its words, each of these with each word and pair of words of the
 * question, what it shares with the question and with the other options, its place. */
void ask_audit_words(ask_audit_cues *out, const ask_world_question *q, int i);

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
