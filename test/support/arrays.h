/* support/arrays.h - the numbers of an array, whatever its type. */
#ifndef TEST_ARRAYS_H
#define TEST_ARRAYS_H

#include "base/npy.h"

/* Element i, counted in C order. */
double array_element(const ask_npy *a, size_t i);

#endif
