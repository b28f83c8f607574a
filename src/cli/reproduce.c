#include "cli/reproduce.h"

#include "base/version.h"
#include "cli/build.h"
#include "cli/libraries.h"

bool cli_reproduce(ask_record *r, const cli_call *call, const ask_model_info *model,
                   ask_maybe_int seed, ask_error *err)
{
    ask_library libraries[CLI_MOST_LIBRARIES];
    ask_record_pair pairs[CLI_MOST_LIBRARIES];
    size_t n = cli_libraries(libraries);
    for (size_t i = 0; i < n; i++)
        pairs[i] = (ask_record_pair){libraries[i].name, libraries[i].version};
    ask_str built = {0};
    cli_build_text(&built);
    const ask_record_reproduce how = {
        .argv = {(const char *const *)call->argv, (size_t)call->argc},
        .version = ask_version(),
        .build = ask_str_text(&built),
        .model = {.dir = model->dir, .id = model->id, .network = model->network},
        .seed = seed,
        .threads = model->n_threads,
        .isa = model->isa,
        .backend = model->backend,
        .dtype = model->dtype,
        .libraries = {pairs, n},
    };
    bool ok = !built.failed || ask_fail_memory(err);
    ok = ok && ask_record_set_reproduce(r, &how, err);
    if (!seed.known)
        ok = ok && ask_record_note(r, "reproduce.seed", "nothing was drawn at random", err);
    ask_str_free(&built);
    return ok;
}
