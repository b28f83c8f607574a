/* train/timeline_imagine_priv.h - what it looks like when something is more or less seen:
 * values that may be wrong, and how sure one is of them. */
#ifndef ASK_TRAIN_TIMELINE_IMAGINE_PRIV_H
#define ASK_TRAIN_TIMELINE_IMAGINE_PRIV_H

#include "train/timeline_truth_priv.h"

/* Uniform in [low, high). */
double ask_imagine_between(ask_rng *r, double low, double high);

/* The nearest number from low to high. */
double ask_imagine_held(double x, double low, double high);

/* With a probability. */
bool ask_imagine_chance(ask_rng *r, double share);

/* How often something happens that happens `mean` times on average. */
int ask_imagine_number(ask_rng *r, double mean);

/* A value, or with the probability `wrong` another one of 0 to n - 1. */
int ask_imagine_value(ask_rng *r, int right, int n, double wrong);

/* An event, or with the probability `wrong` another one: of one that goes somewhere most
 * often another that does. */
int ask_imagine_event(ask_rng *r, int right, double wrong);

/* How little sure one is of what is seen at a time: 0 to 0.49, most often little. */
double ask_imagine_doubt(ask_rng *r);

/* Probabilities in which `shown` is the likeliest. Where it is right, it misses at most
 * `doubt` of 1; where it is not, it has about two thirds, and what is right most of the
 * rest. */
void ask_imagine_kind(float *p, int n, int shown, int right, double doubt, ask_rng *r);

/* Probabilities that say nothing. */
void ask_imagine_any(float *p, int n, ask_rng *r);

/* What a toy is taken for. */
typedef struct {
    int color, shape, size, texture;
} ask_guise;
typedef struct {
    double color, shape, size, texture;
} ask_guise_shares;

ask_guise ask_guise_of(const ask_toy *t);
ask_guise ask_guise_any(ask_rng *r);
ask_guise ask_guise_mistaken(ask_rng *r, ask_guise right, ask_guise_shares wrong);

/* Half of the mistakes about a toy are made throughout a clip: taken is what it is taken
 * for, wrong with half of the shares; this is one look at it, wrong with all of them. */
ask_guise ask_guise_looked_at(ask_rng *r, ask_guise right, ask_guise taken,
                              ask_guise_shares wrong);
ask_guise_shares ask_guise_half(ask_guise_shares wrong);

/* Rows of numbers in order of one of them, each with a mark. */
typedef struct {
    float *rows; // [most, width]
    void *marks; // [most] of mark_bytes
    size_t mark_bytes;
    int n, most, width;
    int key;          // which number
    bool least_first; // else the largest
} ask_imagine_rows;

/* Puts a row where it belongs; where there is no room, the last one goes. */
void ask_imagine_rows_add(ask_imagine_rows *list, const float *row, const void *mark);

#endif
