/* askance doctor - what this machine offers, and what askance makes of it. */
#include <sched.h>

#include "base/cpu.h"
#include "base/json_write.h"
#include "cli/command.h"

typedef struct {
    ask_cpu_features cpu;
    int n_cores;   // physical cores this process may use: the default number of threads
    int n_logical; // hardware threads it may use
} findings;

static int count_logical(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static findings examine(void)
{
    return (findings){
        .cpu = ask_cpu_features_read(),
        .n_cores = ask_cpu_count(),
        .n_logical = count_logical(),
    };
}

static void as_text(ask_str *out, const findings *f)
{
    ask_str_printf(out, "processor           %s\n", f->cpu.model);
    ask_str_printf(out, "instruction sets    %s\n", f->cpu.isa);
    ask_str_printf(out, "cores               %d\n", f->n_cores);
    ask_str_printf(out, "hardware threads    %d\n", f->n_logical);
}

static void as_json(ask_str *out, const findings *f)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_open_object(&w, "processor");
    ask_json_put_string(&w, "model", f->cpu.model);
    ask_json_put_string(&w, "isa", f->cpu.isa);
    ask_json_put_int(&w, "cores", f->n_cores);
    ask_json_put_int(&w, "hardware_threads", f->n_logical);
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static cli_outcome run(const cli_call *call, const void *values, ask_error *err)
{
    (void)values;
    const findings found = examine();
    ask_str text = {0};
    if (call->output->json)
        as_json(&text, &found);
    else
        as_text(&text, &found);
    bool ok = cli_output_text(call->output, &text, err);
    ask_str_free(&text);
    return ok ? CLI_DONE : CLI_FAILED;
}

const cli_command cli_doctor_command = {
    .name = "doctor",
    .summary = "Show what this machine offers",
    .description =
        "Cores are those that this process may use: affinity and control groups "
        "count, a core\nwith two hardware threads counts once. Computing uses one "
        "thread per core.",
    .run = run,
};
