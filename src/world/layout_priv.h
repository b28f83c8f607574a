/* world/layout_priv.h - how a layout is written.
 *
 * A layout is a row of layout.c's table and a file layout_<name>.c. Its files are open
 * together: first `begin` adds to them, then each clip of the world in order, then `end`;
 * what was added goes to disk after each call, and all files take their places at the end.
 * What has a file of its own for each clip (pictures, masks) is written as it comes. */
#ifndef ASK_WORLD_LAYOUT_PRIV_H
#define ASK_WORLD_LAYOUT_PRIV_H

#include "base/csv.h"
#include "base/file.h"
#include "base/json_write.h"
#include "world/layout.h"

enum { LAYOUT_MOST_FILES = 10, LAYOUT_VIDEO_CHARS = 24 };

typedef struct {
    ask_str text;          // to be added to; memory that runs out is seen by layout.c
    ask_json_writer json;  // of the whole file; writes to text
    ask_csv_writer table;  // writes to text, with the layout's separator
    ask_file_writer *file; // layout.c's
} layout_file;

typedef struct {
    const char *dir; // DIR/<layout>
    ask_split split;
    const char *split_word; // as the names of files have it
    ask_painter *painter;
    layout_file files[LAYOUT_MOST_FILES]; // in the order of the row's names
    void *state;                          // state_bytes, zeroed before begin
} layout_run;

typedef struct {
    const char *name, *title;
    const char *split_words[ASK_N_SPLITS];
    const char *files[LAYOUT_MOST_FILES]; // below DIR/<layout>; '*' is the split's word
    const char *links[2][2];              // name and target of each
    char separator;                       // of tables
    bool asks;                            // it has the questions of a full world
    size_t state_bytes;
    bool (*begin)(layout_run *r, ask_error *err); // NULL: nothing
    bool (*add)(layout_run *r, const ask_world_clip *c, ask_error *err);
    bool (*end)(layout_run *r, ask_error *err); // NULL: nothing
    void (*free_state)(void *state);            // what the state owns; NULL: nothing
} layout_kind;

/* ---- the layouts ---- */

extern const layout_kind layout_star, layout_nextqa, layout_tgifqa, layout_qvhighlights,
    layout_socialiq2, layout_video_chatgpt, layout_selective_attention, layout_davis,
    layout_sjtu_vis;

/* ---- what they share ---- */

/* What a clip's video is called, without an ending: "000012". */
void layout_video(char out[LAYOUT_VIDEO_CHARS], const ask_world_clip *c);

/* A path below the layout's folder, whose folders are made; freed with free(). NULL:
 * failed. */
char *layout_path(const layout_run *r, ask_error *err, const char *format, ...)
    ASK_PRINTF(3, 4);

/* A time in seconds: an integer where it is whole, as published files have it. */
void layout_put_seconds(ask_json_writer *w, const char *key, int frames);

/* Adds one value to a file of JSON lines: put its members to *w in between. */
ask_json_writer layout_begin_line(layout_file *f);
void layout_end_line(ask_json_writer *w);

/* Adds a row of texts, which ends with NULL, to a file that is a table. */
void layout_put_row(layout_file *f, const char *const *cells);

/* ---- questions ---- */

enum { LAYOUT_FIVE = 5 };

/* A number that no other question of the world has. */
int64_t layout_number(const ask_world_clip *c, int question);

/* Whether it is about the whole clip: layouts that cannot tell a part have only those. */
bool layout_is_whole(const ask_world_clip *c, const ask_world_question *q);

/* Whether it is about the whole clip and can be answered without its options: no "which of
 * these". */
bool layout_is_open(const ask_world_clip *c, const ask_world_question *q);

/* The question's options and a fifth, which is wrong too and stands in a place of its own
 * choice; *answer is where the right one is then. False: it has no fifth. */
bool layout_five_options(const char *out[LAYOUT_FIVE], int *answer, const ask_world_clip *c,
                         int question);

/* The events of a clip as one sentence. */
void layout_tell_events(ask_str *out, const ask_world_clip *c);

#endif
