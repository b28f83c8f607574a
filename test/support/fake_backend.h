/* fake_backend.h - a backend whose memory nobody else can touch, and which lacks every
 * third op.
 *
 * Its buffers are pages without any permission: whoever dereferences a handle crashes. Only
 * its own upload, download and run open the pages of the buffers they use, for as long as
 * they need. Nodes are computed by the scalar CPU kernels. */
#ifndef TEST_FAKE_BACKEND_H
#define TEST_FAKE_BACKEND_H

#include "tensor/backend.h"
#include "tensor/op_priv.h"

/* Lacks the ops whose number is `lacks` modulo 3. Closed by ask_backend_close. */
ask_backend *fake_backend_open(int lacks, ask_error *err);

/* How often an op has run on it, and how often it was refused. */
int fake_backend_n_run(const ask_backend *b, ask_op op);
int fake_backend_n_refused(const ask_backend *b, ask_op op);

/* Bytes of its buffers that are not freed yet. */
size_t fake_backend_bytes(const ask_backend *b);

#endif
