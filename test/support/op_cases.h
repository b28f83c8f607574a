/* op_cases.h - the one list of op cases, and how to run one of them.
 *
 * Each case builds a small graph out of inputs that a seeded generator fills. The same list
 * is compared across instruction sets, threads and backends, and, in the variant of the
 * library that computes in double, with finite differences. */
#ifndef TEST_OP_CASES_H
#define TEST_OP_CASES_H

#include "support/op_build.h"
#include "tensor/real_priv.h"
#include "tensor/store.h"

enum { CASE_MAX_INPUTS = 12 };

typedef struct {
    bool present;
    ask_dtype type;
    double low, high; // uniform between them, both included for integers
    bool special;     // instead: infinities, NaN, denormals and the like
    bool store;       // lives in a store, and is compared after the run
    bool lent;        // is a constant of a store, which kernels may pack
    bool grad;        // is differentiable
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
} case_input;

typedef struct {
    const char *name;
    op_build *build;
    case_input in[CASE_MAX_INPUTS];
    const void *arg;
    double tol;      // absolute and relative, between f32 kernels; 0: CASE_TOL
    const char *why; // the reason for another tolerance, or for `steps`
    bool steps;      // a staircase or a kink at the inputs: no finite differences
} op_case;

/* f32 sums of a few hundred products in another order, polynomials within a few ulp. */
#define CASE_TOL 1e-5

typedef struct {
    const op_case *cases;
    int n;
} op_case_list;

/* All there are, a list for each kind of op. */
extern const op_case_list *const op_cases[];
extern const int n_op_case_lists;

/* How the inputs lie in memory. All but the first hand the op views of larger or permuted
 * leaves; what the views do not show is NaN, or an index out of range. */
typedef enum {
    LAYOUT_PLAIN,
    LAYOUT_TRANSPOSED, // the last two axes swapped
    LAYOUT_REVERSED,   // all axes, of three or more, in reverse
    LAYOUT_SLICED,     // a window of something larger
    LAYOUT_EXPANDED,   // axis 0 stretched from 1
    N_LAYOUTS,
} case_layout;

const char *case_layout_name(case_layout layout);

/* Whether a layout changes any input of the case. */
bool case_has_layout(const op_case *c, case_layout layout);

/* A planned case. */
typedef struct {
    const op_case *c;
    ask_graph *graph;
    ask_store *store;
    ask_tensor *leaf[CASE_MAX_INPUTS]; // what is filled; NULL: absent
    void *lent[CASE_MAX_INPUTS];       // the memory behind constants
    ask_tensor *out;
    ask_tensor *loss; // sum(out * random weights); NULL: out has no gradient
    ask_tensor *grad[CASE_MAX_INPUTS]; // d loss / d leaf; NULL: not asked for
} case_run;

typedef struct {
    ask_backend *const *backends;
    int n_backends;
    ask_backend *store; // where store tensors live
    unsigned gradients; // build those of input i, if it is differentiable, for bit i
} case_place;

#define ALL_GRADIENTS (~0u)

/* Builds, plans and fills. False, with *err, if that fails; case_close is due in any case.
 */
bool case_open(case_run *r, const op_case *c, case_layout layout, const case_place *place,
               ask_error *err);
void case_close(case_run *r);

/* All elements of a tensor, as doubles; the caller frees them. NULL on failure. */
double *case_read(const ask_tensor *t, ask_error *err);

/* The results of a run: "out", "grad 0", "store 1", ... */
enum { CASE_MAX_VALUES = 2 * CASE_MAX_INPUTS + 1 };
typedef struct {
    int n;
    struct {
        char name[16];
        int64_t n;
        double *v;
    } value[CASE_MAX_VALUES];
} case_values;

/* Opens, runs, reads and closes a case. False, with *err, if any of it fails. */
bool case_compute(case_values *v, const op_case *c, case_layout layout,
                  const case_place *place, ask_error *err);
void case_values_free(case_values *v);

/* Whether a agrees with b within |a - b| <= tol + tol |b|; else says where not. */
enum { CASE_TEXT = 160 };
bool case_values_agree(const case_values *a, const case_values *b, double tol,
                       char text[CASE_TEXT]);

#endif
