#include "support/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "model/init.h"
#include "support/place.h"

static void make(const char *dir, const char *config, ask_dtype matrices)
{
    const ask_model_init_options how = {.struct_size = sizeof how, .matrices = matrices};
    char path[BENCH_MODEL_DIR_BYTES + 8];
    ask_error err = {0};
    snprintf(path, sizeof path, "%s.json", dir);
    if (!ask_file_write(path, config, strlen(config), &err) ||
        !ask_model_init(dir, path, &how, &err)) {
        fprintf(stderr, "bench: %s\n", err.message);
        exit(1);
    }
    unlink(path);
}

bool bench_model_is_there(const char *dir)
{
    char *config = bench_path(dir, "config.json");
    bool there = ask_file_exists(config);
    free(config);
    return there;
}

void bench_model_dir_as(char dir[BENCH_MODEL_DIR_BYTES], const char *name,
                        const char *config, ask_dtype matrices)
{
    char *place = bench_place(name);
    snprintf(dir, BENCH_MODEL_DIR_BYTES, "%s", place);
    free(place);
    if (!bench_model_is_there(dir)) make(dir, config, matrices);
}

void bench_model_dir(char dir[BENCH_MODEL_DIR_BYTES], const char *name, const char *config)
{
    bench_model_dir_as(dir, name, config, ASK_F32);
}
