#include "weights/folder.h"

#include <stddef.h>

#include "base/str.h"

const ask_weights_form ask_weights_forms[] = {
    {.patterns = {"model.safetensors"}},
    {.index = "model.safetensors.index.json", .patterns = {"model-*-of-*.safetensors"}},
    {.patterns = {"pytorch_model.bin"}},
    {.index = "pytorch_model.bin.index.json", .patterns = {"pytorch_model-*-of-*.bin"}},
    // Under other names: what is sure to be weights goes before what holds other tensors
    // as well.
    {.patterns = {"*.tar"}, .only = true},
    {.patterns = {"*.gguf"}, .only = true},
    {.patterns = {"*.safetensors"}, .only = true},
    {.patterns = {"*.bin", "*.pth", "*.pt"}, .only = true},
    {0},
};

bool ask_weights_are_called(const ask_weights_form *form, const char *name)
{
    enum { MOST = sizeof form->patterns / sizeof *form->patterns };
    for (int i = 0; i < MOST && form->patterns[i]; i++)
        if (ask_glob_match(form->patterns[i], name)) return true;
    return false;
}
