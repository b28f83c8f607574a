/* focus/survey.h - a video and some texts in one embedding space: what find and ask have in
 * common.
 *
 *     ask_survey_job job = {.video = v, .session = s, .texts = &text, .n_texts = 1,
 *                           .calibration = &c, .sampling = o.sampling};
 *     ask_find_plan plan;
 *     ask_survey seen;
 *     if (!ask_survey_plan(&plan, &job, err) || !ask_survey_run(&seen, &plan, &job, err))
 * ...
 */
#ifndef ASK_FOCUS_SURVEY_H
#define ASK_FOCUS_SURVEY_H

#include "focus/seen.h"

/* All of it is borrowed. */
typedef struct {
    ask_video *video;
    ask_session *session;
    const char *const *texts; // [n_texts], checked by ask_survey_check_text
    int n_texts;              // at least 1
    const ask_calibration *calibration;
    ask_sampling_options sampling;
    const ask_cancel *cancel;     // may be NULL
    const ask_progress *progress; // may be NULL
    const ask_seen *seen; // NULL: nothing was seen before. Else the calibration is that of
                          // its yardstick, and the video may be NULL
} ask_survey_job;

/* Refuses an empty text and one that is not UTF-8; what: "the text". Fails: ASK_ERR_USAGE.
 */
ASK_API bool ask_survey_check_text(const char *text, const char *what, ask_error *err);

/* n_tokens of the plan is that of the first text; unknown_words is of any. Fails as
 * ask_find_plan_make does. */
ASK_API bool ask_survey_plan(ask_find_plan *out, const ask_survey_job *job, ask_error *err);

typedef struct {
    const ask_seen *seen;               // the job's, or what is below
    float *texts;                       // owned; [n_texts, n_embed]: of the job
    double texts_s, decode_s, encode_s; // what it took: texts and prompts; frames
    ask_yardstick yardstick;            // private; {0} where the job brought its own
    ask_seen looked;                    // private
} ask_survey;

/* Looks at the times of the plan, unless they were seen before. Where frames had to be
 * counted for it (focus/seen.h), the plan is made anew. The plan's images are then those
 * that were looked at. *out must not move before ask_survey_free. Fails as ask_find does;
 * *plan stays valid. */
ASK_API bool ask_survey_run(ask_survey *out, ask_find_plan *plan, const ask_survey_job *job,
                            ask_error *err);
ASK_API void ask_survey_free(ask_survey *s); // leaves {0}

/* The i-th text of the job: [n_embed]; borrowed from the survey. */
ASK_API const float *ask_survey_text(const ask_survey *s, int i);

/* A copy of the frames as they were seen, for a result; freed with free(). NULL without
 * memory. */
ASK_API ask_find_frame *ask_survey_copy_frames(const ask_survey *s, ask_error *err);

/* What stands between them: [n + 1] times, as ask_moments_curve takes them; the same. */
ASK_API double *ask_survey_copy_edges(const ask_survey *s, ask_error *err);

#endif
