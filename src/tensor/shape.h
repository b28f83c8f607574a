/* tensor/shape.h - shapes in messages. */
#ifndef ASK_TENSOR_SHAPE_H
#define ASK_TENSOR_SHAPE_H

#include "tensor/dtype.h"

enum { ASK_SHAPE_TEXT = 160 };

/* "[2, 3]", or a place in a tensor: at most ASK_MAX_DIMS numbers. Returns text. */
ASK_API const char *ask_dims_text(char text[ASK_SHAPE_TEXT], int n_dims,
                                  const int64_t *shape);

#endif
