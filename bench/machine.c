/* bench/machine.c - what the machine can do, by itself: run it first, and again when the
 * other tables look odd. */
#include <stddef.h>

#include "support/table.h"

int main(void)
{
    bench_machine m = bench_machine_measure();
    bench_table_open("machine", &m);
    const ask_cpu_speed *one = &m.one, *all = &m.all;
    bench_table_row("f32 multiply-add, 1 thread", one->peak_gflops, "GFLOP/s", NULL);
    bench_table_row("f32 multiply-add, all threads", all->peak_gflops, "GFLOP/s",
                    "%.2f times 1 thread", all->peak_gflops / one->peak_gflops);
    bench_table_row("f32 products, 1 thread", one->product_gflops, "GFLOP/s",
                    "%3.0f %% of the peak", 100 * one->product_gflops / one->peak_gflops);
    bench_table_row("f32 products, all threads", all->product_gflops, "GFLOP/s",
                    "%.2f times 1 thread", all->product_gflops / one->product_gflops);
    bench_table_row("memory read, 1 thread", one->read_gb_s, "GB/s", NULL);
    bench_table_row("memory read, all threads", all->read_gb_s, "GB/s",
                    "%.2f times 1 thread", all->read_gb_s / one->read_gb_s);
    return 0;
}
