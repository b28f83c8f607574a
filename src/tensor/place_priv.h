/* tensor/place_priv.h - one arena for things that are alive at different times. */
#ifndef ASK_TENSOR_PLACE_PRIV_H
#define ASK_TENSOR_PLACE_PRIV_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of memory that a plan needs from step `first` to step `last`, both included. */
typedef struct {
    size_t bytes; // a multiple of the alignment
    size_t offset;
    int first, last;
    int memory;   // index of the backend's memory
    bool lasting; // not shared: alive before, during and after every run
} plan_slot;

enum { PLAN_ALIGNMENT = 64 };

/* Gives every slot of one memory that is not lasting an offset, such that slots alive at
 * the same time do not overlap: the largest first, each at the lowest place that is free.
 * Returns the bytes of the arena, or (size_t)-1 when memory runs out. */
size_t ask_place_slots(plan_slot *slots, int n_slots, int memory);

/* The largest sum of sizes of slots that are alive at the same step: what no placement can
 * beat. (size_t)-1 when memory runs out. */
size_t ask_widest_bytes(const plan_slot *slots, int n_slots, int n_steps, int memory);

#endif
