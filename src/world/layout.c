#include "world/layout_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/options.h"
#include "base/path.h"

static const layout_kind *const layouts[] = {
    &layout_star,
    &layout_nextqa,
    &layout_tgifqa,
    &layout_qvhighlights,
    &layout_socialiq2,
    &layout_video_chatgpt,
    &layout_selective_attention,
    &layout_davis,
    &layout_sjtu_vis,
};

enum { N_LAYOUTS = sizeof layouts / sizeof *layouts };

bool ask_layout_at(ask_layout_info *out, size_t i)
{
    if (i >= N_LAYOUTS) return false;
    *out = (ask_layout_info){layouts[i]->name, layouts[i]->title};
    return true;
}

/* ---- names ---- */

static bool fail_unknown(const char *name, size_t n, ask_error *err)
{
    ask_str known = {0};
    for (size_t i = 0; i < N_LAYOUTS; i++) ask_str_printf(&known, "%s, ", layouts[i]->name);
    ask_fail(err, ASK_ERR_USAGE, "there is no layout \"%.*s\"; there are %sand all",
             (int)(n < 40 ? n : 40), name, ask_str_text(&known));
    ask_str_free(&known);
    return false;
}

/* The layouts of one name of n bytes; 0: unknown. */
static ask_layout_set named(const char *name, size_t n)
{
    if (n == strlen("all") && strncmp(name, "all", n) == 0)
        return ((ask_layout_set)1 << N_LAYOUTS) - 1;
    for (size_t i = 0; i < N_LAYOUTS; i++)
        if (strlen(layouts[i]->name) == n && strncmp(name, layouts[i]->name, n) == 0)
            return (ask_layout_set)1 << i;
    return 0;
}

bool ask_layout_parse(ask_layout_set *set, const char *names, ask_error *err)
{
    ask_layout_set all = 0;
    for (const char *at = names;; at++) {
        size_t n = strcspn(at, ",");
        ask_layout_set of = named(at, n);
        if (!of) return fail_unknown(at, n, err);
        all |= of;
        at += n;
        if (!*at) break;
    }
    *set |= all;
    return true;
}

/* ---- what layouts share ---- */

void layout_video(char out[LAYOUT_VIDEO_CHARS], const ask_world_clip *c)
{
    ask_format(out, LAYOUT_VIDEO_CHARS, "%s_%06lld", ask_split_name(c->scene.split),
               (long long)c->scene.index);
}

int64_t layout_clip_number(const ask_world_clip *c)
{
    return c->scene.index * ASK_N_SPLITS + (int)c->scene.split;
}

static bool make_folder_of(const char *path, ask_error *err)
{
    char *dir = ask_path_dirname(path, err);
    bool ok = dir && ask_dir_make(dir, err);
    free(dir);
    return ok;
}

char *layout_path(const layout_run *r, ask_error *err, const char *format, ...)
{
    ask_str name = {0};
    va_list args;
    va_start(args, format);
    ask_str_vprintf(&name, format, args);
    va_end(args);
    char *text = ask_str_take(&name, err);
    char *path = text ? ask_path_join(r->dir, text, err) : NULL;
    free(text);
    if (path && make_folder_of(path, err)) return path;
    free(path);
    return NULL;
}

char *layout_file_path(const layout_run *r, int file, ask_error *err)
{
    const char *name = r->kind->files[file].name, *star = strchr(name, '*');
    int before = star ? (int)(star - name) : (int)strlen(name);
    return layout_path(r, err, "%.*s%s%s", before, name, star ? r->split_word : "",
                       star ? star + 1 : "");
}

void layout_put_seconds(ask_json_writer *w, const char *key, int frames)
{
    if (frames % ASK_WORLD_FPS == 0)
        ask_json_put_int(w, key, frames / ASK_WORLD_FPS);
    else
        ask_json_put_double(w, key, frames / (double)ASK_WORLD_FPS);
}

ask_json_writer layout_begin_line(layout_file *f)
{
    ask_json_writer w = {.out = &f->text};
    ask_json_open_object(&w, NULL);
    return w;
}

void layout_end_line(ask_json_writer *w)
{
    ask_json_close(w);
    ask_str_append_char(w->out, '\n');
}

void layout_put_row(layout_file *f, const char *const *cells)
{
    for (size_t i = 0; cells[i]; i++) ask_csv_put(&f->table, cells[i]);
    ask_csv_end_row(&f->table);
}

/* ---- opening ---- */

static bool open_file(layout_run *r, int i, ask_error *err)
{
    layout_file *f = &r->files[i];
    char *path = layout_file_path(r, i, err);
    f->json = (ask_json_writer){.out = &f->text};
    f->table = (ask_csv_writer){.out = &f->text, .separator = r->kind->separator};
    f->file = path ? ask_file_writer_open(path, err) : NULL;
    free(path);
    return f->file && layout_read_old(r, i, err);
}

/* Another split may have the same word, and thus the same files. */
static bool check_word(const layout_run *r, ask_error *err)
{
    for (int other = 0; other < ASK_N_SPLITS; other++) {
        const char *name = ask_split_name((ask_split)other);
        if (other == (int)r->split || strcmp(r->kind->split_words[other], r->split_word))
            continue;
        char *path = layout_path(r, err, "%s/%s_000000.mp4", r->kind->videos, name);
        if (!path) return false;
        bool there = ask_file_exists(path);
        free(path);
        if (there)
            return ask_fail(err, ASK_ERR_USAGE,
                            "%s holds split %s, which is called %s there as %s is: name "
                            "another folder",
                            r->dir, name, r->split_word, ask_split_name(r->split));
    }
    return true;
}

/* r is zeroed but for painter, kind and split; freed with close_run, also after failure. */
static bool open_run(layout_run *r, const char *into, const char *world, ask_error *err)
{
    const layout_kind *kind = r->kind;
    r->dir = ask_path_join(into, kind->name, err);
    r->split_word = kind->split_words[r->split];
    r->state = calloc(1, kind->state_bytes + 1);
    if (!r->dir) return false;
    if (!r->state) return ask_fail_memory(err);
    if (!check_word(r, err)) return false;
    for (int i = 0; i < LAYOUT_MOST_FILES && kind->files[i].name; i++)
        if (!open_file(r, i, err)) return false;
    return layout_links_open(r, world, err);
}

static void close_run(layout_run *r)
{
    for (int i = 0; i < LAYOUT_MOST_FILES; i++) {
        ask_file_writer_abort(r->files[i].file);
        ask_json_free(r->files[i].old);
        ask_str_free(&r->files[i].text);
    }
    if (r->state && r->kind->free_state) r->kind->free_state(r->state);
    free(r->state);
    free(r->world);
    free(r->dir);
}

/* ---- writing ---- */

/* What was added to the files goes to them. */
static bool hand_over(layout_run *r, ask_error *err)
{
    for (int i = 0; i < LAYOUT_MOST_FILES && r->files[i].file; i++) {
        layout_file *f = &r->files[i];
        if (f->text.failed) return ask_fail_memory(err);
        if (!ask_file_writer_write(f->file, ask_str_text(&f->text), f->text.length, err))
            return false;
        ask_str_clear(&f->text);
    }
    return true;
}

/* The outermost brackets of lists and maps, and in them what other splits have. */
static bool begin_run(layout_run *r, ask_error *err)
{
    for (int i = 0; i < LAYOUT_MOST_FILES; i++) {
        layout_form form = r->kind->files[i].form;
        if (form == LAYOUT_LIST) ask_json_open_array(&r->files[i].json, NULL);
        if (form == LAYOUT_MAP) ask_json_open_object(&r->files[i].json, NULL);
        if (!layout_keep(r, i, true, err)) return false;
    }
    return (!r->kind->begin || r->kind->begin(r, err)) && hand_over(r, err);
}

static bool end_run(layout_run *r, ask_error *err)
{
    if (r->kind->end && !r->kind->end(r, err)) return false;
    for (int i = 0; i < LAYOUT_MOST_FILES; i++) {
        if (!layout_keep(r, i, false, err)) return false;
        layout_form form = r->kind->files[i].form;
        if (form == LAYOUT_LIST || form == LAYOUT_MAP) ask_json_close(&r->files[i].json);
    }
    return hand_over(r, err);
}

static bool commit(layout_run *r, ask_error *err)
{
    bool ok = true;
    for (int i = 0; i < LAYOUT_MOST_FILES && r->files[i].file && ok; i++) {
        ok = ask_file_writer_commit(r->files[i].file, err);
        r->files[i].file = NULL;
    }
    return ok;
}

/* All that are written at once. */
typedef struct {
    const char *dir, *into;
    ask_world_info info;
    const ask_layout_options *options;
    ask_layout_set set;
    ask_painter *painter;
    layout_run runs[N_LAYOUTS];
} job;

static bool is_chosen(const job *j, int i)
{
    return j->set >> i & 1;
}

static bool begin_all(job *j, ask_error *err)
{
    for (int i = 0; i < N_LAYOUTS; i++) {
        if (!is_chosen(j, i)) continue;
        layout_run *r = &j->runs[i];
        *r = (layout_run){.kind = layouts[i],
                          .split = j->info.split,
                          .n_clips = j->info.n_ready,
                          .painter = j->painter};
        if (!open_run(r, j->into, j->dir, err) || !begin_run(r, err)) return false;
    }
    return true;
}

static bool checks(const job *j)
{
    for (int i = 0; i < N_LAYOUTS; i++)
        if (is_chosen(j, i) && layouts[i]->check) return true;
    return false;
}

static bool check_with(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    return !r->kind->check || r->kind->check(r, c, err);
}

static bool add_to(layout_run *r, const ask_world_clip *c, ask_error *err)
{
    return layout_links_add(r, c, err) && r->kind->add(r, c, err) && hand_over(r, err);
}

typedef bool visitor(layout_run *r, const ask_world_clip *c, ask_error *err);

static bool show_clip(job *j, int64_t index, visitor *visit, ask_error *err)
{
    ask_world_clip clip;
    if (!ask_cancel_check(j->options->cancel, err) ||
        !ask_world_read_clip(&clip, j->dir, &j->info, index, err))
        return false;
    bool ok = true;
    for (int i = 0; i < N_LAYOUTS && ok; i++)
        if (is_chosen(j, i)) ok = visit(&j->runs[i], &clip, err);
    ask_world_clip_free(&clip);
    return ok;
}

static bool check_all(job *j, ask_error *err)
{
    for (int64_t i = 0; i < j->info.n_ready && checks(j); i++)
        if (!show_clip(j, i, check_with, err)) return false;
    return true;
}

static bool add_all(job *j, ask_error *err)
{
    int64_t n = j->info.n_ready;
    for (int64_t i = 0; i < n; i++) {
        if (!show_clip(j, i, add_to, err)) return false;
        ask_progress_send(j->options->progress, i + 1, n, "clips", "writing layouts");
    }
    return true;
}

static bool end_all(job *j, ask_error *err)
{
    for (int i = 0; i < N_LAYOUTS; i++) {
        layout_run *r = &j->runs[i];
        if (is_chosen(j, i) && (!end_run(r, err) || !commit(r, err))) return false;
    }
    return true;
}

static bool write_all(job *j, ask_error *err)
{
    j->painter = ask_painter_new(err);
    bool ok = j->painter && begin_all(j, err) && check_all(j, err) && add_all(j, err) &&
              end_all(j, err);
    for (int i = 0; i < N_LAYOUTS; i++) close_run(&j->runs[i]);
    ask_painter_free(j->painter);
    return ok;
}

/* A simple world's questions have no families, by which layouts sort them. */
static bool check_style(const job *j, ask_error *err)
{
    for (int i = 0; i < N_LAYOUTS && j->info.style.simple; i++)
        if (is_chosen(j, i) && layouts[i]->asks)
            return ask_fail(err, ASK_ERR_USAGE,
                            "%s is a simple world, whose questions are not those of "
                            "layout \"%s\": make one without --simple",
                            j->dir, layouts[i]->name);
    return true;
}

static bool check_into(const job *j, ask_error *err)
{
    bool beside = strcmp(j->into, j->dir) == 0;
    for (int i = 0; i < N_LAYOUTS && !beside; i++)
        if (is_chosen(j, i) && layouts[i]->alone)
            return ask_fail(err, ASK_ERR_USAGE,
                            "layout \"%s\" has a file that cannot take those of several "
                            "worlds: write it beside the world's clips",
                            layouts[i]->name);
    return true;
}

bool ask_world_write_layouts(int64_t *n_clips, const char *dir, ask_layout_set set,
                             const ask_layout_options *opt, ask_error *err)
{
    ask_layout_options o = {.struct_size = sizeof o};
    ask_options_take(&o, sizeof o, opt);
    job j = {.dir = dir, .into = o.into ? o.into : dir, .options = &o, .set = set};
    if (!ask_world_open(&j.info, dir, err)) return false;
    if (j.info.n_ready == 0)
        return ask_fail(err, ASK_ERR_USAGE, "%s holds no clip yet: make some first", dir);
    if (!check_style(&j, err) || !check_into(&j, err)) return false;
    if (!write_all(&j, err)) return ask_fail_in(err, "writing layouts of %s", dir);
    if (n_clips) *n_clips = j.info.n_ready;
    return true;
}
