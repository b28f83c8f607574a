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

#include "focus/calibration.h"
#include "focus/curve.h"
#include "focus/look.h"

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
} ask_survey_job;

/* Refuses an empty text and one that is not UTF-8; what: "the text". Fails: ASK_ERR_USAGE.
 */
ASK_API bool ask_survey_check_text(const char *text, const char *what, ask_error *err);

/* n_tokens of the plan is that of the first text; unknown_words is of any. Fails as
 * ask_find_plan_make does. */
ASK_API bool ask_survey_plan(ask_find_plan *out, const ask_survey_job *job, ask_error *err);

typedef struct {
    ask_look look; // owned
    float *texts;  // owned; [n_texts + n_background + n_random, n_embed]: those of the
                   // job, then the prompts of the calibration
    ask_curve_chance chance; // owned
    double texts_s;          // what embedding the texts took
} ask_survey;

/* Looks at the times of the plan. A container may promise more than there is; when that
 * shows, the frames are counted and the plan is made anew. The plan's images are then those
 * that were looked at. Fails as ask_find does; *plan stays valid. */
ASK_API bool ask_survey_run(ask_survey *out, ask_find_plan *plan, const ask_survey_job *job,
                            ask_error *err);
ASK_API void ask_survey_free(ask_survey *s); // leaves {0}

/* The i-th text of the job against the frames; borrows from the survey. */
ASK_API ask_curve_input ask_survey_curve(const ask_survey *s, const ask_survey_job *job,
                                         int i);

#endif
