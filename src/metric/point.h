/* metric/point.h - whether a point lies on what it should point at: the pointing game.
 *
 * After: Zhang et al. 2018 (excitation backprop), whose game asks of a map's maximum
 * whether it lies in a box of the object. */
#ifndef ASK_METRIC_POINT_H
#define ASK_METRIC_POINT_H

#include <stdbool.h>

#include "base/api.h"

typedef struct {
    double left, top, right, bottom; // left <= right, top <= bottom
} ask_box;

/* Edges included; a box without area holds nothing. */
ASK_API bool ask_point_in(double x, double y, const ask_box *boxes, int n);

#endif
