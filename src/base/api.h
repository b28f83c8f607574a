/* base/api.h - what the library shows to the outside.
 *
 * The library is built with hidden visibility; a function is public when its declaration
 * in a header carries ASK_API. */
#ifndef ASK_BASE_API_H
#define ASK_BASE_API_H

#if defined(__GNUC__)
#define ASK_API __attribute__((visibility("default")))
#define ASK_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define ASK_API
#define ASK_PRINTF(text, first)
#endif

#endif
