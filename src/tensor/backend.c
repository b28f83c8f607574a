#include "tensor/backend.h"

void ask_backend_close(ask_backend *b)
{
    if (b) b->close(b);
}
