// /proc of a machine that does not run. Some of it faults memory in, so a copy is looked at.
#include "norn/proc.h"

#include "fs/proc.h"

namespace norn {

Result<std::string> proc_read(const Machine& machine, std::string_view path)
{
    constexpr std::string_view root = "/proc";
    if (path.substr(0, root.size()) == root) path.remove_prefix(root.size());
    Machine m = machine;
    InodeId at = proc_root(m);
    while (!path.empty()) {
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (name.empty() || name == ".") continue;
        if (type_of(m[at].mode) != s_ifdir) return ENOTDIR;
        at = TRY(proc_lookup(m, TaskId{}, at, name));
    }
    if (type_of(m[at].mode) == s_ifdir) return EISDIR;
    if (type_of(m[at].mode) == s_iflnk) return proc_readlink(m, TaskId{}, at);
    return proc_contents(m, TaskId{}, at);
}

}  // namespace norn
