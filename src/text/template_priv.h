/* text/template_priv.h - templates for those who give variables in several objects. */
#ifndef ASK_TEXT_TEMPLATE_PRIV_H
#define ASK_TEXT_TEMPLATE_PRIV_H

#include "text/template.h"

/* As ask_template_render; of variables of the same name, the later object's holds. */
char *ask_template_render_all(const ask_template *t, const ask_json_value *objects,
                              int n_objects, const ask_template_limits *limits,
                              ask_error *err);

#endif
