#include "train/save.h"

#include "base/str.h"
#include "train/tensors_priv.h"

static bool is_of_network(const char *name)
{
    return !ask_starts_with(name, ASK_TRAIN_MOMENTS) &&
           !ask_starts_with(name, ASK_TRAIN_OWN);
}

bool ask_train_save(const char *path, const ask_store *store, ask_error *err)
{
    const ask_weights_note note = {"format", "pt"};
    return train_write_tensors(path, store, is_of_network, &note, 1, err);
}
