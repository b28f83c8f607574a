/* support/table.h - results as lines of text. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "support/machine.h"

/* Prints the title and what the machine can do. */
void bench_table_open(const char *title, const bench_machine *machine);

/* Prints one result: "what   12.3 unit   remark". The remark (the target, a share of the
 * peak, a version) is formatted; NULL for none. */
void bench_table_row(const char *what, double value, const char *unit, const char *remark,
                     ...) __attribute__((format(printf, 4, 5)));

#endif
