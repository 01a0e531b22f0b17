// Extended attributes (xattr(7)): Norn's file systems have none, as ramfs has none.
#include "fs/namei.h"
#include "fs/syscalls.h"

namespace norn {

namespace {

constexpr std::size_t xattr_name_max = 255;

// What comes before a file system is asked: the file, then the name.
Result<> check_name(Machine& m, TaskId self, UserStr name)
{
    const std::string text = TRY(get_string(m, self, name, xattr_name_max + 1, ERANGE));
    return text.empty() ? ERANGE : Errno::none;
}

Result<> check_path(Machine& m, TaskId self, UserStr path, bool follow)
{
    WalkOptions options;
    options.follow = follow;
    TRY(user_path_at(m, self, at_fdcwd, path, options));
    return {};
}

Result<> unsupported_at(Machine& m, TaskId self, UserStr path, UserStr name, bool follow)
{
    TRY(check_name(m, self, name));
    TRY(check_path(m, self, path, follow));
    return EOPNOTSUPP;
}

Result<> unsupported_fd(Machine& m, TaskId self, int fd, UserStr name)
{
    TRY(fget(m, self, fd));
    TRY(check_name(m, self, name));
    return EOPNOTSUPP;
}

}  // namespace

Result<> sys_setxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                      uint64_t /*size*/, int /*flags*/)
{
    return unsupported_at(m, self, path, name, true);
}

Result<> sys_lsetxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                       uint64_t /*size*/, int /*flags*/)
{
    return unsupported_at(m, self, path, name, false);
}

Result<> sys_fsetxattr(Machine& m, TaskId self, int fd, UserStr name, UserPtr<> /*value*/, uint64_t /*size*/,
                       int /*flags*/)
{
    return unsupported_fd(m, self, fd, name);
}

Result<> sys_getxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                      uint64_t /*size*/)
{
    return unsupported_at(m, self, path, name, true);
}

Result<> sys_lgetxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                       uint64_t /*size*/)
{
    return unsupported_at(m, self, path, name, false);
}

Result<> sys_fgetxattr(Machine& m, TaskId self, int fd, UserStr name, UserPtr<> /*value*/, uint64_t /*size*/)
{
    return unsupported_fd(m, self, fd, name);
}

Result<> sys_listxattr(Machine& m, TaskId self, UserStr path, UserPtr<> /*list*/, uint64_t /*size*/)
{
    return check_path(m, self, path, true);
}

Result<> sys_llistxattr(Machine& m, TaskId self, UserStr path, UserPtr<> /*list*/, uint64_t /*size*/)
{
    return check_path(m, self, path, false);
}

Result<> sys_flistxattr(Machine& m, TaskId self, int fd, UserPtr<> /*list*/, uint64_t /*size*/)
{
    TRY(fget(m, self, fd));
    return {};
}

Result<> sys_removexattr(Machine& m, TaskId self, UserStr path, UserStr name)
{
    return unsupported_at(m, self, path, name, true);
}

Result<> sys_lremovexattr(Machine& m, TaskId self, UserStr path, UserStr name)
{
    return unsupported_at(m, self, path, name, false);
}

Result<> sys_fremovexattr(Machine& m, TaskId self, int fd, UserStr name)
{
    return unsupported_fd(m, self, fd, name);
}

}  // namespace norn
