/* vqa/pointed_priv.h - which events, frames and things of a memory an answer is seen in.
 *
 * Pure arithmetic on what model/memory.h tells. The pointer says how much the answer is
 * seen in each slot. An event is in the frames of its span, all alike; a thing in a frame
 * as much as its sights there have a share in it. So the numbers of all frames add up to
 * what is seen in any slot. */
#ifndef ASK_VQA_POINTED_PRIV_H
#define ASK_VQA_POINTED_PRIV_H

#include "model/memory.h"

/* All of it is borrowed. */
typedef struct {
    const ask_memory_slot *slots; // [n_slots], events first
    const bool *is_there;         // [n_slots]
    const float *shares;          // [n_slots, n_times * n_sights]
    const double *pointer;        // [n_slots + 1]
    int n_slots, n_events;
    int n_times, n_sights;
    const int *first, *last; // [n_frames]: the times that fell on each frame, ascending
    int n_frames;            // at least 1
} pointed;

/* Whether the answer is seen in no slot rather than in any one. */
bool pointed_at_none(const pointed *p);

/* The slots that are told as moments, best first: events that are sure enough, and whatever
 * the answer points at. out: [n_slots]; returns how many. */
int pointed_moments(int *out, const pointed *p);
/* How much the answer is seen in a slot; 0 of all where it is seen in none rather. */
double pointed_score(const pointed *p, int slot);
/* The frame in the middle of an event; the one that shows a thing best. */
int pointed_best_frame(const pointed *p, int slot);

/* How much of the answer is seen in a frame. */
double pointed_frame(const pointed *p, int frame);

/* The frames that the answer rests on: those of the slots that it points at, the best slot
 * first, spread evenly where there are too many; where it points at none, n_keep spread
 * over all. Never more than half of all frames, but one at least. out: [`most`], ascending;
 * returns how many. */
int pointed_evidence(int *out, const pointed *p, int n_keep, int most);

/* weight: [n_sights], how much the answer is seen in each thing of a frame: the one that an
 * event is of, and half as much the one that this one moves. sights: [n_sights], of it. */
void pointed_sights(double *weight, const pointed *p, int frame, const ask_sight *sights);

/* heat: [side, side] from 0 to 1: each thing as an upright bell of the size of its box,
 * weighted; the highest is 1, unless all are 0. */
void pointed_heat(float *heat, int side, const ask_sight *sights, const double *weight,
                  int n_sights);

#endif
