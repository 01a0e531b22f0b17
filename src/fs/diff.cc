// What differs from the outside: names and inodes that were made or changed here.
#include "norn/diff.h"

#include <algorithm>
#include <functional>

#include "fs/abi.h"
#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/namei.h"

namespace norn {

namespace {

constexpr std::size_t path_max = 4096;

/// Tells of each name that differs, down to where no path leads: deeper ones can be had only step by step.
/// Folders may lie in each other without end, so this does not call itself for them.
class Comparison {
  public:
    using Tell = std::function<void(ChangeKind kind, const std::string& path, const Inode* inode)>;
    Comparison(const Machine& m, Tell tell) : m_(m), tell_(std::move(tell)) {}

    void walk(DentryId root)
    {
        add_names(m_[root].children, 0);
        while (!ahead_.empty()) {
            const Ahead next = ahead_.back();
            ahead_.pop_back();
            path_.resize(next.folder_size);
            path_.append("/").append(text_of(m_, m_[next.id].name));
            if (path_.size() < path_max) name(next.id);
        }
    }

  private:
    struct Ahead {
        DentryId id;
        std::size_t folder_size = 0;  ///< of the path of its folder
    };

    void add_names(DentryId top, std::size_t folder_size)
    {
        if (!top) return;
        add_names(m_[top].left, folder_size);
        ahead_.push_back({top, folder_size});
        add_names(m_[top].right, folder_size);
    }
    void name(DentryId id)
    {
        const Dentry& dentry = m_[id];
        if (dentry.flags & dentry_whiteout) return tell_(ChangeKind::removed, path_, nullptr);
        if (dentry.flags & dentry_mounted) return;
        const Inode& inode = m_[dentry.inode];
        const bool directory = type_of(inode.mode) == s_ifdir;
        const bool of_host = (dentry.flags & dentry_from_host) && is_at_its_place(inode);
        const bool replaces = dentry.flags & dentry_from_host;
        if (!of_host)
            tell_(replaces ? ChangeKind::modified : ChangeKind::added, path_, &inode);
        else if (inode.changed && !directory)
            tell_(ChangeKind::modified, path_, &inode);
        if (directory) add_names(dentry.children, path_.size());
    }
    [[nodiscard]] bool is_at_its_place(const Inode& inode) const
    {
        return inode.host_path && text_is(m_, inode.host_path, path_);
    }

    const Machine& m_;
    Tell tell_;
    std::string path_;
    std::vector<Ahead> ahead_;
};

void walk_changed(const Machine& m, Comparison::Tell tell)
{
    Comparison(m, std::move(tell)).walk(m[m.state.root_mount].root);
}

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
    std::vector<ChangedFile> found;
    walk_changed(m, [&](ChangeKind kind, const std::string& path, const Inode* inode) {
        found.push_back({kind, path, inode ? inode->mode : 0, inode ? inode->size : 0});
    });
    std::sort(found.begin(), found.end(),
              [](const ChangedFile& a, const ChangedFile& b) { return a.path < b.path; });
    return found;
}

std::size_t count_changed_files(const Machine& m)
{
    std::size_t count = 0;
    walk_changed(m, [&](ChangeKind, const std::string&, const Inode*) { ++count; });
    return count;
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
