/* What lies beside the weights of a network that takes an adapter, as PEFT writes it. */
#include <stdlib.h>

#include "base/file.h"
#include "base/path.h"
#include "model/model_priv.h"

bool model_put_adapter(ask_weights *weights, const network *n, const char *dir,
                       ask_error *err)
{
    if (!n->has_adapter) return true;
    char *path = ask_path_join(dir, MODEL_ADAPTER_FILE, err);
    bool ok = path && (!ask_file_exists(path) || ask_weights_put_over(weights, path, err));
    free(path);
    return ok;
}
