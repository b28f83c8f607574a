#include "cli/default_model.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "cli/model_dir.h"

static bool has_file(bool *out, const char *dir, const char *name, ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    if (!path) return false;
    *out = ask_file_exists(path);
    free(path);
    return true;
}

static bool is_model(bool *out, const char *dir, ask_error *err)
{
    bool config, weights;
    if (!has_file(&config, dir, "config.json", err) ||
        !has_file(&weights, dir, "model.safetensors", err))
        return false;
    *out = config && weights;
    return true;
}

static bool name_places(cli_default_model *m, const char *program_dir, ask_error *err)
{
    char *prefix = ask_path_dirname(program_dir, err);
    if (!prefix) return false;
    m->places[0] = ask_path_join(prefix, "share/askance/models/mini", err);
    free(prefix);
    m->places[1] = m->places[0] ? ask_path_join(program_dir, "models/mini", err) : NULL;
    return m->places[1];
}

static bool choose_place(cli_default_model *m, ask_error *err)
{
    for (int i = 0; i < CLI_MODEL_PLACES && !m->dir; i++) {
        bool found;
        if (!is_model(&found, m->places[i], err)) return false;
        if (found) m->dir = m->places[i];
    }
    return true;
}

bool cli_default_model_find_from(cli_default_model *out, const char *program_dir,
                                 ask_error *err)
{
    cli_default_model m = {0};
    if (!name_places(&m, program_dir, err) || !choose_place(&m, err)) {
        cli_default_model_free(&m);
        return false;
    }
    *out = m;
    return true;
}

bool cli_default_model_find(cli_default_model *out, ask_error *err)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n < 0) {
        *out = (cli_default_model){0};
        return true;
    }
    program[n] = '\0';
    char *dir = ask_path_dirname(program, err);
    bool ok = dir && cli_default_model_find_from(out, dir, err);
    free(dir);
    return ok;
}

static bool fail_no_model(const cli_default_model *m, ask_error *err)
{
    static const char advice[] =
        "no model: give --model=DIR or set ASKANCE_MODEL to the folder of a CLIP model "
        "(config.json, weights, tokenizer files)";
    if (!m->places[0])
        return ask_fail(err, ASK_ERR_MODEL, "%s; where askance is installed is unknown",
                        advice);
    return ask_fail(err, ASK_ERR_MODEL, "%s; none came with askance: it is not in %s or %s",
                    advice, m->places[0], m->places[1]);
}

bool cli_default_model_choose(const char **dir, cli_default_model *m, const char *named,
                              ask_error *err)
{
    const char *environment = getenv("ASKANCE_MODEL");
    if (named && !*named)
        return ask_fail(err, ASK_ERR_USAGE, "--model is empty: give DIR, or leave it out");
    if (!named && environment && *environment) {
        if (!cli_model_dir(&m->found, environment, err)) return false;
        named = m->found ? m->found : environment;
    }
    if (!named && !cli_default_model_find(m, err)) return false;
    *dir = named ? named : m->dir;
    return *dir || fail_no_model(m, err);
}

void cli_default_model_free(cli_default_model *m)
{
    for (int i = 0; i < CLI_MODEL_PLACES; i++) free(m->places[i]);
    free(m->found);
    *m = (cli_default_model){0};
}
