#include "net/block/patches.h"

/* The convolution whose windows do not overlap, as the matrix product that it is. */
ask_tensor *ask_patches_embed(ask_graph *g, ask_tensor *pixels, ask_tensor *w,
                              ask_tensor *b)
{
    if (!pixels || !w) return NULL;
    int64_t n = ask_tensor_dim(pixels, 0), k = ask_tensor_dim(pixels, 1);
    int64_t width = ask_tensor_dim(w, 0), p = ask_tensor_dim(w, 3);
    int64_t rows = ask_tensor_dim(pixels, 2) / p, columns = ask_tensor_dim(pixels, 3) / p;
    ask_tensor *x = ask_slice(g, pixels, 2, 0, rows * p);
    x = ask_contiguous(g, ask_slice(g, x, 3, 0, columns * p));
    x = ask_reshape(g, x, 6, (int64_t[]){n, k, rows, p, columns, p});
    x = ask_permute(g, x, (int[]){0, 2, 4, 1, 3, 5}); // [B, rows, columns, K, P, P]
    x = ask_reshape(g, ask_contiguous(g, x), 3, (int64_t[]){n, rows * columns, k * p * p});
    return ask_linear(g, x, ask_reshape(g, w, 2, (int64_t[]){width, k * p * p}), b);
}
