/* support/place.h - where benchmarks keep files: under $TMPDIR or /tmp. Each ends the
 * program when it fails. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

/* A file in a folder; freed by the caller. */
char *bench_path(const char *dir, const char *name);

/* A new empty folder, removed by bench_temp_dir_remove; freed by the caller. */
char *bench_temp_dir(void);
void bench_temp_dir_remove(const char *dir); // with all that is in it

/* askance-bench/NAME, whose folder is there, and whose files stay for later runs; freed by
 * the caller. */
char *bench_place(const char *name);

#endif
