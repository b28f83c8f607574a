/* model/rows_priv.h - rows of frames that are shown together, of an instruction in ids. */
#ifndef ASK_MODEL_ROWS_PRIV_H
#define ASK_MODEL_ROWS_PRIV_H

#include "model/rows.h"
#include "model/session_priv.h"

typedef struct {
    const float *kept; // [n, n_kept]
    int n;
    const int64_t *ids; // [n_ids], none of them padding; NULL where the model takes none
    int n_ids;
} rows_scene;

/* As ask_rows_show does it. */
bool rows_show(ask_session *s, const ask_rows_made *out, const rows_scene *scene,
               const ask_cancel *cancel, ask_error *err);

#endif
