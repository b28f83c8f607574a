/* support/timeline_memory.h - records of a memory of Timeline, read as people would. */
#ifndef SUPPORT_TIMELINE_MEMORY_H
#define SUPPORT_TIMELINE_MEMORY_H

#include "net/joint/timeline.h"

/* The likeliest values; -1 where there is most likely none. */
typedef struct {
    double confidence;
    int class_; // the number of events: a toy
    int color, shape, size, texture, other_color, other_shape, later_color, way;
    double begin, end; // shares of the video
    double places[4];
} told_record;

told_record told_record_of(const ask_timeline_kinds *k, const float *row);

/* The likeliest of n probabilities, -1 where all of them together are less than half. */
int told_value(const float *p, int n);

/* A playroom's memory of so many slots; the rest of it is zero. */
ask_timeline_config told_config(int n_event_slots, int n_toy_slots);

#endif
