// What differs from the outside: names and inodes that were made or changed here.
#include "norn/diff.h"

#include <algorithm>

#include "fs/abi.h"
#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/namei.h"

namespace norn {

namespace {

class Comparison {
  public:
    explicit Comparison(const Machine& m) : m_(m) {}

    void walk(DentryId directory, const std::string& path) { names(m_[directory].children, path); }
    std::vector<ChangedFile> take()
    {
        std::sort(found_.begin(), found_.end(),
                  [](const ChangedFile& a, const ChangedFile& b) { return a.path < b.path; });
        return std::move(found_);
    }

  private:
    void names(DentryId top, const std::string& directory)
    {
        if (!top) return;
        names(m_[top].left, directory);
        name(top, join_path(directory, text_of(m_, m_[top].name)));
        names(m_[top].right, directory);
    }
    void name(DentryId id, const std::string& path)
    {
        const Dentry& dentry = m_[id];
        if (dentry.flags & dentry_whiteout) {
            found_.push_back({ChangeKind::removed, path, 0, 0});
            return;
        }
        if (dentry.flags & dentry_mounted) return;
        const Inode& inode = m_[dentry.inode];
        const bool directory = type_of(inode.mode) == s_ifdir;
        const bool of_host = (dentry.flags & dentry_from_host) && is_at_its_place(inode, path);
        if (!of_host) {
            const bool replaces = dentry.flags & dentry_from_host;
            found_.push_back(
                {replaces ? ChangeKind::modified : ChangeKind::added, path, inode.mode, inode.size});
        } else if (inode.changed && !directory) {
            found_.push_back({ChangeKind::modified, path, inode.mode, inode.size});
        }
        if (directory) walk(id, path);
    }
    [[nodiscard]] bool is_at_its_place(const Inode& inode, const std::string& path) const
    {
        return inode.host_path && text_is(m_, inode.host_path, path);
    }

    const Machine& m_;
    std::vector<ChangedFile> found_;
};

// Somebody who may see all files, to walk paths as; in a copy of the machine that is thrown away.
TaskId add_reader(Machine& m)
{
    const Path top{m.state.root_mount, m[m.state.root_mount].root};
    const FsId fs = m.allocate<Fs>();
    m.edit(fs).root = top;
    m.edit(fs).cwd = top;
    const CredId cred = m.allocate<Cred>();
    m.edit(cred).cap_effective = ~0ull;
    const PidId pid = m.allocate<Pid>();
    const SignalId signal = m.allocate<Signal>();
    m.edit(signal).tgid = pid;
    const TaskId task = m.allocate<Task>();
    Task& reader = m.edit(task);
    reader.fs = fs;
    reader.cred = cred;
    reader.pid = pid;
    reader.signal = signal;
    return task;
}

}  // namespace

std::vector<ChangedFile> changed_files(const Machine& m)
{
    Comparison comparison(m);
    comparison.walk(m[m.state.root_mount].root, "/");
    return comparison.take();
}

Result<std::string> read_file(const Machine& m, std::string_view path)
{
    Machine copy = m;
    const HeldPath place = TRY(path_at(copy, add_reader(copy), at_fdcwd, path));
    const InodeId inode = place.inode();
    if (is_directory(copy, inode)) return EISDIR;
    if (copy[inode].kind != InodeKind::memory || type_of(copy[inode].mode) != s_ifreg) return EINVAL;
    std::string bytes(copy[inode].size, '\0');
    TRY(read_inode(copy, inode, 0, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()}));
    return bytes;
}

}  // namespace norn
