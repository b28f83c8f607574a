/* support/listing.h - the parameters that a network asks for. */
#ifndef SUPPORT_LISTING_H
#define SUPPORT_LISTING_H

#include "net/params.h"

typedef struct {
    char names[64][96];
    int n, n_matrices; // of them such that may be of few bits
} listing;

/* For ask_params_list: adds one to the listing `user`; ends the test at one too many. */
bool listing_add(void *user, const ask_param_row *row, ask_error *err);

bool listing_has(const listing *l, const char *name);

#endif
