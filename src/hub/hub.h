/* hub/hub.h - what models are downloaded with. */
#ifndef ASK_HUB_HUB_H
#define ASK_HUB_HUB_H

#include <stdbool.h>

#include "base/version.h"

/* What speaks HTTP; false, *out untouched, when the library was built without it. */
ASK_API bool ask_hub_library(ask_library *out);

#endif
