// Recomputes what inodes, names, open files, pipes, locks, epolls and terminals say of themselves.
#include <string>

#include "fs/dentry.h"
#include "fs/held.h"
#include "kernel/audit.h"

namespace norn {

namespace {

void audit_inodes(const Machine& m, AuditReport& report)
{
    References<Inode> inodes(m);
    m.pool<Dentry>().each(
        [&](DentryId, const Dentry& dentry) { inodes.add(dentry.inode, report, "a name"); });
    m.pool<File>().each([&](FileId, const File& file) { inodes.add(file.inode, report, "an open file"); });
    m.pool<Vma>().each([&](VmaId, const Vma& vma) { inodes.add(vma.inode, report, "a mapping"); });
    for (const OutsideStream& stream : m.state.outside) inodes.add(stream.inode, report, "a stream outside");
    inodes.compare(report, "inode");
}

void audit_files(const Machine& m, AuditReport& report)
{
    References<File> files(m);
    m.pool<Node>().each([&](NodeId, const Node& node) {
        if (node.kind != NodeKind::descriptors || node.shift != 0) return;
        for (const uint32_t entry : node.slot) files.add(FileId{entry}, report, "a descriptor");
    });
    m.pool<Vma>().each([&](VmaId, const Vma& vma) { files.add(vma.file, report, "a mapping"); });
    m.pool<Mm>().each([&](MmId, const Mm& mm) { files.add(mm.exe, report, "an address space"); });
    m.pool<Task>().each(
        [&](TaskId task, const Task&) { files.add(held_file(m, task), report, "a sleeping call"); });
    files.compare(report, "open file");
}

// ---- Names -------------------------------------------------------------------------------------------

void audit_references_of_names(const Machine& m, AuditReport& report)
{
    References<Dentry> names(m);
    m.pool<Dentry>().each([&](DentryId id, const Dentry& dentry) {
        if (!(dentry.flags & dentry_whiteout) && dentry.parent != id)
            names.add(dentry.parent, report, "a name");
    });
    m.pool<File>().each(
        [&](FileId, const File& file) { names.add(file.path.dentry, report, "an open file"); });
    m.pool<Fs>().each([&](FsId, const Fs& fs) {
        names.add(fs.root.dentry, report, "a root");
        names.add(fs.cwd.dentry, report, "a working directory");
    });
    m.pool<Mount>().each([&](MountId, const Mount& mount) {
        names.add(mount.root, report, "a mount");
        names.add(mount.mountpoint, report, "a mount");
    });
    m.pool<Tty>().each([&](TtyId, const Tty& tty) { names.add(tty.node, report, "a pseudo-terminal"); });
    names.compare(report, "name");
}

/// What a walk over one directory's tree has seen (D1).
struct TreeWalk {
    const Machine& m;
    AuditReport& report;
    References<Dentry>& in_trees;
    std::string last;
    bool first = true;

    uint32_t walk(DentryId directory, DentryId top)
    {
        if (!top) return 0;
        const Dentry& dentry = m[top];
        const uint32_t left = walk(directory, dentry.left);
        const std::string name = text_of(m, dentry.name);
        if (!first && name <= last) report.add("names out of order at " + name);
        first = false;
        last = name;
        in_trees.add(top, report, "a tree of names");
        if (dentry.parent != directory) report.add(name + " is in the tree of another directory");
        if (!(dentry.flags & dentry_hashed)) report.add(name + " is in a tree and does not know");
        const uint32_t right = walk(directory, dentry.right);
        const uint32_t height = 1 + (left > right ? left : right);
        if (dentry.height != height || left > right + 1 || right > left + 1)
            report.add(name + ": the tree of names is out of balance");
        return height;
    }
};

// D3: names made here, by cookie.
void audit_new_names(const Machine& m, DentryId directory, References<Dentry>& in_lists, AuditReport& report)
{
    DentryId before;
    for (DentryId at = m[directory].first_new; at; before = at, at = m[at].next_new) {
        in_lists.add(at, report, "a list of new names");
        if (m[at].prev_new != before) report.add("a list of new names is broken");
        if (before && m[before].cookie >= m[at].cookie) report.add("cookies of new names are out of order");
        if (m[at].parent != directory) report.add("a new name is on another directory's list");
    }
    if (m[directory].last_new != before) report.add("a directory's last new name is another one");
}

void audit_names(const Machine& m, AuditReport& report)
{
    References<Dentry> in_trees(m);
    References<Dentry> in_lists(m);
    m.pool<Dentry>().each([&](DentryId id, const Dentry& directory) {
        TreeWalk walk{m, report, in_trees, {}};
        walk.walk(id, directory.children);
        audit_new_names(m, id, in_lists, report);
    });
    m.pool<Dentry>().each([&](DentryId id, const Dentry& dentry) {
        const bool hashed = dentry.flags & dentry_hashed;
        if (in_trees.found(id) != hashed) report.add("a name is lost: " + text_of(m, dentry.name));
        const bool listed = hashed && !(dentry.flags & dentry_from_host);
        if (in_lists.found(id) != listed) report.add("a new name is on no list: " + text_of(m, dentry.name));
        if (static_cast<bool>(dentry.inode) == static_cast<bool>(dentry.flags & dentry_whiteout))
            report.add("a name is neither file nor whiteout: " + text_of(m, dentry.name));
    });
}

// ---- Pipes, locks, epolls ----------------------------------------------------------------------------

void audit_pipes(const Machine& m, AuditReport& report)
{
    References<Pipe> owners(m);
    References<Pipe> ends(m);
    References<Pipe> readers(m);
    References<Pipe> writers(m);
    m.pool<Inode>().each([&](InodeId, const Inode& inode) {
        owners.add(inode.pipe, report, "an inode");
        if (inode.kind == InodeKind::socket) ends.add(inode.pipe, report, "a socket");
    });
    m.pool<File>().each([&](FileId, const File& file) {
        if (!file.pipe) return;
        ends.add(file.pipe, report, "an open file");
        constexpr uint32_t access_mode = 3;
        const uint32_t access = file.flags & access_mode;
        if (access != 1) readers.add(file.pipe, report, "a reader");
        if (access != 0) writers.add(file.pipe, report, "a writer");
    });
    m.pool<Tty>().each([&](TtyId, const Tty& tty) { owners.add(tty.output, report, "a pseudo-terminal"); });
    owners.expect_one_each(report, "pipe");
    ends.compare(report, "pipe");
    m.pool<Inode>().each([&](InodeId, const Inode& inode) {
        if (!inode.pipe || inode.kind == InodeKind::socket) return;
        const Pipe& pipe = m[inode.pipe];
        if (pipe.readers != readers.found(inode.pipe)) report.add("a pipe's readers are miscounted");
        if (pipe.writers != writers.found(inode.pipe)) report.add("a pipe's writers are miscounted");
        if (pipe.head - pipe.tail > pipe.capacity) report.add("a pipe holds more than it can");
    });
}

void audit_locks(const Machine& m, AuditReport& report)
{
    References<FileLock> listed(m);
    References<Files> owned(m);
    m.pool<Inode>().each([&](InodeId id, const Inode& inode) {
        uint64_t start = 0;
        for (FileLockId at = inode.locks; at; at = m[at].next) {
            listed.add(at, report, "an inode");
            if (m[at].inode != id) report.add("a lock is on another inode's list");
            if (m[at].start < start) report.add("locks are out of order");
            start = m[at].start;
        }
    });
    m.pool<FileLock>().each([&](FileLockId id, const FileLock& lock) {
        if (listed.found(id) != (lock.waiting ? 0u : 1u)) report.add("a lock is on no list, or on too many");
        if (lock.posix && !lock.ofd && !lock.waiting) owned.add(lock.owner, report, "a lock");
    });
    m.pool<Files>().each([&](FilesId id, const Files& files) {
        if (files.posix_locks != owned.found(id)) report.add("a descriptor table's locks are miscounted");
    });
}

void audit_epolls(const Machine& m, AuditReport& report)
{
    References<EpollItem> of_epolls(m);
    References<EpollItem> of_targets(m);
    References<EpollItem> ready(m);
    m.pool<File>().each([&](FileId, const File& file) {
        for (EpollItemId at = file.watched; at; at = m[at].next_of_epoll)
            of_epolls.add(at, report, "an epoll");
        for (EpollItemId at = file.watchers; at; at = m[at].next_of_target)
            of_targets.add(at, report, "a file");
        for (EpollItemId at = file.ready_first; at; at = m[at].next_ready) ready.add(at, report, "an epoll");
    });
    of_epolls.expect_one_each(report, "item of an epoll");
    of_targets.expect_one_each(report, "item on a watched file");
    m.pool<EpollItem>().each([&](EpollItemId id, const EpollItem& item) {
        if (ready.found(id) != item.ready) report.add("an epoll's ready list is wrong");
    });
}

// ---- Terminals ---------------------------------------------------------------------------------------

void audit_terminals(const Machine& m, AuditReport& report)
{
    References<Tty> all(m);
    References<Tty> slaves(m);
    References<Tty> masters(m);
    all.add(m.state.console, report, "the machine");
    m.pool<File>().each([&](FileId, const File& file) {
        if (file.kind != FileKind::tty && file.kind != FileKind::ptmx) return;
        all.add(file.tty, report, "an open file");
        (file.kind == FileKind::tty ? slaves : masters).add(file.tty, report, "an open file");
    });
    all.compare(report, "terminal");
    m.pool<Tty>().each([&](TtyId id, const Tty& tty) {
        if (tty.output && tty.slaves != slaves.found(id))
            report.add("a pseudo-terminal's files are miscounted");
        if ((tty.node ? 1 : 0) != masters.found(id))
            report.add("a pseudo-terminal has a name and no master, or a master and no name");
    });
}

}  // namespace

void audit_fs(const Machine& m, AuditReport& report)
{
    audit_inodes(m, report);
    audit_files(m, report);
    audit_references_of_names(m, report);
    audit_names(m, report);
    audit_pipes(m, report);
    audit_locks(m, report);
    audit_epolls(m, report);
    audit_terminals(m, report);
}

}  // namespace norn
