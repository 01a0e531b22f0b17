// Walking paths and checking permissions on the way.
#include "fs/namei.h"

#include <algorithm>

#include "fs/dentry.h"
#include "fs/inode.h"
#include "kernel/task.h"

namespace norn {

namespace {

constexpr int max_links = 40;

bool has_capability(const Cred& cred, int capability)
{
    return cred.cap_effective >> capability & 1;
}

bool override_allows(const Cred& cred, uint32_t mode, uint32_t mask)
{
    const bool directory = type_of(mode) == s_ifdir;
    if (has_capability(cred, cap_dac_override) && (directory || !(mask & may_exec) || (mode & 0111)))
        return true;
    if (!has_capability(cred, cap_dac_read_search)) return false;
    return directory ? !(mask & may_write) : mask == may_read;
}

HeldPath hold(Machine& m, Path place)
{
    hold_path(m, place);
    return {m, place};
}

}  // namespace

bool in_group(const Cred& cred, uint32_t gid)
{
    if (cred.fsgid == gid) return true;
    const auto end = cred.groups.begin() + cred.group_count;
    return std::find(cred.groups.begin(), end, gid) != end;
}

Result<> inode_permission(const Machine& m, TaskId self, const Cred& cred, InodeId inode, uint32_t mask)
{
    if (m[inode].kind == InodeKind::proc) TRY(proc_permission(m, self, inode, mask));
    const Inode& asked = m[inode];
    uint32_t bits = asked.mode;
    if (cred.fsuid == asked.uid)
        bits >>= 6;
    else if (in_group(cred, asked.gid))
        bits >>= 3;
    if ((mask & ~bits & 7) == 0) return {};
    if (override_allows(cred, asked.mode, mask)) return {};
    return EACCES;
}

Result<> may(const Machine& m, TaskId self, InodeId inode, uint32_t mask)
{
    return inode_permission(m, self, m[m[self].cred], inode, mask);
}

bool owner_or_capable(const Machine& m, TaskId self, InodeId inode)
{
    return m[m[self].cred].fsuid == m[inode].uid || capable(m, self, cap_fowner);
}

Result<std::string> read_link_of(Machine& m, TaskId self, InodeId link)
{
    if (m[link].kind == InodeKind::proc) return proc_readlink(m, self, link);
    if (m[link].kind == InodeKind::sys) return sys_readlink(m, self, link);
    if (m[link].link) return text_of(m, m[link].link);
    return m.root->read_link(text_of(m, m[link].host_path));
}

Path topmost(const Machine& m, Path place)
{
    while (m[place.dentry].flags & dentry_mounted) {
        MountId mount = m.state.first_mount;
        while (mount && (m[mount].parent != place.mount || m[mount].mountpoint != place.dentry))
            mount = m[mount].next;
        if (!mount) return place;
        place = {mount, m[mount].root};
    }
    return place;
}

Path below_mounts(const Machine& m, Path place)
{
    while (place.mount && place.dentry == m[place.mount].root && m[place.mount].parent)
        place = {m[place.mount].parent, m[place.mount].mountpoint};
    return place;
}

Walker::Walker(Machine& m, TaskId self, const WalkOptions& options) : m_(m), self_(self), options_(options) {}

const Cred& Walker::cred() const
{
    return options_.as ? *options_.as : m_[m_[self_].cred];
}

// The place that ".." does not lead out of.
Path Walker::limit() const
{
    return start_.dentry() ? start_.path() : current_root(m_, self_);
}

Result<> Walker::start(int dirfd, std::string_view path)
{
    if (path.empty() && !options_.empty_path) return ENOENT;
    rest_ = path;
    const bool scoped = options_.resolve & (resolve_beneath | resolve_in_root);
    if (!path.empty() && path.front() == '/' && !(options_.resolve & resolve_in_root)) {
        if (options_.resolve & resolve_beneath) return EXDEV;
        at_ = hold(m_, current_root(m_, self_));
        return {};
    }
    if (dirfd == at_fdcwd) {
        at_ = hold(m_, m_[m_[self_].fs].cwd);
    } else {
        const FileId file = TRY(fget(m_, self_, dirfd, true));
        at_ = HeldPath(m_, place_of_file(m_, file));
        if (!path.empty() && !is_directory(m_, at_.inode())) return ENOTDIR;
    }
    if (scoped) start_ = hold(m_, at_.path());
    return {};
}

Result<> Walker::may_search() const
{
    if (!is_directory(m_, at_.inode())) return ENOTDIR;
    return inode_permission(m_, self_, cred(), at_.inode(), may_exec);
}

Result<LastComponent> Walker::to_last()
{
    while (true) {
        const std::size_t begin = rest_.find_first_not_of('/');
        LastComponent last;
        if (begin == std::string::npos) {
            last.trailing_slash = !rest_.empty();
            last.directory = std::move(at_);
            return last;
        }
        TRY(may_search());
        const std::size_t end = std::min(rest_.find('/', begin), rest_.size());
        last.name = rest_.substr(begin, end - begin);
        if (last.name.size() > name_max) return ENAMETOOLONG;
        last.trailing_slash = end < rest_.size();
        const bool is_last = rest_.find_first_not_of('/', end) == std::string::npos;
        rest_.erase(0, end);
        last.directory = std::move(at_);
        if (is_last) {
            rest_.clear();
            return last;
        }
        HeldPath next = TRY(step(last));
        if (is_link(next)) {
            at_ = std::move(last.directory);
            TRY(follow_link(std::move(next)));
        } else {
            at_ = std::move(next);
        }
        if (!is_directory(m_, at_.inode())) return ENOTDIR;
    }
}

Result<HeldPath> Walker::step(const LastComponent& last)
{
    const Path from = last.directory.path();
    if (last.name.empty() || last.name == ".") return hold(m_, from);
    if (last.name == "..") {
        if (from == limit()) {
            if (options_.resolve & resolve_beneath) return EXDEV;
            return hold(m_, from);
        }
        const Path low = below_mounts(m_, from);
        if ((options_.resolve & resolve_no_xdev) && low.mount != from.mount) return EXDEV;
        return hold(m_, topmost(m_, {low.mount, m_[low.dentry].parent}));
    }
    const DentryId child = TRY(look_up(m_, self_, from.dentry, last.name));
    HeldPath found(m_, {from.mount, child});
    const Path top = topmost(m_, found.path());
    if (top == found.path()) return found;
    if (options_.resolve & resolve_no_xdev) return EXDEV;
    return hold(m_, top);
}

bool Walker::is_link(const HeldPath& place) const
{
    return type_of(m_[place.inode()].mode) == s_iflnk;
}

Result<> Walker::follow(LastComponent&& last, HeldPath&& link)
{
    at_ = std::move(last.directory);
    if (last.trailing_slash) rest_ = "/";
    return follow_link(std::move(link));
}

Result<> Walker::jump(Path place)
{
    HeldPath there(m_, place);
    if (options_.resolve & (resolve_no_magiclinks | resolve_beneath | resolve_in_root))
        return options_.resolve & resolve_no_magiclinks ? ELOOP : EXDEV;
    at_ = std::move(there);
    return {};
}

Result<> Walker::follow_link(HeldPath&& link)
{
    if (++links_ > max_links || (options_.resolve & resolve_no_symlinks)) return ELOOP;
    if (m_[link.inode()].kind == InodeKind::proc) {
        const std::optional<Path> place = TRY(proc_follow(m_, self_, link.inode()));
        if (place) return jump(*place);
    }
    const std::string target = TRY(read_link_of(m_, self_, link.inode()));
    if (target.empty()) return ENOENT;
    if (target.front() == '/') {
        if (options_.resolve & resolve_beneath) return EXDEV;
        at_ = hold(m_, limit());
    }
    rest_ = target + rest_;
    return {};
}

Result<HeldPath> Walker::to_end()
{
    while (true) {
        LastComponent last = TRY(to_last());
        if (last.name.empty()) {
            if (last.trailing_slash && !is_directory(m_, last.directory.inode())) return ENOTDIR;
            return std::move(last.directory);
        }
        HeldPath found = TRY(step(last));
        if (is_link(found) && (options_.follow || last.trailing_slash)) {
            TRY(follow(std::move(last), std::move(found)));
            continue;
        }
        if (last.trailing_slash && !is_directory(m_, found.inode())) return ENOTDIR;
        return found;
    }
}

Result<HeldPath> path_at(Machine& m, TaskId self, int dirfd, std::string_view path,
                         const WalkOptions& options)
{
    Walker walker(m, self, options);
    TRY(walker.start(dirfd, path));
    return walker.to_end();
}

Result<LastComponent> parent_at(Machine& m, TaskId self, int dirfd, std::string_view path)
{
    Walker walker(m, self, {});
    TRY(walker.start(dirfd, path));
    return walker.to_last();
}

Result<HeldPath> user_path_at(Machine& m, TaskId self, int dirfd, UserStr path, const WalkOptions& options)
{
    const std::string name = TRY(get_path(m, self, path));
    return path_at(m, self, dirfd, name, options);
}

}  // namespace norn
