#include "cli/build.h"

#if defined(__clang__)
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(__x86_64__)
#define MACHINE "x86_64"
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#else
#define MACHINE "other"
#endif

/* gcc says it with macros; clang with features. A build with nothing but gcc's
 * -fsanitize=undefined does not say it. */
#if !defined(__has_feature)
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                       \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                 \
    __has_feature(memory_sanitizer) || __has_feature(undefined_behavior_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

#if defined(_OPENMP)
enum { WITH_OPENMP = 1 };
#else
enum { WITH_OPENMP = 0 };
#endif

cli_build cli_build_read(void)
{
    return (cli_build){COMPILER, MACHINE, WITH_OPENMP, SANITIZED};
}

void cli_build_text(ask_str *out)
{
    const cli_build b = cli_build_read();
    ask_str_printf(out, "%s for %s, %s OpenMP%s", b.compiler, b.machine,
                   b.openmp ? "with" : "without", b.sanitizers ? ", with sanitizers" : "");
}
