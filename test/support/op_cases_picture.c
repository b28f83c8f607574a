/* Cases of ops: resizing and pooling. */
#include "support/op_cases_priv.h"

// clang-format off
#define RESIZE(h, w, ...) ARG(interpolate_arg, .height = h, .width = w, .opt = {__VA_ARGS__})

#define EACH_INTERPOLATION(word, k) \
    {.name = "interpolate " word ", up", build_interpolate, {VAR(1, 2, 4, 5)}, \
     RESIZE(7, 11, .kind = k)}, \
    {.name = "interpolate " word ", down", build_interpolate, {VAR(2, 1, 9, 7)}, \
     RESIZE(4, 3, .kind = k)}, \
    {.name = "interpolate " word ", to one pixel", build_interpolate, {VAR(1, 1, 3, 5)}, \
     RESIZE(1, 1, .kind = k)}, \
    {.name = "interpolate " word ", no picture", build_interpolate, {VAR(0, 2, 3, 5)}, \
     RESIZE(4, 4, .kind = k)}, \
    {.name = "interpolate " word ", given scale", build_interpolate, {VAR(1, 2, 5, 6)}, \
     RESIZE(12, 15, .kind = k, .scale = {2.5, 2.5})}

#define EACH_SMOOTH_INTERPOLATION(word, k) \
    {.name = "interpolate " word ", aligned corners", build_interpolate, {VAR(1, 2, 4, 5)}, \
     RESIZE(7, 3, .kind = k, .align_corners = true)}, \
    {.name = "interpolate " word ", antialias", build_interpolate, {VAR(1, 2, 9, 5)}, \
     RESIZE(4, 8, .kind = k, .antialias = true)}
// clang-format on

static const op_case cases[] = {
    EACH_INTERPOLATION("nearest", ASK_NEAREST),
    EACH_INTERPOLATION("bilinear", ASK_BILINEAR),
    EACH_INTERPOLATION("bicubic", ASK_BICUBIC),
    EACH_SMOOTH_INTERPOLATION("bilinear", ASK_BILINEAR),
    EACH_SMOOTH_INTERPOLATION("bicubic", ASK_BICUBIC),
    {.name = "max_pool2d, 2x2",
     build_max_pool2d,
     {VAR(2, 3, 9, 8)},
     ARG(ask_pool_options, .kernel = {2, 2})},
    {.name = "max_pool2d, overlapping and padded",
     build_max_pool2d,
     {VAR(2, 3, 9, 8)},
     ARG(ask_pool_options, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1})},
    {.name = "max_pool2d, over the edge",
     build_max_pool2d,
     {VAR(1, 2, 8, 7)},
     ARG(ask_pool_options, .kernel = {3, 2}, .stride = {2, 3}, .ceil_mode = true)},
    {.name = "max_pool2d, no picture",
     build_max_pool2d,
     {VAR(0, 2, 4, 4)},
     ARG(ask_pool_options, .kernel = {2, 2})},
    {.name = "max_pool2d, special numbers",
     build_max_pool2d,
     {SPECIAL(1, 1, 1, 16)},
     ARG(ask_pool_options, .kernel = {1, 3}, .stride = {1, 1}, .pad = {0, 1})},
    {.name = "max_pool2d, many",
     build_max_pool2d,
     {VAR(2, 9, 33, 37)},
     ARG(ask_pool_options, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1})},
    {.name = "max_pool2d, more padding at the end",
     build_max_pool2d,
     {VAR(2, 3, 7, 8)},
     ARG(ask_pool_options, .kernel = {3, 3}, .stride = {2, 2}, .pad_end = {1, 1})},
    {.name = "max_pool3d, 2x2x2",
     build_max_pool3d,
     {VAR(2, 3, 4, 7, 6)},
     ARG(ask_pool_options, .kernel = {2, 2, 2})},
    {.name = "max_pool3d, overlapping and padded",
     build_max_pool3d,
     {VAR(1, 3, 4, 6, 37)},
     ARG(ask_pool_options, .kernel = {3, 3, 3}, .stride = {1, 1, 1}, .pad = {1, 1, 1})},
    {.name = "max_pool3d, only in space, padded at the end",
     build_max_pool3d,
     {VAR(1, 2, 3, 7, 8)},
     ARG(ask_pool_options, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .pad_end = {0, 1, 1},
         .ceil_mode = true)},
    {.name = "max_pool3d, over the edge",
     build_max_pool3d,
     {VAR(1, 2, 5, 4, 7)},
     ARG(ask_pool_options, .kernel = {3, 2, 3}, .stride = {2, 3, 2}, .ceil_mode = true)},
    {.name = "avg_pool2d, 2x2",
     build_avg_pool2d,
     {VAR(2, 3, 6, 9)},
     ARG(ask_pool_options, .kernel = {2, 2})},
    {.name = "avg_pool2d, overlapping and padded",
     build_avg_pool2d,
     {VAR(1, 2, 7, 6)},
     ARG(ask_pool_options, .kernel = {3, 3}, .stride = {2, 1}, .pad = {1, 1})},
    {.name = "avg_pool2d, more padding at the end",
     build_avg_pool2d,
     {VAR(1, 2, 6, 5)},
     ARG(ask_pool_options, .kernel = {2, 3}, .stride = {2, 2}, .pad = {0, 1},
         .pad_end = {1, 1})},
    {.name = "avg_pool2d, over the edge",
     build_avg_pool2d,
     {VAR(1, 2, 8, 7)},
     ARG(ask_pool_options, .kernel = {3, 2}, .stride = {2, 3}, .ceil_mode = true)},
    {.name = "adaptive_avg_pool2d, uneven",
     build_adaptive_avg_pool2d,
     {VAR(2, 3, 7, 5)},
     ARGS(int64_t, 3, 2)},
    {.name = "adaptive_avg_pool2d, to one",
     build_adaptive_avg_pool2d,
     {VAR(2, 3, 4, 5)},
     ARGS(int64_t, 1, 1)},
    {.name = "adaptive_avg_pool2d, larger than before",
     build_adaptive_avg_pool2d,
     {VAR(1, 2, 2, 3)},
     ARGS(int64_t, 5, 4)},
};
const op_case_list op_cases_picture = {cases, sizeof cases / sizeof cases[0]};
