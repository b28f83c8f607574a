#include <string.h>

#include "base/str.h"
#include "tensor/cpu/cpu.h"
#include "train/terms_priv.h"

void train_machine_read(train_machine *out, const ask_backend *backend)
{
    bool is_cpu = strcmp(backend->name, "cpu") == 0;
    ask_library library = ask_cpu_library();
    ask_format(out->threads, sizeof out->threads, "%d",
               is_cpu ? ask_cpu_n_threads(backend) : 0);
    ask_format(out->library, sizeof out->library, "%s %s", library.name, library.version);
    const ask_weights_note notes[TRAIN_N_MACHINE] = {
        {"machine.version", ask_version()},
        {"machine.backend", backend->name},
        {"machine.isa", is_cpu ? ask_isa_name(ask_cpu_isa(backend)) : ""},
        {"machine.threads", out->threads},
        {"machine.library", out->library},
    };
    memcpy(out->notes, notes, sizeof notes);
}

/* advice: what to do about it. */
static bool check(const train_kept *kept, const char *is, const ask_weights_note *expected,
                  const char *advice, ask_error *err)
{
    if (is && strcmp(is, expected->value) == 0) return true;
    return ask_fail(err, ASK_ERR_USAGE, "%s: was made with %s %s, this is %s: %s",
                    kept->path, expected->key, is ? is : "unknown", expected->value,
                    advice);
}

bool train_check_terms(const train_kept *kept, const ask_train_settings *settings,
                       const ask_backend *backend, bool allow_drift, ask_error *err)
{
    train_machine m;
    train_machine_read(&m, backend);
    bool ok = true;
    for (size_t i = 0; i < settings->n && ok; i++)
        ok = check(kept, kept->setting(kept->from, settings->items[i].key),
                   &settings->items[i], "go on with the same settings, or begin anew", err);
    for (int i = 0; i < TRAIN_N_MACHINE && ok && !allow_drift; i++)
        ok = check(kept, kept->machine(kept->from, m.notes[i].key), &m.notes[i],
                   "other bits would come of it (--allow-drift)", err);
    return ok;
}
