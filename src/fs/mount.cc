// The initial tree, and the names of places in it.
#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/namei.h"

namespace norn {

namespace {

// Numbers of inodes made here; far from those of a host's files.
constexpr uint64_t first_own_ino = 1ull << 40;

// Device numbers of the mounts that are not the host's.
enum : uint32_t { minor_proc = 21, minor_sysfs = 22, minor_devtmpfs = 5, minor_shm = 24 };

MountId add_mount(Machine& m, FsKind fs, std::string_view source, Path on, InodeId root_inode)
{
    const DentryId root = new_dentry(m, DentryId{}, "/", root_inode);
    const TextId text = new_text(m, source);
    const MountId id = m.allocate<Mount>();
    Mount& mount = m.edit(id);
    mount.root = root;
    mount.mountpoint = on.dentry;
    mount.parent = on.mount;
    mount.number = ++m.state.next_mount_number;
    mount.source = text;
    mount.fs = fs;
    MountId* last = &m.state.first_mount;
    if (!*last) {
        *last = id;
    } else {
        MountId at = m.state.first_mount;
        while (m[at].next) at = m[at].next;
        m.edit(at).next = id;
    }
    if (on.dentry) {
        hold_dentry(m, on.dentry);
        m.edit(on.dentry).flags |= dentry_mounted;
    }
    return id;
}

// The directory to mount on, made if the root does not have it.
DentryId mountpoint(Machine& m, DentryId parent, std::string_view name)
{
    const auto found = look_up(m, TaskId{}, parent, name);
    if (!found.ok() || !is_directory(m, m[*found].inode)) return make_directory(m, parent, name, 0755);
    m.edit(*found).refs--;  // the tree keeps it
    return *found;
}

InodeId root_directory(Machine& m)
{
    auto host = m.root ? inode_from_host(m, "/") : Result<InodeId>(ENOENT);
    if (host.ok()) return *host;
    return new_inode(m, FsKind::overlay, InodeKind::memory, s_ifdir | 0755, make_dev(0, 20));
}

DentryId make_entry(Machine& m, DentryId parent, std::string_view name, InodeKind kind, uint32_t mode,
                    uint64_t rdev)
{
    const InodeId directory = m[parent].inode;
    const InodeId inode = new_inode(m, m[directory].fs, kind, mode, m[directory].dev);
    Inode& made = m.edit(inode);
    made.rdev = rdev;
    made.changed = 0;
    return add_name(m, parent, name, inode);
}

std::string pseudo_name(const Machine& m, FileId file)
{
    const std::string number = "[" + std::to_string(m[m[file].inode].ino) + "]";
    switch (m[file].kind) {
        case FileKind::pipe:
        case FileKind::outside:
            return "pipe:" + number;
        case FileKind::socket:
            return "socket:" + number;
        case FileKind::eventfd:
            return "anon_inode:[eventfd]";
        case FileKind::signalfd:
            return "anon_inode:[signalfd]";
        case FileKind::timerfd:
            return "anon_inode:[timerfd]";
        case FileKind::pidfd:
            return "anon_inode:[pidfd]";
        case FileKind::epoll:
            return "anon_inode:[eventpoll]";
        default:
            return "anon_inode:" + number;
    }
}

}  // namespace

DentryId make_directory(Machine& m, DentryId parent, std::string_view name, uint32_t permissions)
{
    const DentryId made = make_entry(m, parent, name, InodeKind::memory, s_ifdir | permissions, 0);
    m.edit(m[parent].inode).nlink++;
    return made;
}

DentryId make_node(Machine& m, DentryId parent, std::string_view name, uint32_t mode, uint64_t rdev)
{
    return make_entry(m, parent, name, InodeKind::device, mode, rdev);
}

DentryId make_link(Machine& m, DentryId parent, std::string_view name, std::string_view target)
{
    const TextId text = new_text(m, target);
    const DentryId made = make_entry(m, parent, name, InodeKind::memory, s_iflnk | 0777, 0);
    Inode& link = m.edit(m[made].inode);
    link.link = text;
    link.size = target.size();
    return made;
}

void mount_initial(Machine& m)
{
    m.state.next_ino = first_own_ino;
    const MountId root = add_mount(m, FsKind::overlay, "overlay", Path{}, root_directory(m));
    m.state.root_mount = root;
    const DentryId top = m[root].root;
    const DentryId proc = mountpoint(m, top, "proc");
    const DentryId sys = mountpoint(m, top, "sys");
    const DentryId dev = mountpoint(m, top, "dev");
    add_mount(m, FsKind::proc, "proc", {root, proc}, proc_root(m));
    add_mount(m, FsKind::sysfs, "sysfs", {root, sys}, sys_root(m));
    const InodeId dev_root =
        new_inode(m, FsKind::devtmpfs, InodeKind::memory, s_ifdir | 0755, make_dev(0, minor_devtmpfs));
    const MountId devices = add_mount(m, FsKind::devtmpfs, "devtmpfs", {root, dev}, dev_root);
    populate_dev(m, m[devices].root);
    const DentryId shm = mountpoint(m, m[devices].root, "shm");
    const InodeId shm_root =
        new_inode(m, FsKind::tmpfs, InodeKind::memory, s_ifdir | s_isvtx | 0777, make_dev(0, minor_shm));
    add_mount(m, FsKind::tmpfs, "tmpfs", {devices, shm}, shm_root);
}

void hold_path(Machine& m, Path path)
{
    if (path.dentry) hold_dentry(m, path.dentry);
}

void put_path(Machine& m, Path path)
{
    if (path.dentry) put_dentry(m, path.dentry);
}

Path place_of_file(Machine& m, FileId file)
{
    if (m[file].path.dentry) {
        hold_path(m, m[file].path);
        return m[file].path;
    }
    const InodeId inode = m[file].inode;
    hold_inode(m, inode);
    return nameless_place(m, inode, pseudo_name(m, file));
}

Path nameless_place(Machine& m, InodeId inode, std::string_view name)
{
    return {MountId{}, new_dentry(m, DentryId{}, name, inode)};
}

std::string file_path_string(const Machine& m, TaskId self, FileId file)
{
    if (m[file].path.dentry) return path_string(m, self, m[file].path);
    return pseudo_name(m, file);
}

std::string path_string(const Machine& m, TaskId self, Path path)
{
    if (!path.mount) return text_of(m, m[path.dentry].name);
    const Path root =
        m[self].fs ? current_root(m, self) : Path{m.state.root_mount, m[m.state.root_mount].root};
    const bool removed = m[path.dentry].flags & dentry_removed;
    std::string text;
    while (path != root) {
        path = below_mounts(m, path);
        if (path == root || m[path.dentry].parent == path.dentry) break;
        text.insert(0, "/" + text_of(m, m[path.dentry].name));
        path.dentry = m[path.dentry].parent;
    }
    if (text.empty()) text = "/";
    if (path != root) text.insert(0, "(unreachable)");
    if (removed) text += " (deleted)";
    return text;
}

}  // namespace norn
