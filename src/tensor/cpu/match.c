/* Assignment of least cost: each of the first n columns gets a row of its own so that the
 * sum is least. Columns are added one by one, each along the path of least reduced cost
 * that ends at a free row. After: Kuhn 1955, "The Hungarian Method for the Assignment
 * Problem"; Jonker & Volgenant 1987, "A Shortest Augmenting Path Algorithm for Dense and
 * Sparse Linear Assignment Problems". */
#include <math.h>

#include "tensor/cpu/adaptors_priv.h"

enum { NONE = -1 };
static const double LARGEST = 1e30; // costs beyond count as that, and so do no numbers

typedef struct {
    const ask_real *cost; // [N, M]
    int64_t n_rows, n_columns;
    // of columns
    double *column_price;
    int64_t *row_of;
    // of rows
    double *row_price, *distance;
    int64_t *column_of; // or NONE
    int64_t *from;      // the column before it on the path
    bool *done;
} assignment;

static double cost_of(const assignment *a, int64_t row, int64_t column)
{
    double cost = a->cost[row * a->n_columns + column];
    return isnan(cost) ? LARGEST : fmax(-LARGEST, fmin(cost, LARGEST));
}

/* Lets paths that end in `column` and cost `least` go on to all rows. */
static void go_on(assignment *a, int64_t column, double least)
{
    for (int64_t row = 0; row < a->n_rows; row++) {
        if (a->done[row]) continue;
        double reduced =
            cost_of(a, row, column) - a->column_price[column] - a->row_price[row];
        if (least + reduced >= a->distance[row]) continue;
        a->distance[row] = least + reduced;
        a->from[row] = column;
    }
}

/* The row that is nearest; of equals a free one, then the first. */
static int64_t nearest(const assignment *a)
{
    int64_t best = NONE;
    for (int64_t row = 0; row < a->n_rows; row++) {
        if (a->done[row]) continue;
        bool is_better = best == NONE || a->distance[row] < a->distance[best] ||
                         (a->distance[row] == a->distance[best] &&
                          a->column_of[row] == NONE && a->column_of[best] != NONE);
        if (is_better) best = row;
    }
    return best;
}

/* The end of the shortest path from a column to a free row, of which there is one as there
 * are at least as many rows as columns. */
static int64_t find_path(assignment *a, int64_t column)
{
    for (int64_t row = 0; row < a->n_rows; row++) {
        a->distance[row] = INFINITY;
        a->done[row] = false;
    }
    double least = 0;
    for (;;) {
        go_on(a, column, least);
        int64_t row = nearest(a);
        least = a->distance[row];
        if (a->column_of[row] == NONE) return row;
        a->done[row] = true;
        column = a->column_of[row];
    }
}

/* Moves prices so that every edge of the path, and of the matching, is free of cost. */
static void move_prices(assignment *a, int64_t column, int64_t end)
{
    double length = a->distance[end];
    a->column_price[column] += length;
    for (int64_t row = 0; row < a->n_rows; row++) {
        if (!a->done[row]) continue;
        a->column_price[a->column_of[row]] += length - a->distance[row];
        a->row_price[row] -= length - a->distance[row];
    }
}

static void add_column(assignment *a, int64_t column)
{
    int64_t row = find_path(a, column), before;
    move_prices(a, column, row);
    do { // each column on the path takes the row behind it
        before = a->from[row];
        int64_t left = a->row_of[before];
        a->column_of[row] = before;
        a->row_of[before] = row;
        row = left;
    } while (before != column);
}

/* ---- ties ---- */

/* What single numbers leave undecided, as a share of a cost and beside it. */
static const double TIE = 1e-5;

static bool are_as_good_exchanged(const assignment *a, int64_t i, int64_t j)
{
    int64_t row = a->row_of[i], other = a->row_of[j];
    if (cost_of(a, row, i) == cost_of(a, row, j)) return false; // nothing tells them apart
    double is = cost_of(a, row, i) + cost_of(a, other, j);
    double would_be = cost_of(a, other, i) + cost_of(a, row, j);
    return would_be <= is + TIE * (1 + fabs(is));
}

/* Two columns that differ but whose rows cost as much exchanged have them in their order.
 * Of distances on a line this is frequent, and else rounding would decide. Every exchange
 * leaves fewer pairs out of order, so there is an end. */
static void settle_ties(assignment *a, int64_t n)
{
    for (bool again = true; again;) {
        again = false;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = i + 1; j < n; j++) {
                int64_t row = a->row_of[i];
                if (row < a->row_of[j] || !are_as_good_exchanged(a, i, j)) continue;
                a->row_of[i] = a->row_of[j];
                a->row_of[j] = row;
                again = true;
            }
        }
    }
}

static void assign(assignment *a, int64_t *out, int64_t n)
{
    for (int64_t row = 0; row < a->n_rows; row++) {
        a->row_price[row] = 0;
        a->column_of[row] = NONE;
    }
    for (int64_t column = 0; column < n; column++) {
        a->column_price[column] = 0;
        a->row_of[column] = NONE;
        add_column(a, column);
    }
    settle_ties(a, n);
    for (int64_t column = 0; column < a->n_columns; column++)
        out[column] = column < n ? a->row_of[column] : 0;
}

/* ---- the node ---- */

/* Scratch: numbers, then indices, then flags. */
static assignment lay_out(const ask_view *cost, void *scratch)
{
    assignment a = {.n_rows = cost->shape[1], .n_columns = cost->shape[2]};
    a.column_price = scratch;
    a.row_price = a.column_price + a.n_columns;
    a.distance = a.row_price + a.n_rows;
    a.row_of = (int64_t *)(a.distance + a.n_rows);
    a.column_of = a.row_of + a.n_columns;
    a.from = a.column_of + a.n_rows;
    a.done = (bool *)(a.from + a.n_rows);
    return a;
}

size_t cpu_match_scratch(const cpu_backend *c, const ask_node *n)
{
    (void)c;
    size_t rows = (size_t)n->src[0].shape[1], columns = (size_t)n->src[0].shape[2];
    return (columns + 2 * rows) * (sizeof(double) + sizeof(int64_t)) + rows * sizeof(bool);
}

bool cpu_match(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)c;
    const ask_view *cost = &n->src[0];
    const ask_real *costs = view_data(cost);
    const int64_t *counts = view_data(&n->src[1]);
    int64_t *out = view_data(&n->out);
    assignment a = lay_out(cost, view_data(&n->scratch));
    for (int64_t b = 0; b < cost->shape[0]; b++) {
        if (counts[b] < 0 || counts[b] > a.n_columns)
            return ask_fail(err, ASK_ERR_SHAPE,
                            "match: count %lld of row %lld is not from 0 to %lld",
                            (long long)counts[b], (long long)b, (long long)a.n_columns);
        a.cost = costs + b * a.n_rows * a.n_columns;
        assign(&a, out + b * a.n_columns, counts[b]);
    }
    return true;
}
