/* tensor/cpu/quant_priv.h - products with weights of few bits.
 *
 * y = x w^T + b. The rows of x are rounded to 8 bits, a scale for each group of columns, as
 * w's are (tensor/quant.h). In a group the sum of the codes' products is exact in 32 bits;
 * the groups are added up in their order, in f32:
 *     sum = fma(sum of (code of w - zero) code of x, scale of w * scale of x, sum)
 *     sum = fma(-offset of w, scale of x * sum of codes of x, sum)   if w has offsets
 * so every kernel, cut and thread count gives the same bits. */
#ifndef ASK_TENSOR_CPU_QUANT_PRIV_H
#define ASK_TENSOR_CPU_QUANT_PRIV_H

#include "tensor/cpu/cpu_priv.h"
#include "tensor/quant.h"

enum {
    QUANT_HEIGHT = 7,           // most rows of x that are computed together
    QUANT_BLOCK = 512,          // columns of a panel that stay in the first cache meanwhile
    QUANT_NEAR_BYTES = 1 << 19, // of x that stay in the second cache
};

/* A group whose numbers are all smaller than this is one of zeros. */
#define QUANT_LEAST 1e-30f

/* Rows of x as products take them, in tiles of at most QUANT_HEIGHT: of h rows from i on
 * there are, each with its tiles behind each other,
 *   codes  [k / 4][h][4] from i * k on
 *   scales, starts, sums  [k / group][h] from i * k / group on
 * starts: minus zero times the sum of a group's codes; sums: that sum times the scale. */
typedef struct {
    int64_t m, k; // k: whole groups
    int group, zero;
    int8_t *codes;
    float *scales;
    int32_t *starts;
    float *sums;
} cpu_quant_rows;

/* How the codes and scales of a panel of w lie. */
typedef enum {
    QUANT_Q8,       // as in a file
    QUANT_Q4,       // as in a file
    QUANT_UNPACKED, // codes [k / 4][32][4]; scales and offsets [k / group][32] of f32
    QUANT_SUMMED    // the same with sums of codes times those of x, [k / group][32] of i32
} cpu_quant_form;

/* A tile of c: rows of x, and the rows of one panel of w. */
typedef struct {
    float *c;
    int64_t c_row;     // from row to row
    int height, width; // up to QUANT_HEIGHT and ASK_QUANT_ROWS
    const float *bias; // [width]; added behind the last group; NULL: none
    bool adds;         // to what is in c
    cpu_quant_form form;
    int group;
    int64_t n_groups;
    const uint8_t *codes;
    const void *scales;
    const float *offsets; // of an unpacked panel; NULL: none
    const int8_t *x_codes;
    const float *x_scales, *x_sums;
    const int32_t *x_starts;
    const uint8_t *next; // what will be read next, fetched meanwhile: so many bytes
    int64_t n_next;
} cpu_quant_tile;

/* Rows of w in ggml's blocks: up to 32 rows, of each up to QUANT_BLOCK columns. */
typedef struct cpu_quant_blocks {
    ask_dtype type;
    const uint8_t *first; // block of the first row
    size_t row_bytes;     // from row to row
    int n_rows, n_blocks; // blocks of a row
} cpu_quant_blocks;

typedef struct {
    int height; // rows of x that are computed together
    void (*run)(const cpu_quant_tile *t);
    /* Rounds n rows behind each other, of `columns` numbers with zeros up to r->k, into the
     * tile that begins with row `first` of r and has n rows. */
    void (*round)(const cpu_quant_rows *r, int64_t first, int n, const float *x,
                  int64_t columns);
    /* Takes blocks apart, as QUANT_UNPACKED has them; rows that are not there are zeros.
     * codes: NULL: only scales and offsets. */
    void (*unpack)(uint8_t *codes, float *scales, float *offsets,
                   const cpu_quant_blocks *b);
    /* Sums of codes times those of one row of x, a sum for each group of row r from sums +
     * r * step on, where what is behind the last group up to 256 columns is overwritten; x
     * may be read up to 64 columns. NULL: there is only unpack. */
    void (*sum)(int32_t *sums, int64_t step, const cpu_quant_blocks *b, const int8_t *x);
    /* Such sums as QUANT_SUMMED has them, of n groups up to a multiple of 4. */
    void (*turn)(int32_t *to, const int32_t *sums, int64_t step, int n);
} cpu_quant_kernel;

#ifndef ASK_REAL_DOUBLE

extern const cpu_quant_kernel quant_kernel__scalar;
#if defined(__x86_64__)
extern const cpu_quant_kernel quant_kernel__avx2;
extern const cpu_quant_kernel quant_kernel__avx512; // with VNNI
#endif

/* A linear layer with weights of few bits, and what it needs as scratch. */
bool cpu_quant_linear(cpu_backend *c, const ask_node *n, ask_error *err);
size_t cpu_quant_scratch(const cpu_backend *c, const ask_node *n);

/* Columns that share a scale. */
int cpu_quant_group(ask_dtype type);

/* Rows of a matrix of few bits as numbers: to[i] = row ids[i]; all of them. */
void cpu_quant_look_up(cpu_backend *c, const ask_view *to, const ask_view *table,
                       const ask_view *ids);
void cpu_quant_widen(cpu_backend *c, const ask_view *to, const ask_view *matrix);

#else // sums of few bits are f32: the variant that computes in double has none

static inline bool cpu_quant_linear(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)c;
    (void)n;
    return ask_fail(err, ASK_ERR_UNSUPPORTED, "no products of few bits in double");
}

static inline size_t cpu_quant_scratch(const cpu_backend *c, const ask_node *n)
{
    (void)c;
    (void)n;
    return 0;
}

static inline void cpu_quant_look_up(cpu_backend *c, const ask_view *to,
                                     const ask_view *table, const ask_view *ids)
{
    (void)c;
    (void)to;
    (void)table;
    (void)ids;
}

static inline void cpu_quant_widen(cpu_backend *c, const ask_view *to,
                                   const ask_view *matrix)
{
    (void)c;
    (void)to;
    (void)matrix;
}

#endif

#endif
