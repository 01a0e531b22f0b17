// inotify(7): as on a kernel that was built without it.
#include "fs/syscalls.h"

namespace norn {

Result<> sys_inotify_init(const Machine& /*m*/, TaskId /*self*/)
{
    return ENOSYS;
}

Result<> sys_inotify_init1(const Machine& /*m*/, TaskId /*self*/, int /*flags*/)
{
    return ENOSYS;
}

}  // namespace norn
