/* askance inspect - what a video is, and what its time table says. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/dirs.h"
#include "cli/subtitle_stats.h"
#include "cli/time_stats.h"
#include "media/video.h"

typedef struct {
    bool full;
    bool frames;
    bool no_cache;
    double image_fps;
} values;

/* All that is told; borrows from the open video, but owns what is told of subtitles. */
typedef struct {
    const char *path;
    const ask_video_info *info;
    const ask_time_table *table;
    cli_time_stats stats; // of a full table
    char quick_id[17];
    double promised_s; // the duration that the container tells; < 0: none
    bool list_frames;
    cli_subtitle_stats subtitles;
} findings;

/* Whether much less is there than the container promises. */
static bool is_cut_off(const findings *f)
{
    return f->table->full && f->promised_s > 0 &&
           f->table->duration_s < 0.98 * f->promised_s;
}

static bool examine(findings *out, ask_video *video, const char *path, const values *v,
                    ask_error *err)
{
    *out = (findings){
        .path = path,
        .info = ask_video_info_of(video),
        .promised_s = ask_video_outline(video)->duration_s,
        .table =
            v->full || v->frames ? ask_video_table(video, err) : ask_video_outline(video),
        .list_frames = v->frames,
    };
    if (!out->table || !ask_video_quick_id(video, out->quick_id, err)) return false;
    if (out->table->full && !cli_time_stats_of(&out->stats, out->table, err)) return false;
    return cli_subtitle_stats_of(&out->subtitles, video, path, out->table->full, err);
}

static const char *source_name(ask_duration_source source)
{
    switch (source) {
    case ASK_DURATION_CONTAINER:
        return "container";
    case ASK_DURATION_PACKETS:
        return "packets";
    case ASK_DURATION_UNKNOWN:
        break;
    }
    return "unknown";
}

/* ---- long output: sent on its way in pieces ---- */

enum { PIECE_BYTES = 1 << 16 };

/* Where the text goes that is being built. */
typedef struct {
    const cli_call *call;
    ask_str *text;
} sink;

static bool pass_on(const sink *s, ask_error *err)
{
    if (!ask_cancel_check(s->call->cancel, err)) return false;
    bool ok = cli_output_text(s->call->output, s->text, err);
    ask_str_clear(s->text);
    return ok;
}

static bool pass_on_when_long(const sink *s, ask_error *err)
{
    return s->text->length < PIECE_BYTES || pass_on(s, err);
}

/* ---- as text ---- */

static bool is_aspect_known(const ask_video_info *i)
{
    return i->sample_aspect_num > 0;
}

static void text_size(ask_str *out, const ask_video_info *i)
{
    ask_str_printf(out, "size          %d x %d", i->width, i->height);
    if (i->rotation)
        ask_str_printf(out, " (stored as %d x %d, turned by %d degrees)", i->coded_width,
                       i->coded_height, i->rotation);
    ask_str_append_char(out, '\n');
    if (is_aspect_known(i) && i->sample_aspect_num != i->sample_aspect_den)
        ask_str_printf(out,
                       "pixels        %" PRId64 ":%" PRId64
                       ", wide to high; frames are not stretched\n",
                       i->sample_aspect_num, i->sample_aspect_den);
}

static void text_streams(ask_str *out, const ask_video_info *i)
{
    const struct {
        int n;
        const char *kind;
    } rows[] = {
        {i->n_video_streams, "video"},
        {i->n_audio_streams, "audio"},
        {i->n_subtitle_streams, "subtitle"},
        {i->n_other_streams, "other"},
    };
    const char *between = "streams       ";
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        if (rows[k].n == 0) continue;
        ask_str_printf(out, "%s%d %s", between, rows[k].n, rows[k].kind);
        between = ", ";
    }
    ask_str_append_char(out, '\n');
}

static void text_times(ask_str *out, const findings *f)
{
    const ask_time_table *t = f->table;
    if (t->duration_s >= 0)
        ask_str_printf(out, "duration      %.6f s (from the %s)\n", t->duration_s,
                       source_name(t->duration_source));
    else
        ask_str_append(out, "duration      unknown; --full counts\n");
    if (is_cut_off(f))
        ask_str_printf(out, "              the container says %.6f s: cut off?\n",
                       f->promised_s);
    if (t->fps > 0)
        ask_str_printf(out, "rate          %.6g frames/s%s\n", t->fps,
                       !t->full ? ""
                       : t->vfr ? ", variable"
                                : ", constant");
    else
        ask_str_append(out, "rate          unknown; --full counts\n");
    if (t->full)
        ask_str_printf(out, "frames        %" PRId64 "\n", t->n_frames);
    else if (t->n_frames >= 0)
        ask_str_printf(out, "frames        about %" PRId64 "; --full counts\n",
                       t->n_frames);
    else
        ask_str_append(out, "frames        unknown; --full counts\n");
}

static void text_keys(ask_str *out, const findings *f)
{
    const ask_time_table *t = f->table;
    ask_str_printf(out, "key frames    %" PRId64, t->n_keys);
    if (!t->full)
        ask_str_append(out, " in the container's index");
    else if (f->stats.has_key_distance)
        ask_str_printf(out, ", %.6g frames (%.6g s) apart, at most %.6g s",
                       f->stats.key_distance_frames, f->stats.key_distance_s.mean,
                       f->stats.key_distance_s.max);
    ask_str_append_char(out, '\n');
}

static void text_frame_durations(ask_str *out, const cli_spread *s)
{
    ask_str_printf(out, "frame time    %.6f s; least %.6f, median %.6f, most %.6f\n",
                   s->mean, s->min, s->median, s->max);
}

static bool text_frames(const sink *s, const ask_time_table *t, ask_error *err)
{
    ask_str_printf(s->text, "\n%8s %14s %14s %12s\n", "index", "pts", "t_s", "duration_s");
    for (int64_t i = 0; i < t->n_frames; i++) {
        const ask_frame_time *f = &t->frames[i];
        ask_str_printf(s->text, "%8" PRId64 " %14" PRId64 " %14.6f %12.6f%s\n", i, f->pts,
                       f->t_s, f->duration_s, f->key ? " key" : "");
        if (!pass_on_when_long(s, err)) return false;
    }
    return true;
}

static bool as_text(const sink *s, const findings *f, ask_error *err)
{
    const ask_video_info *i = f->info;
    ask_str *out = s->text;
    ask_str_printf(out, "container     %s\n", i->container);
    ask_str_printf(out, "codec         %s\n", i->codec);
    text_size(out, i);
    text_streams(out, i);
    ask_str_printf(out, "time base     %" PRId64 "/%" PRId64 " s\n", i->time_base_num,
                   i->time_base_den);
    text_times(out, f);
    text_keys(out, f);
    if (f->table->full) text_frame_durations(out, &f->stats.frame_s);
    cli_subtitle_stats_text(out, &f->subtitles);
    ask_str_printf(out, "file size     %" PRId64 " bytes\n", i->file_bytes);
    ask_str_printf(out, "quick id      %s\n", f->quick_id);
    return (!f->list_frames || text_frames(s, f->table, err)) && pass_on(s, err);
}

/* ---- as JSON: docs/formats.md ---- */

static void json_id(ask_json_writer *w, const findings *f)
{
    ask_json_open_object(w, "id");
    ask_json_put_int(w, "size", f->info->file_bytes);
    ask_json_put_string(w, "quick", f->quick_id);
    ask_json_close(w);
}

static void json_fraction(ask_json_writer *w, const char *key, int64_t num, int64_t den)
{
    ask_json_open_array(w, key);
    ask_json_put_int(w, NULL, num);
    ask_json_put_int(w, NULL, den);
    ask_json_close(w);
}

static void json_streams(ask_json_writer *w, const ask_video_info *i)
{
    ask_json_open_object(w, "streams");
    ask_json_put_int(w, "video", i->n_video_streams);
    ask_json_put_int(w, "audio", i->n_audio_streams);
    ask_json_put_int(w, "subtitle", i->n_subtitle_streams);
    ask_json_put_int(w, "other", i->n_other_streams);
    ask_json_close(w);
}

static void json_video(ask_json_writer *w, const findings *f)
{
    const ask_video_info *i = f->info;
    const ask_time_table *t = f->table;
    ask_json_open_object(w, "video");
    ask_json_put_string(w, "path", f->path);
    json_id(w, f);
    ask_json_put_string(w, "container", i->container);
    ask_json_put_string(w, "codec", i->codec);
    ask_json_put_int(w, "width", i->width);
    ask_json_put_int(w, "height", i->height);
    ask_json_put_int(w, "coded_width", i->coded_width);
    ask_json_put_int(w, "coded_height", i->coded_height);
    ask_json_put_int(w, "rotation", i->rotation);
    if (is_aspect_known(i))
        json_fraction(w, "sample_aspect", i->sample_aspect_num, i->sample_aspect_den);
    json_streams(w, i);
    json_fraction(w, "time_base", i->time_base_num, i->time_base_den);
    if (t->duration_s >= 0) {
        ask_json_put_double(w, "duration_s", t->duration_s);
        ask_json_put_string(w, "duration_source", source_name(t->duration_source));
    }
    if (t->fps > 0) ask_json_put_double(w, "fps", t->fps);
    if (t->full) {
        ask_json_put_bool(w, "vfr", t->vfr);
        ask_json_put_int(w, "n_frames", t->n_frames);
    } else if (t->n_frames >= 0) {
        ask_json_put_int(w, "n_frames_estimated", t->n_frames);
    }
    ask_json_close(w);
}

static void json_spread(ask_json_writer *w, const char *key, const cli_spread *s)
{
    ask_json_open_object(w, key);
    ask_json_put_double(w, "min", s->min);
    ask_json_put_double(w, "median", s->median);
    ask_json_put_double(w, "mean", s->mean);
    ask_json_put_double(w, "max", s->max);
    ask_json_close(w);
}

static bool json_frames(const sink *s, ask_json_writer *w, const ask_time_table *t,
                        ask_error *err)
{
    ask_json_open_array(w, "frames");
    for (int64_t i = 0; i < t->n_frames; i++) {
        const ask_frame_time *f = &t->frames[i];
        ask_json_open_object(w, NULL);
        ask_json_put_int(w, "index", i);
        ask_json_put_int(w, "pts", f->pts);
        ask_json_put_double(w, "t_s", f->t_s);
        ask_json_put_double(w, "duration_s", f->duration_s);
        ask_json_put_bool(w, "key", f->key);
        ask_json_close(w);
        if (!pass_on_when_long(s, err)) return false;
    }
    ask_json_close(w);
    return true;
}

static bool json_table(const sink *s, ask_json_writer *w, const findings *f, ask_error *err)
{
    const ask_time_table *t = f->table;
    ask_json_open_object(w, "table");
    ask_json_put_string(w, "state", t->full ? "full" : "outline");
    ask_json_put_int(w, "n_keys", t->n_keys);
    if (t->full) json_spread(w, "frame_duration_s", &f->stats.frame_s);
    if (f->stats.has_key_distance) {
        json_spread(w, "key_distance_s", &f->stats.key_distance_s);
        ask_json_put_double(w, "key_distance_frames", f->stats.key_distance_frames);
    }
    if (f->list_frames && !json_frames(s, w, t, err)) return false;
    ask_json_close(w);
    return true;
}

static void json_note(ask_json_writer *w, bool absent, const char *field,
                      const char *reason)
{
    if (absent) ask_json_put_string(w, field, reason);
}

/* Why fields are absent: each by its name. */
static void json_notes(ask_json_writer *w, const findings *f)
{
    const ask_time_table *t = f->table;
    static const char needs_full[] = "known after counting the packets; use --full";
    static const char silent[] = "the container does not tell; use --full";
    static const char no_times[] = "the frames take no time";
    static const char no_aspect[] = "the container does not tell";
    static const char cut_off[] =
        "shorter than the container says: the file may be cut off";
    bool has_no_counts = f->subtitles.n_tracks > 0 && !t->full;
    ask_json_open_object(w, "notes");
    json_note(w, !is_aspect_known(f->info), "video.sample_aspect", no_aspect);
    json_note(w, t->duration_s < 0, "video.duration_s", t->full ? no_times : silent);
    json_note(w, is_cut_off(f), "video.duration_s", cut_off);
    json_note(w, t->fps <= 0, "video.fps", t->full ? no_times : silent);
    json_note(w, !t->full, "video.vfr", needs_full);
    json_note(w, !t->full, "video.n_frames", needs_full);
    json_note(w, !t->full && t->n_frames < 0, "video.n_frames_estimated", silent);
    json_note(w, !f->subtitles.path, "subtitles.file", "there is none beside the video");
    json_note(w, has_no_counts, "subtitles.tracks[].n_cues", needs_full);
    json_note(w, !t->full, "table.frame_duration_s", needs_full);
    json_note(w, !f->stats.has_key_distance, "table.key_distance_s",
              t->full ? "there are fewer than two key frames" : needs_full);
    json_note(w, !f->list_frames, "table.frames", "not asked for; use --frames");
    ask_json_close(w);
}

static bool as_json(const sink *s, const findings *f, ask_error *err)
{
    ask_json_writer w = {.out = s->text, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.inspect/1");
    json_video(&w, f);
    cli_subtitle_stats_json(&w, &f->subtitles);
    if (!json_table(s, &w, f, err)) return false;
    json_notes(&w, f);
    ask_json_close(&w);
    ask_str_append_char(s->text, '\n');
    return pass_on(s, err);
}

/* ---- the command ---- */

static bool inspect(const cli_call *call, const values *v, const char *cache_dir,
                    ask_error *err)
{
    const char *path = call->arguments->items[0];
    cli_console console;
    cli_console_open(&console, call->output);
    ask_video_options options = ask_video_defaults();
    options.image_fps = v->image_fps;
    options.cache_dir = cache_dir;
    options.cancel = call->cancel;
    options.progress = &console.progress;

    findings found;
    ask_video *video = ask_video_open(path, &options, err);
    bool ok = video && examine(&found, video, path, v, err);
    cli_console_close(&console);
    if (ok) {
        ask_str text = {0};
        const sink s = {call, &text};
        ok = call->output->json ? as_json(&s, &found, err) : as_text(&s, &found, err);
        ask_str_free(&text);
        cli_subtitle_stats_free(&found.subtitles);
    }
    ask_video_close(video);
    return ok;
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const values *v = given;
    char *cache_dir = NULL;
    if (!v->no_cache && !cli_cache_dir(&cache_dir, err)) return CLI_FAILED;
    bool ok = inspect(call, v, cache_dir, err);
    free(cache_dir);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {.image_fps = 25};

static const cli_option options[] = {
    {.name = "full",
     .kind = CLI_FLAG,
     .at = offsetof(values, full),
     .help = "count the packets: exact frames, variable rate, statistics"},
    {.name = "frames",
     .kind = CLI_FLAG,
     .at = offsetof(values, frames),
     .help = "list every frame with its times; implies --full"},
    {.name = "image-fps",
     .kind = CLI_REAL,
     .at = offsetof(values, image_fps),
     .min = 0.001,
     .max = 1000,
     .argument = "RATE",
     .help = "images of a folder are shown at RATE a second (25)"},
    {.name = "no-cache",
     .kind = CLI_FLAG,
     .at = offsetof(values, no_cache),
     .help = "neither use nor keep the table in the cache"},
    {0},
};

const cli_command cli_inspect_command = {
    .name = "inspect",
    .summary = "Show what a video is and what its time table says",
    .arguments = "VIDEO",
    .min_arguments = 1,
    .max_arguments = 1,
    .description =
        "VIDEO is a media file, a GIF, or a folder of images. Without --full only what "
        "the\n"
        "container's index tells is shown, however long the video is. With --full all "
        "packets\n"
        "are read, without decoding them, and the table is kept in "
        "$XDG_CACHE_HOME/askance.\n"
        "Times are seconds from the first displayed frame. Subtitles are told with the\n"
        "number of their cues: those of a file beside VIDEO always, tracks with --full.\n\n"
        "Exit status 3 when VIDEO cannot be read, 5 when it is beyond the limits.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
