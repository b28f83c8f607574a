/* support/unlearned.h - models that look like another one, but of which nothing was
 * learned, or only some parts: cheats that a verdict should see through. Each ends the
 * program when it fails. */
#ifndef BENCH_UNLEARNED_H
#define BENCH_UNLEARNED_H

/* Makes the folder `to`: network, tokenizer, answers and thresholds of the model in `from`,
 * with weights at random. */
void bench_unlearned_make(const char *to, const char *from);

/* Gives it what `from` learned, but for the n parts whose tensors begin with these words
 * ("cells."). */
void bench_unlearned_teach(const char *to, const char *from, const char *const *but, int n);

#endif
