#include "train/save.h"

#include "base/str.h"
#include "train/tensors_priv.h"

bool train_is_of_training(const char *name)
{
    return ask_starts_with(name, ASK_TRAIN_MOMENTS) || ask_starts_with(name, ASK_TRAIN_OWN);
}

bool train_is_of_network(const char *name)
{
    return !train_is_of_training(name);
}

bool ask_train_save(const char *path, const ask_store *store, ask_error *err)
{
    const ask_weights_note note = {"format", "pt"};
    return train_write_tensors(path, store, train_is_of_network, &note, 1, err);
}
