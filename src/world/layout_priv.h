/* world/layout_priv.h - how a layout is written.
 *
 * A layout is a row of layout.c's table and a file layout_<name>.c. Its files are open
 * together: first `begin` adds to them, then each clip of the world in order, then `end`;
 * what was added goes to disk after each call, and all files take their places at the end.
 * What has a file of its own for each clip (pictures, masks) is written as it comes, after
 * `check` has seen every clip.
 *
 * A file with the split in its name is that of the world. Others are of all splits: lists
 * and maps keep what they have of other splits (layout_merge.c), the splits in their
 * order. */
#ifndef ASK_WORLD_LAYOUT_PRIV_H
#define ASK_WORLD_LAYOUT_PRIV_H

#include "base/csv.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_write.h"
#include "world/layout.h"

enum { LAYOUT_MOST_FILES = 10, LAYOUT_VIDEO_CHARS = 24 };

typedef enum {
    LAYOUT_TEXT,  // as the layout writes it: lines, a table, a document of its own
    LAYOUT_LIST,  // a JSON array of entries
    LAYOUT_MAP,   // a JSON object of entries by name
    LAYOUT_OTHER, // JSON in which the layout itself keeps what was there
} layout_form;

/* A file that the layout keeps open. */
typedef struct {
    const char *name; // below DIR/<layout>; '*' is the split's word; NULL: there is none
    layout_form form; // of LIST and MAP the outermost brackets are put by layout.c
    const char *by;   // LIST of all splits: the key by which entries tell their video
} layout_file_kind;

typedef struct {
    ask_str text;          // to be added to; memory that runs out is seen by layout.c
    ask_json_writer json;  // of the whole file; writes to text
    ask_csv_writer table;  // writes to text, with the layout's separator
    ask_file_writer *file; // layout.c's
    ask_json *old;         // JSON of all splits: what was there; NULL: nothing
} layout_file;

struct layout_kind;

typedef struct {
    const struct layout_kind *kind;
    char *dir; // DIR/<layout>
    ask_split split;
    int64_t n_clips;        // of the world
    const char *split_word; // as the names of files have it
    char *world;            // its folder, as seen from that of links
    ask_painter *painter;
    layout_file files[LAYOUT_MOST_FILES]; // in the order of the row's names
    void *state;                          // state_bytes, zeroed before begin
} layout_run;

typedef struct layout_kind {
    const char *name, *title;
    const char *split_words[ASK_N_SPLITS];
    layout_file_kind files[LAYOUT_MOST_FILES];
    const char *videos;  // folder of links to the clips; NULL: it has no videos
    const char *link[2]; // one more link, and to what
    char separator;      // of tables
    bool asks;           // it has the questions of a full world
    bool alone;          // a file of all splits cannot take those of another world
    size_t state_bytes;
    bool (*begin)(layout_run *r, ask_error *err); // NULL: nothing
    // Whether a clip may take the place of what stands there; NULL: it may.
    bool (*check)(const layout_run *r, const ask_world_clip *c, ask_error *err);
    bool (*add)(layout_run *r, const ask_world_clip *c, ask_error *err);
    bool (*end)(layout_run *r, ask_error *err); // NULL: nothing
    void (*free_state)(void *state);            // what the state owns; NULL: nothing
} layout_kind;

/* ---- the layouts ---- */

extern const layout_kind layout_star, layout_nextqa, layout_tgifqa, layout_qvhighlights,
    layout_socialiq2, layout_video_chatgpt, layout_selective_attention, layout_davis,
    layout_sjtu_vis;

/* ---- what they share ---- */

/* What a clip's video is called, without an ending: "train_000012". */
void layout_video(char out[LAYOUT_VIDEO_CHARS], const ask_world_clip *c);

/* A number that no other clip has, nor one of another split. */
int64_t layout_clip_number(const ask_world_clip *c);

/* A path below the layout's folder, whose folders are made; freed with free(). NULL:
 * failed. */
char *layout_path(const layout_run *r, ask_error *err, const char *format, ...)
    ASK_PRINTF(3, 4);

/* The path of one of the layout's files, whose folder is made; freed with free(). NULL:
 * failed. */
char *layout_file_path(const layout_run *r, int file, ask_error *err);

/* A time in seconds: an integer where it is whole, as published files have it. */
void layout_put_seconds(ask_json_writer *w, const char *key, int frames);

/* Adds one value to a file of JSON lines: put its members to *w in between. */
ask_json_writer layout_begin_line(layout_file *f);
void layout_end_line(ask_json_writer *w);

/* Adds a row of texts, which ends with NULL, to a file that is a table. */
void layout_put_row(layout_file *f, const char *const *cells);

/* ---- events (layout_events.c) ---- */

/* Puts what happens in frames [0, until) of a scene: "key": {"duration", "actions"}. */
void layout_put_timeline(ask_json_writer *w, const char *key, const ask_scene *s,
                         int until);

/* What sets without events have from us, events.json and action_mapping.txt: adds what
 * happens in a clip under its video; puts the names of the classes, "a003 jumps". */
void layout_add_events(layout_file *f, const ask_world_clip *c);
void layout_put_event_names(ask_str *out);

/* ---- files of all splits (layout_merge.c) ---- */

/* The split of a video ("train_000012", also with an ending) or of a question that ends
 * with its number; -1: it is called otherwise. */
int layout_split_of(const char *name);

/* Whether what is called so comes from another split that stands before this one in a file,
 * or else behind it. */
bool layout_is_beside(const layout_run *r, const char *name, bool before);

/* Reads what is there of JSON of all splits, if anything is. */
bool layout_read_old(layout_run *r, int file, ask_error *err);

/* LIST, MAP: puts the entries of splits before this one, or else behind it. */
bool layout_keep(layout_run *r, int file, bool before, ask_error *err);

/* ---- links (layout_links.c) ---- */

/* Makes the folder of links to the clips of a world (its folder), and the one link more. */
bool layout_links_open(layout_run *r, const char *world, ask_error *err);
bool layout_links_add(const layout_run *r, const ask_world_clip *c, ask_error *err);

/* ---- questions ---- */

enum { LAYOUT_FIVE = 5 };

/* A number that no other question has, nor one of another split. */
int64_t layout_number(const ask_world_clip *c, int question);

/* Whether it is about the whole clip: layouts that cannot tell a part have only those. */
bool layout_is_whole(const ask_world_clip *c, const ask_world_question *q);

/* The question's options and a fifth, which is wrong too and stands in a place of its own
 * choice; *answer is where the right one is then. False: it has no fifth. */
bool layout_five_options(const char *out[LAYOUT_FIVE], int *answer, const ask_world_clip *c,
                         int question);

/* The events of a clip as one sentence. */
void layout_tell_events(ask_str *out, const ask_world_clip *c);

#endif
