/* bench/machine.c - what the machine can do, by itself: run it first, and again when the
 * other tables look odd. */
#include <stddef.h>

#include "support/table.h"

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("machine", &m);
    bench_table_row("f32 multiply-add, 1 thread", m.peak_1_gflops, "GFLOP/s", NULL);
    bench_table_row("f32 multiply-add, all threads", m.peak_n_gflops, "GFLOP/s",
                    "%.2f times 1 thread", m.peak_n_gflops / m.peak_1_gflops);
    bench_table_row("memory read, 1 thread", m.read_1_gb_s, "GB/s", NULL);
    bench_table_row("memory read, all threads", m.read_n_gb_s, "GB/s",
                    "%.2f times 1 thread", m.read_n_gb_s / m.read_1_gb_s);
    return 0;
}
