#include "base/version.h"

const char *ask_version(void)
{
    return ASK_VERSION;
}
