/* askance doctor - what this machine offers, how fast it is, and what askance makes of it.
 */
#include <sched.h>
#include <string.h>

#include "base/cpu.h"
#include "base/hdf5.h"
#include "base/json_write.h"
#include "cli/build.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/default_model.h"
#include "cli/libraries.h"
#include "hub/hub.h"
#include "media/codecs.h"
#include "tensor/cpu/speed.h"

enum { MOST_SPEEDS = 3 };

/* So much faster must fewer threads be than all for it to be no accident. */
static const double CLEARLY_FASTER = 1.1;

typedef struct {
    ask_cpu_features cpu;
    int n_cores;   // physical cores this process may use: the default number of threads
    int n_logical; // hardware threads it may use
    ask_cpu_speed speeds[MOST_SPEEDS]; // with ever more threads, up to n_cores
    int n_speeds;
    cli_default_model model; // owned
} findings;

static int count_logical(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* With one thread, with one for half of the cores, and with one for each. */
static bool measure(findings *f, const cli_call *call, ask_error *err)
{
    int n_threads[MOST_SPEEDS], n = 0;
    n_threads[n++] = 1;
    if (f->n_cores > 3) n_threads[n++] = f->n_cores / 2;
    if (f->n_cores > 1) n_threads[n++] = f->n_cores;
    f->n_speeds = n;
    cli_console console;
    cli_console_open(&console, call->output);
    bool ok =
        ask_cpu_measure(f->speeds, n_threads, n, call->cancel, &console.progress, err);
    cli_console_close(&console);
    return ok;
}

/* *out is freed with cli_default_model_free(&out->model). */
static bool examine(findings *out, const cli_call *call, ask_error *err)
{
    *out = (findings){
        .cpu = ask_cpu_features_read(),
        .n_cores = ask_cpu_count(),
        .n_logical = count_logical(),
    };
    return measure(out, call, err) && cli_default_model_find(&out->model, err);
}

/* The speed of the number of threads that is taken unless another is asked for. */
static const ask_cpu_speed *default_speed(const findings *f)
{
    return &f->speeds[f->n_speeds - 1];
}

/* The speed of fewer threads that compute clearly faster than the default; NULL: none. */
static const ask_cpu_speed *better_speed(const findings *f)
{
    const ask_cpu_speed *best = &f->speeds[0];
    for (int i = 1; i < f->n_speeds; i++)
        if (f->speeds[i].product_gflops > best->product_gflops) best = &f->speeds[i];
    double least = CLEARLY_FASTER * default_speed(f)->product_gflops;
    return best->product_gflops > least ? best : NULL;
}

/* Those that results depend on, and those that this build may do without. */
enum { MOST_LIBRARIES = CLI_MOST_LIBRARIES + 2 };

static size_t all_libraries(ask_library out[MOST_LIBRARIES])
{
    size_t n = cli_libraries(out);
    n += ask_hdf5_library(&out[n]);
    return n + ask_hub_library(&out[n]);
}

static void list_libraries(ask_str *out)
{
    ask_library libraries[MOST_LIBRARIES];
    size_t n = all_libraries(libraries);
    ask_str_append(out, "libraries          ");
    for (size_t i = 0; i < n; i++)
        ask_str_printf(out, "%s %s %s", i ? "," : "", libraries[i].name,
                       libraries[i].version);
    ask_str_append_char(out, '\n');
}

/* The formats that are read, or written, in one line: "h264 av1 (libdav1d) ...". */
static void list_formats(ask_str *out, const char *label, bool written)
{
    ask_str_append(out, label);
    ask_codec c;
    for (size_t i = 0; ask_codec_at(&c, i); i++) {
        const char *by = written ? c.encoder : c.decoder;
        if (!by) continue;
        ask_str_printf(out, " %s", c.format);
        if (strcmp(by, c.format) != 0) ask_str_printf(out, " (%s)", by);
    }
    ask_str_append_char(out, '\n');
}

/* "speed 71 GFLOP/s with 1 thread, 140 with 2". */
static void list_speeds(ask_str *out, const findings *f)
{
    ask_str_append(out, "speed              ");
    for (int i = 0; i < f->n_speeds; i++)
        ask_str_printf(out, i ? ", %.0f with %d" : " %.0f GFLOP/s with %d thread",
                       f->speeds[i].product_gflops, f->speeds[i].n_threads);
    ask_str_append(out, "\nmemory             ");
    for (int i = 0; i < f->n_speeds; i++)
        ask_str_printf(out, i ? ", %.1f with %d" : " %.1f GB/s with %d thread",
                       f->speeds[i].read_gb_s, f->speeds[i].n_threads);
    ask_str_append_char(out, '\n');
    const ask_cpu_speed *better = better_speed(f);
    if (better)
        ask_str_printf(out,
                       "suggestion          --threads=%d: faster than %d, as it is now\n",
                       better->n_threads, f->n_cores);
}

static void list_missing(ask_str *out)
{
    if (!cli_build_read().openmp)
        ask_str_append(out,
                       "missing             OpenMP, in this build: computing is slower\n");
    ask_library hdf5;
    if (!ask_hdf5_library(&hdf5))
        ask_str_append(out, "missing             HDF5, in this build: install libhdf5-dev "
                            "and build again to read its files\n");
    ask_library curl;
    if (!ask_hub_library(&curl))
        ask_str_append(out, "missing             libcurl, in this build: install "
                            "libcurl4-openssl-dev and build again to download models\n");
    ask_codec c;
    for (size_t i = 0; ask_codec_at(&c, i); i++) {
        if (!c.decoder) ask_str_printf(out, "cannot read         %s\n", c.format);
    }
}

static void list_model(ask_str *out, const cli_default_model *m)
{
    ask_str_append(out, "default model       ");
    if (m->dir)
        ask_str_append(out, m->dir);
    else if (m->places[0])
        ask_str_printf(out, "missing: not in %s or %s", m->places[0], m->places[1]);
    else
        ask_str_append(out, "missing: where askance is installed is unknown");
    ask_str_append_char(out, '\n');
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_str_printf(out, "processor           %s\n", f->cpu.model);
    ask_str_printf(out, "instruction sets    %s\n", f->cpu.isa);
    ask_str_printf(out, "cores               %d\n", f->n_cores);
    ask_str_printf(out, "hardware threads    %d\n", f->n_logical);
    list_speeds(out, f);
    list_libraries(out);
    list_formats(out, "reads              ", false);
    list_formats(out, "writes             ", true);
    list_missing(out);
    list_model(out, &f->model);
}

static void json_speeds(ask_json_writer *w, const findings *f)
{
    ask_json_open_array(w, "speeds");
    for (int i = 0; i < f->n_speeds; i++) {
        const ask_cpu_speed *s = &f->speeds[i];
        ask_json_open_object(w, NULL);
        ask_json_put_int(w, "n_threads", s->n_threads);
        ask_json_put_double(w, "product_gflops", s->product_gflops);
        ask_json_put_double(w, "peak_gflops", s->peak_gflops);
        ask_json_put_double(w, "read_gb_s", s->read_gb_s);
        ask_json_close(w);
    }
    ask_json_close(w);
    const ask_cpu_speed *better = better_speed(f);
    if (better) ask_json_put_int(w, "suggested_threads", better->n_threads);
}

static void json_libraries(ask_json_writer *w)
{
    ask_library libraries[MOST_LIBRARIES];
    size_t n = all_libraries(libraries);
    ask_json_open_object(w, "libraries");
    for (size_t i = 0; i < n; i++)
        ask_json_put_string(w, libraries[i].name, libraries[i].version);
    ask_json_close(w);
}

static void json_media(ask_json_writer *w)
{
    ask_json_open_object(w, "media");
    ask_json_open_array(w, "formats");
    ask_codec c;
    for (size_t i = 0; ask_codec_at(&c, i); i++) {
        ask_json_open_object(w, NULL);
        ask_json_put_string(w, "format", c.format);
        if (c.decoder) ask_json_put_string(w, "decoder", c.decoder);
        if (c.encoder) ask_json_put_string(w, "encoder", c.encoder);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_close(w);
}

static void json_model(ask_json_writer *w, const cli_default_model *m)
{
    ask_json_open_object(w, "default_model");
    if (m->dir) ask_json_put_string(w, "dir", m->dir);
    ask_json_open_array(w, "places");
    for (int i = 0; i < CLI_MODEL_PLACES && m->places[i]; i++)
        ask_json_put_string(w, NULL, m->places[i]);
    ask_json_close(w);
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.doctor/1");
    ask_json_open_object(&w, "processor");
    ask_json_put_string(&w, "model", f->cpu.model);
    ask_json_put_string(&w, "isa", f->cpu.isa);
    ask_json_put_int(&w, "cores", f->n_cores);
    ask_json_put_int(&w, "hardware_threads", f->n_logical);
    ask_json_close(&w);
    json_speeds(&w, f);
    ask_json_put_bool(&w, "openmp", cli_build_read().openmp);
    json_libraries(&w);
    json_media(&w);
    json_model(&w, &f->model);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static cli_outcome run(const cli_call *call, const void *values, ask_error *err)
{
    (void)values;
    findings found;
    if (!examine(&found, call, err)) return CLI_FAILED;
    bool ok = cli_output_result(call->output, as_text, as_json, &found, err);
    cli_default_model_free(&found.model);
    return ok ? CLI_DONE : CLI_FAILED;
}

const cli_command cli_doctor_command = {
    .name = "doctor",
    .summary = "Show what this machine offers",
    .description =
        "Cores are those that this process may use: affinity and control groups count, a\n"
        "core with two hardware threads counts once. Computing uses one thread per core;\n"
        "how fast that is, and with fewer threads, is measured for a second: products of\n"
        "f32 matrices, and reading memory. Fewer are suggested where they are faster, as\n"
        "on a machine that others keep busy. Of the formats of pictures and videos that\n"
        "askance knows, those that it reads and writes are listed, with the part of\n"
        "libavcodec that does it. The default model is what find and ask use when\n"
        "neither --model nor ASKANCE_MODEL names one.",
    .run = run,
};
