#include "support/listing.h"

#include <stdio.h>
#include <string.h>

#include "support/testing.h"

bool listing_add(void *user, const ask_param_row *row, ask_error *err)
{
    (void)err;
    listing *l = user;
    assert_true(l->n < 64);
    snprintf(l->names[l->n++], sizeof l->names[0], "%s", row->name);
    l->n_matrices += row->matrix;
    return true;
}

bool listing_has(const listing *l, const char *name)
{
    for (int i = 0; i < l->n; i++)
        if (strcmp(l->names[i], name) == 0) return true;
    return false;
}
