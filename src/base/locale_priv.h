/* base/locale_priv.h - the C locale, so that a program's setlocale cannot change a file. */
#ifndef ASK_BASE_LOCALE_PRIV_H
#define ASK_BASE_LOCALE_PRIV_H

#include <locale.h>

/* The C locale is built into the C library: making it allocates nothing and cannot fail.
 * Given back with freelocale. */
static inline locale_t ask_locale_c(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

#endif
