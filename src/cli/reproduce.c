#include "cli/reproduce.h"

#include <string.h>

#include "base/json.h"
#include "base/version.h"
#include "cli/build.h"
#include "media/codecs.h"
#include "tensor/cpu/cpu.h"

enum { N_LIBRARIES = 3, LIBRARY_BYTES = 64 };

/* Cuts "oneDNN 2.6.3" into a name and a version; the text is copied into room. */
static ask_record_pair split(char room[LIBRARY_BYTES], const char *library)
{
    ask_format(room, LIBRARY_BYTES, "%s", library);
    char *space = strchr(room, ' ');
    if (!space) return (ask_record_pair){room, "unknown"};
    *space = '\0';
    return (ask_record_pair){room, space + 1};
}

bool cli_reproduce(ask_record *r, const cli_call *call, const ask_model_info *model,
                   ask_maybe_int seed, ask_error *err)
{
    char rooms[N_LIBRARIES][LIBRARY_BYTES], onednn[ASK_CPU_LIBRARY_BYTES];
    const ask_record_pair libraries[N_LIBRARIES] = {
        split(rooms[0], ask_codec_library()),
        split(rooms[1], ask_cpu_library(onednn)),
        split(rooms[2], ask_json_library()),
    };
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
        .libraries = {libraries, N_LIBRARIES},
    };
    bool ok = !built.failed || ask_fail(err, ASK_ERR_NOMEM, "out of memory");
    ok = ok && ask_record_set_reproduce(r, &how, err);
    if (!seed.known)
        ok = ok && ask_record_note(r, "reproduce.seed", "nothing was drawn at random", err);
    ask_str_free(&built);
    return ok;
}
