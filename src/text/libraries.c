#include "text/libraries.h"

#include "text/regex_priv.h"
#include "text/unicode_priv.h"

bool ask_text_library_at(ask_library *out, size_t i)
{
    static ask_library (*const libraries[])(void) = {ask_regex_library,
                                                     ask_unicode_library};
    if (i >= sizeof libraries / sizeof *libraries) return false;
    *out = libraries[i]();
    return true;
}
