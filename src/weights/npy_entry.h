/* weights/npy_entry.h - a NumPy array as a tensor of a file. */
#ifndef ASK_WEIGHTS_NPY_ENTRY_H
#define ASK_WEIGHTS_NPY_ENTRY_H

#include "base/npy.h"
#include "weights/weights.h"

/* Fills type, shape, data and what follows from them; data stays the array's. Name and file
 * stay as they are. False, *out untouched, for more than ASK_MAX_DIMS dimensions. */
ASK_API bool ask_weights_entry_of_npy(ask_weights_entry *out, const ask_npy *array);

#endif
