/* support/peer.h - another program that computes the same, to be timed in turns with ours.
 *
 * It is a child process. Once started it takes the input from its standard input and writes
 * to its standard output: a line that names it, with its version and settings; and its
 * result. Then every line that it gets makes it compute once, and is answered with a line.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct {
    pid_t pid;
    int to, from; // pipes
    char name[160];
} bench_peer;

/* Starts argv[0], gives it the input and takes its result of exactly result_bytes. False
 * when it cannot be started or does not answer so; then nothing is left of it. */
bool bench_peer_open(bench_peer *out, char *const *argv, const void *input,
                     size_t input_bytes, void *result, size_t result_bytes);

/* One computation; user is the bench_peer: for bench_time. Ends the program on failure. */
void bench_peer_run(void *user);

void bench_peer_close(bench_peer *peer);

#endif
