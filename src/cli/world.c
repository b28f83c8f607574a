/* askance world - clips of moving toys, with all that is true of them. */
#include <math.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/path.h"
#include "cli/command.h"
#include "cli/console.h"
#include "world/audit.h"

typedef struct {
    int64_t n_clips; // 0: not asked; none are made
    int64_t seed;
    const char *split;
    bool audit;
} values;

/* What came of it. */
typedef struct {
    const char *dir;
    bool made; // clips were asked for
    ask_world_result result;
    ask_world_info info;
    bool audited;
    ask_audit audit;
    char *sheet; // owned; the path of the contact sheet
} findings;

/* ---- the work ---- */

static bool make(findings *f, const cli_call *call, const values *v,
                 const ask_progress *progress, ask_error *err)
{
    ask_world_options o = ask_world_defaults();
    if (!ask_split_parse(&o.split, v->split, err)) return false;
    o.seed = (uint64_t)v->seed;
    o.n_clips = v->n_clips;
    o.cancel = call->cancel;
    o.progress = progress;
    f->made = true;
    return ask_world_make(&f->result, f->dir, &o, err);
}

static bool audit(findings *f, const cli_call *call, const ask_progress *progress,
                  ask_error *err)
{
    const ask_audit_options o = {
        .struct_size = sizeof o, .cancel = call->cancel, .progress = progress};
    f->audited = true;
    f->sheet = ask_path_join(f->dir, "contact.png", err);
    return f->sheet && ask_world_audit(&f->audit, f->dir, &o, err) &&
           ask_world_contact_sheet(f->sheet, f->dir, err);
}

static bool check(const values *v, ask_error *err)
{
    return v->n_clips > 0 || v->audit ||
           ask_fail(err, ASK_ERR_USAGE,
                    "--clips says how many to make; it is needed, except with --audit");
}

static bool do_all(findings *f, const cli_call *call, const values *v, ask_error *err)
{
    cli_console console;
    if (!check(v, err)) return false;
    cli_console_open(&console, call->output);
    bool ok = (v->n_clips == 0 || make(f, call, v, &console.progress, err)) &&
              ask_world_open(&f->info, f->dir, err) &&
              (!v->audit || audit(f, call, &console.progress, err));
    cli_console_close(&console);
    return ok;
}

/* ---- as text ---- */

/* A share with two digits, or a dash. */
static void text_share(ask_str *out, double share)
{
    if (isnan(share))
        ask_str_append(out, "      -");
    else
        ask_str_printf(out, "%7.2f", share);
}

static void text_row(ask_str *out, ask_question_type type, const ask_audit_row *r)
{
    ask_str_printf(out, "%-9s %6lld", ask_question_type_name(type), (long long)r->n);
    for (int i = 0; i < ASK_N_OPTIONS; i++)
        text_share(out, (double)r->at_place[i] / (double)r->n);
    text_share(out, r->blind);
    text_share(out, r->majority);
    text_share(out, r->random_frame);
    text_share(out, r->histogram);
    text_share(out, r->moment_median);
    text_share(out, (double)r->n_judged / (double)r->n);
    ask_str_append_char(out, '\n');
}

static void text_audit(ask_str *out, const findings *f)
{
    ask_str_append(out, "\n                 right option at place      right answers by\n"
                        "type           n      1      2      3      4  blind  major"
                        "  frame colors moment judged\n");
    for (int type = 0; type < ASK_N_QUESTION_TYPES; type++)
        text_row(out, (ask_question_type)type, &f->audit.rows[type]);
    ask_str_printf(
        out,
        "\nblind: from words alone; major: the commonest answer; frame: one random "
        "frame;\ncolors: the most alike clip; moment: median share of the clip; "
        "judged: share of\nquestions whose moment is at most %d %% of it. Chance "
        "is 0.25.\ncontact sheet: %s\n",
        ASK_MOMENT_JUDGED_PERCENT, f->sheet);
}

static void as_text(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_str_printf(out, "%s: %lld clips of seed %lld, split %s", f->dir,
                   (long long)f->info.n_ready, (long long)f->info.seed,
                   ask_split_name(f->info.split));
    if (f->made)
        ask_str_printf(out, "; %lld made, %lld were there", (long long)f->result.n_made,
                       (long long)f->result.n_kept);
    ask_str_append_char(out, '\n');
    if (f->audited) text_audit(out, f);
}

/* ---- as JSON: docs/formats.md ---- */

static void json_share(ask_json_writer *w, const char *key, double share)
{
    if (!isnan(share)) ask_json_put_double(w, key, share);
}

static void json_row(ask_json_writer *w, ask_question_type type, const ask_audit_row *r)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "type", ask_question_type_name(type));
    ask_json_put_int(w, "n", r->n);
    ask_json_open_array(w, "at_place");
    for (int i = 0; i < ASK_N_OPTIONS; i++) ask_json_put_int(w, NULL, r->at_place[i]);
    ask_json_close(w);
    json_share(w, "blind", r->blind);
    json_share(w, "majority", r->majority);
    json_share(w, "random_frame", r->random_frame);
    json_share(w, "histogram", r->histogram);
    ask_json_put_int(w, "n_judged", r->n_judged);
    json_share(w, "moment_median", r->moment_median);
    ask_json_close(w);
}

static void json_audit(ask_json_writer *w, const findings *f)
{
    ask_json_open_object(w, "audit");
    ask_json_put_string(w, "schema", "askance.world.audit/1");
    ask_json_put_int(w, "n_clips", f->audit.n_clips);
    ask_json_put_string(w, "contact_sheet", f->sheet);
    ask_json_open_array(w, "types");
    for (int type = 0; type < ASK_N_QUESTION_TYPES; type++)
        json_row(w, (ask_question_type)type, &f->audit.rows[type]);
    ask_json_close(w);
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const findings *f = what;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.world.result/1");
    ask_json_put_string(&w, "dir", f->dir);
    ask_json_put_int(&w, "seed", (int64_t)f->info.seed);
    ask_json_put_string(&w, "split", ask_split_name(f->info.split));
    ask_json_put_int(&w, "n_clips", f->info.n_clips);
    ask_json_put_int(&w, "n_ready", f->info.n_ready);
    if (f->made) {
        ask_json_put_int(&w, "n_made", f->result.n_made);
        ask_json_put_int(&w, "n_kept", f->result.n_kept);
    }
    if (f->audited) json_audit(&w, f);
    ask_json_open_object(&w, "notes");
    if (!f->made) ask_json_put_string(&w, "n_made", "no clips were asked for; use --clips");
    if (!f->made) ask_json_put_string(&w, "n_kept", "no clips were asked for; use --clips");
    if (!f->audited) ask_json_put_string(&w, "audit", "not asked for; use --audit");
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    findings f = {.dir = call->arguments->items[0]};
    bool ok = do_all(&f, call, given, err) &&
              cli_output_result(call->output, as_text, as_json, &f, err);
    free(f.sheet);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {.seed = 1, .split = "train"};

static const cli_option options[] = {
    {.name = "clips",
     .kind = CLI_INT,
     .at = offsetof(values, n_clips),
     .min = 1,
     .max = ASK_WORLD_MOST_CLIPS,
     .argument = "N",
     .help = "make N clips; those that are there already stay"},
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(values, seed),
     .min = 0,
     .max = 9e15,
     .argument = "S",
     .help = "make the clips of seed S (1)"},
    {.name = "split",
     .kind = CLI_TEXT,
     .at = offsetof(values, split),
     .argument = "train|val|test",
     .help = "the part of the world; only test has all compositions (train)"},
    {.name = "audit",
     .kind = CLI_FLAG,
     .at = offsetof(values, audit),
     .help = "tell how far one gets without looking; draw OUT/contact.png"},
    {0},
};

const cli_command cli_world_command = {
    .name = "world",
    .summary = "Make clips of moving toys, with all that is true of them",
    .arguments = "OUT",
    .min_arguments = 1,
    .max_arguments = 1,
    .description =
        "The folder OUT gets world.json, clips/000000.mp4 and truth/000000.json and so "
        "on.\n"
        "The truth holds objects with boxes and masks, events with times, captions,\n"
        "questions with four options and the moment that answers them, and things to\n"
        "look for. The same seed gives the same truth on every machine.\n\n"
        "An interrupted world is continued by the same command; a folder that holds\n"
        "anything else is refused. Without --clips, --audit looks at what is there.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
