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

#if defined(__SANITIZE_ADDRESS__)
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
