#include "support/verified.h"

#include <string.h>

#include "support/testing.h"

ask_verify_report verified_report(const char *path)
{
    ask_error err = {0};
    ask_verify_report r;
    CHECK_OK(ask_model_verify(&r, path, NULL, &err), &err);
    return r;
}

ask_verify_report verified_all(const char *what, const char *path, const char *network,
                               int n_rows)
{
    ask_verify_report r = verified_report(path);
    for (int i = 0; i < r.n_rows; i++)
        if (!r.rows[i].passed)
            fail_msg("%s: %s: %s", what, r.rows[i].name, r.rows[i].reason);
    CHECK_CASE(what, strcmp(r.network, network) == 0);
    CHECK_CASE(what, r.n_rows == n_rows && r.n_passed == n_rows);
    return r;
}

const ask_verify_row *verified_row(const ask_verify_report *r, const char *name)
{
    for (int i = 0; i < r->n_rows; i++)
        if (strcmp(r->rows[i].name, name) == 0) return &r->rows[i];
    fail_msg("the report has no row %s", name);
    return NULL;
}
