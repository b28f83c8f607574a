/* data/dataset.h - published sets of questions about videos, read exactly as published.
 *
 *     ask_dataset *d = ask_dataset_open("nextqa", "NExT-QA", "val", NULL, err);
 *     if (!d) goto fail;
 *     const ask_data_record *r = ask_dataset_records(d, &n);
 *     ...
 *     ask_dataset_close(d);
 *
 * Every set gives the same records, whatever its files look like. Videos are named, never
 * opened. What is malformed is an error that names file, line or index, and key. What is
 * well formed but odd (a question twice, a video that is not there, an answer that is none
 * of the options) is read and noticed: nothing is left out silently.
 *
 * Texts stay as they are published: no lower case, no added question mark. */
#ifndef ASK_DATA_DATASET_H
#define ASK_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"
#include "base/log.h"

/* ---- records ---- */

typedef enum {
    ASK_DATA_CHOICE,   // one of the options is right
    ASK_DATA_OPEN,     // the answer is a word or a phrase
    ASK_DATA_COUNT,    // the answer is a number
    ASK_DATA_RETRIEVE, // the answer is where in the video it is
    ASK_DATA_N_KINDS,
} ask_data_kind;

ASK_API const char *ask_data_kind_name(ask_data_kind kind); // "choice", "open", ...

typedef struct {
    double start_s, end_s; // start_s <= end_s
} ask_data_span;

/* What a set says a question is of: {"type", "CW"}. A question may have several of one
 * group. */
typedef struct {
    const char *group, *name;
} ask_data_tag;

/* Something that happens in what the question is about. Its times are seconds where
 * events_s is; EgoTaskQA counts frames. */
typedef struct {
    int class_index; // into the set's classes, where it has a list of them
    ask_data_span at;
} ask_data_event;

/* What is told about one frame of what the question is about. Classes are named; without
 * the set's lists of names beside, by their ids ("o003"). */
typedef struct {
    const char *name;
    bool has_box;
    double box[4]; // left, top, right, bottom in pixels of the video
} ask_data_object;

typedef struct {
    const char *subject, *name, *object; // "person", "holding", "cup"
} ask_data_relation;

typedef struct {
    int64_t frame; // from 1 on
    double t_s;    // when it is on display; -1: nobody told how fast the video runs
    int n_objects;
    const ask_data_object *objects;
    int n_relations;
    const ask_data_relation *relations;
    int n_actions;
    const char *const *actions; // going on
} ask_data_situation;

/* How worth seeing one clip of the video is for the query, as each annotator says. */
typedef struct {
    int clip; // covers seconds clip * clip_s to (clip + 1) * clip_s
    int scores[3];
} ask_data_saliency;

/* Where the vectors of a question are that a set tells instead of its words: array
 * [0, question, choice], of shape [1 + n_options, n_tokens, width], is the question and
 * then each option. */
typedef struct {
    const char
        *array; // in the HDF5 file that the set's file is: "/SEQUENCE/data/VIDEO/features"
    int64_t question, choice;
    int64_t n_tokens, width;
} ask_data_vectors;

/* One question. What a set does not tell, or hides, is NULL, 0 or -1 as said. */
typedef struct {
    const char *id;         // of the question; unique unless noticed
    const char *video;      // as the set names it
    const char *video_path; // its file; NULL: not found, or nobody told where videos are
    const char *features;   // what published stores of features call it; often the video
    double video_s;         // how long the set says the video is; 0: it does not
    double origin_s;        // when in the film from which it was cut the video begins; 0
                            // also where nobody says
    bool has_clip;          // the question is about a part of the video
    ask_data_span clip;     // that part
    const char *question;   // "", as are the options, where only vectors are told
    const ask_data_vectors *vectors; // NULL: words are told
    const char *language;            // BCP 47: "en"
    ask_data_kind kind;

    int n_options; // 0 unless there is a choice
    const char *const *options;
    const char *const *option_tags; // what each option is; NULL: the set does not say
    int answer_index;               // the right option; -1: hidden, or no choice
    const char *answer;             // the right option's text, or the word; NULL: hidden
    const char *other_answer;       // as right as answer; NULL: none
    bool has_count;
    int64_t count; // the answer of ASK_DATA_COUNT

    int n_tags;
    const ask_data_tag *tags;
    int n_windows; // where in the video the answer shows; 0: not told
    const ask_data_span *windows;
    int n_saliency;
    const ask_data_saliency *saliency;
    double clip_s;   // of saliency
    double events_s; // how long what the events' times are counted in is; 0: no events told
    int n_events;
    const ask_data_event *events;
    int n_situations;
    const ask_data_situation *situations; // frames that are annotated, in their order
    const char *subtitles;                // file; NULL: none found

    const char *file; // from which this comes
    size_t row;       // its line, or the index in its array
} ask_data_record;

/* ---- what was noticed ---- */

typedef enum {
    ASK_DATA_DUPLICATE_ID,    // a question id that was there before
    ASK_DATA_NO_ANSWER,       // of a test split only where others are told
    ASK_DATA_UNKNOWN_ANSWER,  // the answer is none of the options
    ASK_DATA_UNLISTED_ANSWER, // not in the vocabulary; told once for each answer
    ASK_DATA_MISMATCH,        // two places of the set that should agree do not
    ASK_DATA_OUTSIDE,         // a time outside of the video or clip that it is about
    ASK_DATA_MISSING_VIDEO,   // told once for each video
    ASK_DATA_MISSING_EVENTS,  // a question that the file of events does not have
    ASK_DATA_UNKNOWN_EVENT,   // an event or object of a class that the set does not list;
                              // told once for each class
    ASK_DATA_ODD_TYPE,        // a type of question that the set does not document
    ASK_DATA_N_NOTICES,
} ask_data_notice_kind;

ASK_API const char *ask_data_notice_name(ask_data_notice_kind kind); // "duplicate_id", ...

typedef struct {
    ask_data_notice_kind kind;
    const char *text; // one line: file, line or index, what
} ask_data_notice;

/* ---- the set ---- */

typedef struct {
    size_t struct_size; // set by ask_data_defaults; lets fields be added later
    bool strict;        // what would be noticed is an error
    const char *videos; // folder of the videos; NULL: "videos", "video", "gifs" or
                        // "vision/raw" beside the files, the first that is there, and when
                        // none is, videos are not looked for
    const char *events; // file of events for a set that comes without, or other ones:
                        // {key: {"duration": s, "actions": [[class, ..., start, end]]}} by
                        // question or by video, as Glance-Focus has it for STAR; by video
                        // of all of it; NULL: none
    const ask_cancel *cancel; // a wish to stop; may be NULL
} ask_data_options;

ASK_API ask_data_options ask_data_defaults(void);

/* Read-only, so threads may share it. Owns all that it gives. */
typedef struct ask_dataset ask_dataset;

/* Reads one split of a set.
 *
 * set    its name: one of ask_data_set_at
 * path   the folder with the files as published, or the file of questions itself
 * split  "train", "val", "test": as the set has them. NULL: of a folder the first of val,
 *        test and train that is there; of a file, what its name says
 * opt    NULL for the defaults
 * Fails: ASK_ERR_USAGE for an unknown set or split; ASK_ERR_IO when the split's file is not
 * there or unreadable; ASK_ERR_FORMAT for malformed files, an empty split, and under strict
 * for what is noticed; ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API ask_dataset *ask_dataset_open(const char *set, const char *path, const char *split,
                                      const ask_data_options *opt, ask_error *err);
ASK_API void ask_dataset_close(ask_dataset *d); // NULL is fine

/* The questions in the order of the file; never none. */
ASK_API const ask_data_record *ask_dataset_records(const ask_dataset *d, size_t *n);

/* What was noticed, in the order in which it was; NULL and 0 when nothing was. */
ASK_API const ask_data_notice *ask_dataset_report(const ask_dataset *d, size_t *n);

/* The names of the classes of events; index is ask_data_event.class_index. NULL and 0 where
 * the set has no list of them. */
ASK_API const char *const *ask_dataset_classes(const ask_dataset *d, int *n);

/* The answers that networks for the set choose from, published beside it, in their order
 * there; its first may stand for no and for unknown answers. NULL and 0 where the set has
 * none. */
ASK_API const char *const *ask_dataset_answers(const ask_dataset *d, int *n);

ASK_API const char *ask_dataset_file(const ask_dataset *d);  // the file of questions
ASK_API const char *ask_dataset_split(const ask_dataset *d); // NULL: nobody said
ASK_API bool ask_dataset_has_videos(const ask_dataset *d);   // whether they were looked for

/* The sets that can be read: name and a few words; false past the last. */
typedef struct {
    const char *name;  // "nextqa"
    const char *title; // "NExT-QA (multiple choice)"
    const char *file;  // its file of questions, "*" for the split: "*_mc.csv"
} ask_data_set_info;

ASK_API bool ask_data_set_at(ask_data_set_info *out, size_t i);

#endif
