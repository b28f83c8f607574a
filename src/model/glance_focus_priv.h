/* model/glance_focus_priv.h - Glance-Focus as a checkpoint: the network, and what its
 * folder says beside it. */
#ifndef ASK_MODEL_GLANCE_FOCUS_PRIV_H
#define ASK_MODEL_GLANCE_FOCUS_PRIV_H

#include "model/feature_qa.h"
#include "model/network_priv.h"
#include "net/joint/glance_focus_loss.h"

/* What the losses count in their sum ("loss_weights" of config.json). */
typedef struct {
    double qa, cls, l1, giou, cert;
} glance_focus_weights;

typedef struct {
    ask_glance_focus focus;
    glance_focus_weights weights;
    char option_joint[ASK_QA_JOINT_BYTES]; // between a question and an option
    bool spans_are_ends;                   // (start, end), not (centre, width)
    char features_id[65];                  // "": not told
    char features_layout[32];
    const char *const *answers, *const *classes; // NULL: there is no list
} glance_focus_model;

/* An absent object gives those of the paper; an absent loss in it does not count. Fails:
 * ASK_ERR_MODEL. */
bool glance_focus_read_weights(glance_focus_weights *out, ask_json_value root,
                               ask_error *err);

/* How it is verified: outputs, losses and their gradients. */
extern const network_run glance_focus_run;

#endif
