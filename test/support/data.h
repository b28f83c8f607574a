/* support/data.h - sets of questions shown as text, and what they are refused for. */
#ifndef SUPPORT_DATA_H
#define SUPPORT_DATA_H

#include "data/dataset.h"

/* A file of questions and what comes of it. */
typedef struct {
    const char *name; // of the case
    const char *text; // the whole file
    const char *says; // the message, or the one thing noticed; paths without their folder
} data_case;

/* Reads a split and fails the test unless all of it is as expected: the classes, a line for
 * each record with every field that is set, and what was noticed. */
void check_shown(const char *set, const char *path, const char *split,
                 const ask_data_options *opt, const char *expected);

/* All of a set as text, as check_shown has it but with whole paths; freed with free(). */
char *data_shown(const ask_dataset *d);

/* Each case is written to a file of this name in a folder of its own and must be refused as
 * malformed, with just this message. */
void check_refused(const char *set, const char *file, const data_case *cases, size_t n);

/* Each case must be read with just this one notice "kind: text", and refused under strict.
 */
void check_noticed(const char *set, const char *file, const data_case *cases, size_t n);

#endif
