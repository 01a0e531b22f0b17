#include "norn/assert.h"

#include <cstdio>
#include <cstdlib>

namespace norn {

void assert_failed(const char* condition, const char* file, int line)
{
    std::fprintf(stderr, "norn: broken invariant: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace norn
