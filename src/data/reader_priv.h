/* data/reader_priv.h - what the readers of the sets share.
 *
 * A reader is a function that takes the text of a file of questions and adds records. It
 * checks keys and types and fails at the first that is wrong; oddities it notices. What is
 * the same for all sets (ids that come twice, videos, an empty split) is dataset.c's. */
#ifndef ASK_DATA_READER_PRIV_H
#define ASK_DATA_READER_PRIV_H

#include "base/arena.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "data/dataset.h"
#include "data/names_priv.h"

/* ---- files ---- */

typedef struct {
    const char *name; // stands in front of messages
    const char *text; // borrowed; no NUL needs to follow
    size_t bytes;
} data_text;

/* A file that is mapped as a text. Starts as {0}. */
typedef struct {
    ask_map map;
    data_text text;
} data_file;

bool data_file_open(data_file *out, const char *path, ask_error *err);
void data_file_close(data_file *f); // leaves {0}; {0} is fine

/* What a file of JSON holds one after the other. */
typedef enum {
    DATA_LINES,  // JSON lines: one value on each line; empty lines are skipped
    DATA_ARRAY,  // one array: its items
    DATA_OBJECT, // one object: its members
} data_layout;

/* Walks over a file's items; each is parsed alone, so that the memory needed is that of the
 * longest item whatever the file's size.
 *
 *     data_items it = {.text = text, .layout = DATA_LINES};
 *     while (data_items_next(&it, err)) use(it.value);
 *     ok = data_items_end(&it);
 *
 * Messages begin with "file:line" for lines, "file[index]" for arrays and "file[\"key\"]"
 * for objects. Repeated keys of the outermost object are given one after the other. */
typedef struct {
    data_text text;
    data_layout layout;
    ask_json_value value; // of the item; until the next call
    const char *key;      // of a member
    size_t row;           // line from 1, or index from 0
    // private to items.c
    size_t at, index, line;
    ask_json *doc, *key_doc;
    char *name;
    bool begun, ended;
} data_items;

bool data_items_next(data_items *it, ask_error *err); // false: no more, or failed
bool data_items_end(data_items *it);                  // frees; whether the walk ended well

/* Walks over the lines of a text as data_items over items. Spaces around a line are left
 * out, and so are empty lines and a byte order mark. Fails: ASK_ERR_FORMAT with "file:line"
 * for what is not UTF-8, ASK_ERR_NOMEM. */
typedef struct {
    data_text text;
    const char *line; // until the next call
    size_t row;       // from 1
    // private to lines.c
    size_t at;
    ask_str buffer;
    bool ended;
} data_lines;

bool data_lines_next(data_lines *it, ask_error *err); // false: no more, or failed
bool data_lines_end(data_lines *it);                  // frees; whether the walk ended well

/* ---- building ---- */

typedef struct data_event_format data_event_format;

typedef struct {
    const char *const *texts;
    const size_t *rows; // the line of each; NULL: of JSON
    int n;
} data_list;

typedef struct {
    ask_arena *arena;
    const char *dir;    // where the file of questions is
    const char *file;   // its path
    bool in_array;      // rows are indices of its array, not lines
    const char *split;  // NULL: unknown
    const char *videos; // folder; NULL: none
    ask_data_record *records;
    size_t n_records, record_capacity;
    ask_data_notice *notices;
    size_t n_notices, notice_capacity;
    const char *const *classes;
    int n_classes;
    data_list answers;                     // the vocabulary, where the set has one
    bool answers_told;                     // also of a test split
    const data_event_format *event_format; // of the file that data_events_read is given
    data_names unlisted;                   // classes that were noticed
    const ask_cancel *cancel;
    bool no_memory; // an allocation failed; the next data_add says so
} data_build;

void data_build_free(data_build *b); // all that it owns; leaves {0}

/* Memory from the build's arena, zeroed. NULL sets no_memory; n == 0 gives NULL. */
void *data_array(data_build *b, size_t n, size_t item_bytes);

/* A copy of a text; NULL for NULL. Never NULL otherwise: "" when there is no memory. */
const char *data_copy(data_build *b, const char *text);
const char *data_printf(data_build *b, const char *format, ...) ASK_PRINTF(2, 3);

/* A pattern with its '*', if it has one, replaced. */
const char *data_fill_in(data_build *b, const char *pattern, const char *word);

/* Adds a record with what is in *r; its texts and arrays are the arena's already. The
 * language is "en" and features the video unless given. Fails: ASK_ERR_NOMEM,
 * ASK_ERR_CANCELLED. */
bool data_add(data_build *b, const ask_data_record *r, ask_error *err);

/* Notices something, in words that begin with where it is; _at puts the place of a record,
 * added or not yet, in front. Fails: ASK_ERR_NOMEM. */
bool data_notice(data_build *b, ask_data_notice_kind kind, ask_error *err,
                 const char *format, ...) ASK_PRINTF(4, 5);
bool data_notice_at(data_build *b, ask_data_notice_kind kind, const ask_data_record *r,
                    ask_error *err, const char *format, ...) ASK_PRINTF(5, 6);

/* Fails with ASK_ERR_FORMAT and the place of a row. Returns false. */
bool data_fail_at(const data_build *b, size_t row, ask_error *err, const char *format, ...)
    ASK_PRINTF(4, 5);

/* Adds a tag to a record that is being filled; name NULL or "" adds nothing. */
void data_tag(data_build *b, ask_data_record *r, const char *group, const char *name);

/* Tells a record's answer: by the text of an option (that is none of them is noticed, and
 * answer_index is -1), by the index of an option, or by a word. */
bool data_answer_text(data_build *b, ask_data_record *r, const char *text, ask_error *err);
void data_answer_index(ask_data_record *r, int index);
void data_answer_word(data_build *b, ask_data_record *r, const char *word);
/* The same of a word that may be NULL: then data_answer_hidden. */
bool data_answer_word_if_any(data_build *b, ask_data_record *r, const char *word,
                             ask_error *err);

/* There is no answer: noticed unless this is a test split, where dataset.c sees whether all
 * are hidden. */
bool data_answer_hidden(data_build *b, ask_data_record *r, ask_error *err);
bool data_notice_unanswered(data_build *b, const ask_data_record *r, ask_error *err);

bool data_is_test(const data_build *b);
bool data_is_answered(const ask_data_record *r); // of ASK_DATA_RETRIEVE: has windows

/* Notices a span that reaches beyond [0, length_s]. what: "window" */
bool data_check_span(data_build *b, const ask_data_record *r, ask_data_span span,
                     double length_s, const char *what, ask_error *err);

/* The path of a file or folder beside the questions; NULL when it is not there. Fails:
 * ASK_ERR_NOMEM. */
bool data_find_beside(data_build *b, const char **out, const char *name, ask_error *err);

/* Opens a file beside the questions; where it is not there, *out is {0}. To be closed also
 * after failure. */
bool data_open_beside(data_build *b, data_file *out, const char *name, ask_error *err);

/* Maps a file and has it read. */
bool data_with_file(data_build *b, const char *path,
                    bool (*read)(data_build *b, data_text text, ask_error *err),
                    ask_error *err);

/* ---- of JSON items ---- */

/* An array of strings; n < 0: any number from 1 on. */
bool data_get_texts(data_build *b, const char *const **out, int *n_out, ask_json_value v,
                    const char *path, int n, ask_error *err);

/* [start, end] in seconds, both finite and in order; and an array of such. */
bool data_get_span(ask_data_span *out, ask_json_value v, const char *path, ask_error *err);
bool data_get_spans(data_build *b, const ask_data_span **out, int *n_out, ask_json_value v,
                    const char *path, ask_error *err);

/* A string that must not be empty, copied. */
bool data_get_text(data_build *b, const char **out, ask_json_value v, const char *path,
                   ask_error *err);

/* A string or an integer, as text: some files have one where others have the other. */
bool data_get_id(data_build *b, const char **out, ask_json_value v, const char *path,
                 ask_error *err);

/* ---- events ---- */

typedef struct {
    double duration_s; // what the times are counted in; 0: the file does not have the key
    ask_data_event *events;
    int n;
} data_event_list;

/* A file of events is one object, with a member for each key. */
typedef const char *data_event_key(const ask_data_record *r);
enum { DATA_EVENT_KEYS = 3 };

struct data_event_format {
    /* What the member is called that has a record's events: the first that is there. */
    data_event_key *keys[DATA_EVENT_KEYS];
    bool (*read)(data_build *b, data_event_list *out, const data_items *it, ask_error *err);
};

/* {"duration": 7.8, "actions": [[class, ..., start, end], ...]}, by features. */
extern const data_event_format data_actions_format;

/* Whether a class that a list does not have comes for the first time: noticed once. */
bool data_is_new_unlisted(data_build *b, bool *is_new, const char *id, ask_error *err);

/* Notices a class that the set's classes, told by a file, do not have. */
bool data_check_class(data_build *b, const data_items *it, int class_index,
                      const char *file, ask_error *err);

/* Gives each record its events of a file in the folder, if that is there. */
bool data_read_events(data_build *b, const char *name, const data_event_format *format,
                      ask_error *err);
bool data_events_read(data_build *b, data_text text, ask_error *err); // of the file's text

/* Gives each record its events of a file that the caller named, by question, by features or
 * by video, in place of those it has; and the classes of action_mapping.txt beside that
 * file, if it is there and the set has none. */
bool data_read_given_events(data_build *b, const char *path, ask_error *err);

/* ---- lists ---- */

/* Reads numbered texts beside the questions; *out is untouched when the file is not there.
 * Of JSON, the value at key (NULL: all of it) may be a list, an object of numbers by texts,
 * or one of texts by numbers; what is none of these is noticed and not used, as not all of
 * these files are described anywhere. */
bool data_read_json_list(data_build *b, data_list *out, const char *name, const char *key,
                         ask_error *err);
bool data_read_line_list(data_build *b, data_list *out, const char *name, ask_error *err);

/* The same of the files' texts. */
bool data_parse_json_list(data_build *b, data_list *out, const char *key, data_text text,
                          ask_error *err);
bool data_parse_line_list(data_build *b, data_list *out, data_text text, ask_error *err);

/* Notices each answer that the vocabulary, where there is one, does not have: once. */
bool data_check_vocabulary(data_build *b, ask_error *err);

/* ---- classes ---- */

typedef struct {
    const char *const *ids, *const *names; // "a013", "v003 o021"
    int n;
} data_classes;

/* Reads a list of classes beside the questions; *out is untouched when it is not there. */
bool data_read_class_file(data_build *b, data_classes *out, const char *name,
                          ask_error *err);
bool data_parse_classes(data_build *b, data_classes *out, data_text text, ask_error *err);

#define DATA_CLASSES_FILE "action_mapping.txt"

/* The set's own classes, of DATA_CLASSES_FILE, if that is there; and of such a file's text.
 */
bool data_read_classes(data_build *b, ask_error *err);
bool data_classes_read(data_build *b, data_text text, ask_error *err);

/* ---- of tables ---- */

/* A cell that must not be empty, copied. */
bool data_cell(data_build *b, const char **out, const ask_csv *t, size_t row, int column,
               ask_error *err);

/* The columns prefix0, prefix1, ...: n of them, from first on. */
bool data_find_columns(int *columns, int n, const ask_csv *t, const char *prefix, int first,
                       ask_error *err);

/* Gives the record the texts of n columns as its options; none may be empty. */
bool data_cells(data_build *b, ask_data_record *r, const ask_csv *t, size_t row,
                const int *columns, int n, ask_error *err);

/* ---- the sets ---- */

typedef struct {
    const char *name;    // as the user says it
    const char *in_file; // as the files' names have it
} data_split;

enum { DATA_MOST_SPLITS = 4, DATA_MOST_FILES = 4 };

typedef struct {
    const char *name, *title;
    data_split splits[DATA_MOST_SPLITS];
    const char *files[DATA_MOST_FILES]; // '*', if any, stands for the split; the first
                                        // that is there is read
    const char *map;        // a file beside them that gives videos' paths; NULL: none
    const char *video_file; // what a video's file is called: "*_out"; NULL: as the video
    const char *subtitles;  // "transcript/*.vtt": '*' stands for the video; NULL: none
    bool (*read)(data_build *b, data_text text, ask_error *err);
    /* Instead of read, where questions are not one text: reads b->file, a folder or another
     * kind of file, and has b->file name what the records that it adds are in. */
    bool (*read_path)(data_build *b, ask_error *err);
    /* Reads what is beside the file of questions; NULL: nothing is. */
    bool (*read_more)(data_build *b, ask_error *err);
} data_set;

extern const data_set data_sets[]; // ends with {0}

bool data_star_read(data_build *b, data_text text, ask_error *err);
bool data_star_lines_read(data_build *b, data_text text, ask_error *err);
bool data_star_lines_read_more(data_build *b, ask_error *err);
bool data_nextqa_read(data_build *b, data_text text, ask_error *err);
bool data_nextqa_open_read(data_build *b, data_text text, ask_error *err);
bool data_nextqa_open_read_more(data_build *b, ask_error *err);
bool data_nextgqa_read(data_build *b, data_text text, ask_error *err);
bool data_nextgqa_read_more(data_build *b, ask_error *err);
bool data_agqa_read(data_build *b, data_text text, ask_error *err);
bool data_agqa_read_more(data_build *b, ask_error *err);
bool data_egotaskqa_read(data_build *b, data_text text, ask_error *err);
bool data_egotaskqa_read_more(data_build *b, ask_error *err);
bool data_msvd_read(data_build *b, data_text text, ask_error *err);
bool data_msrvtt_read(data_build *b, data_text text, ask_error *err);
bool data_activitynet_read(data_build *b, data_text text, ask_error *err);
bool data_activitynet_read_more(data_build *b, ask_error *err);
bool data_tgif_action_read(data_build *b, data_text text, ask_error *err);
bool data_tgif_transition_read(data_build *b, data_text text, ask_error *err);
bool data_tgif_count_read(data_build *b, data_text text, ask_error *err);
bool data_tgif_frame_read(data_build *b, data_text text, ask_error *err);
bool data_qvhighlights_read(data_build *b, data_text text, ask_error *err);
bool data_socialiq2_read(data_build *b, data_text text, ask_error *err);
bool data_socialiq2_read_more(data_build *b, ask_error *err);
bool data_socialiq_read(data_build *b, data_text text, ask_error *err);
bool data_socialiq_read_path(data_build *b, ask_error *err);
bool data_socialiq_vectors_read_path(data_build *b, ask_error *err);
bool data_tinysocial_read(data_build *b, data_text text, ask_error *err);
bool data_video_chatgpt_read(data_build *b, data_text text, ask_error *err);
bool data_own_lines_read(data_build *b, data_text text, ask_error *err);
bool data_own_table_read(data_build *b, data_text text, ask_error *err);

#endif
