/* askance world - clips of moving toys, with all that is true of them. */
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/path.h"
#include "cli/clutter.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/world_audit.h"
#include "cli/world_layouts.h"

typedef struct {
    int64_t n_clips; // 0: not asked; none are made
    int64_t seed;
    const char *split;
    bool simple;
    const char *clutter; // NULL: not asked for
    bool audit;
    cli_list layouts;
    const char *into; // NULL: layouts lie beside the clips
} values;

/* What came of it. */
typedef struct {
    const char *dir, *into; // of the world, of its layouts
    bool made;              // clips were asked for
    ask_world_result result;
    ask_world_info info;
    ask_layout_set layouts; // that were written
    bool audited;
    ask_audit audit;
    char *sheet; // owned; the path of the contact sheet
} findings;

/* ---- the work ---- */

static bool take_style(ask_scene_style *out, const values *v, ask_error *err)
{
    *out = v->simple ? ask_scene_simple() : ask_scene_full();
    if (!v->clutter) return true;
    if (v->simple)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a simple world has no clutter: give either "
                        "--simple or --clutter");
    return cli_clutter_parse(out, v->clutter, err);
}

static bool make(findings *f, const cli_call *call, const values *v,
                 const ask_progress *progress, ask_error *err)
{
    ask_world_options o = ask_world_defaults();
    if (!ask_split_parse(&o.split, v->split, err) || !take_style(&o.style, v, err))
        return false;
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
    return v->n_clips > 0 || v->audit || v->layouts.n > 0 ||
           ask_fail(err, ASK_ERR_USAGE,
                    "--clips says how many to make; it is needed, except with --audit and "
                    "--layout");
}

static bool check_into(const values *v, ask_error *err)
{
    return !v->into || v->layouts.n > 0 ||
           ask_fail(err, ASK_ERR_USAGE, "--into is where layouts go: give --layout, too");
}

static bool do_all(findings *f, const cli_call *call, const values *v, ask_error *err)
{
    cli_console console;
    if (!check(v, err) || !check_into(v, err) ||
        !cli_layouts_parse(&f->layouts, &v->layouts, err))
        return false;
    cli_console_open(&console, call->output);
    bool ok =
        (v->n_clips == 0 || make(f, call, v, &console.progress, err)) &&
        ask_world_open(&f->info, f->dir, err) &&
        cli_layouts_write(f->dir, f->into, f->layouts, call, &console.progress, err) &&
        (!v->audit || audit(f, call, &console.progress, err));
    cli_console_close(&console);
    return ok;
}

/* ---- as text ---- */

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
    cli_layouts_text(out, f->into, f->layouts);
    if (f->audited) cli_audit_text(out, &f->audit, f->sheet);
}

/* ---- as JSON: docs/formats.md ---- */

static void json_style(ask_json_writer *w, ask_scene_style style)
{
    ask_json_put_string(w, "kind", style.simple ? "simple" : "full");
    if (style.simple) return;
    ask_json_open_array(w, "clutter");
    ask_json_put_int(w, NULL, style.clutter_low);
    ask_json_put_int(w, NULL, style.clutter_high);
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
    json_style(&w, f->info.style);
    ask_json_put_int(&w, "n_clips", f->info.n_clips);
    ask_json_put_int(&w, "n_ready", f->info.n_ready);
    if (f->made) {
        ask_json_put_int(&w, "n_made", f->result.n_made);
        ask_json_put_int(&w, "n_kept", f->result.n_kept);
    }
    if (f->layouts) cli_layouts_json(&w, "layouts", f->layouts);
    if (f->layouts) ask_json_put_string(&w, "into", f->into);
    if (f->audited) cli_audit_json(&w, &f->audit, f->sheet);
    ask_json_open_object(&w, "notes");
    if (!f->made) ask_json_put_string(&w, "n_made", "no clips were asked for; use --clips");
    if (!f->made) ask_json_put_string(&w, "n_kept", "no clips were asked for; use --clips");
    if (!f->layouts) ask_json_put_string(&w, "layouts", "not asked for; use --layout");
    if (!f->layouts) ask_json_put_string(&w, "into", "no layouts were asked for");
    if (!f->audited) ask_json_put_string(&w, "audit", "not asked for; use --audit");
    if (f->info.style.simple) ask_json_put_string(&w, "clutter", "a simple world has none");
    ask_json_close(&w);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    findings f = {.dir = call->arguments->items[0]};
    f.into = v->into ? v->into : f.dir;
    bool ok = do_all(&f, call, v, err) &&
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
    {.name = "simple",
     .kind = CLI_FLAG,
     .at = offsetof(values, simple),
     .help = "eight kinds of event alone, one toy each, before plain patterns"},
    {.name = "clutter",
     .kind = CLI_TEXT,
     .at = offsetof(values, clutter),
     .argument = "LOW[-HIGH]",
     .help = "what lies behind: 0 nothing, 1 a pattern, 2 fragments, 3 fragments that move "
             "(0-2)"},
    {.name = "layout",
     .kind = CLI_LIST,
     .at = offsetof(values, layouts),
     .argument = "NAME[,NAME]",
     .help = "write OUT/NAME in the layout of a published set; or all"},
    {.name = "into",
     .kind = CLI_TEXT,
     .at = offsetof(values, into),
     .argument = "DIR",
     .help = "write layouts as DIR/NAME, where those of other splits may be (OUT)"},
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
        "anything else is refused. Without --clips, --audit and --layout take what is\n"
        "there.\n\n"
        "Worlds of several splits, each in a folder of its own, make one published set "
        "when\n"
        "their layouts are written --into one folder.\n\n"
        "Layouts: star, nextqa, tgifqa, qvhighlights, socialiq2, video-chatgpt,\n"
        "selective-attention, davis, sjtu-vis. Those of questions need a full world.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
