// The tree of names (D1–D3 in dentry.h).
#include "fs/dentry.h"

#include <algorithm>

#include "fs/abi.h"
#include "fs/inode.h"
#include "lib/avl.h"
#include "lib/list.h"

namespace norn {

namespace {

using NewNames = List<&Dentry::first_new, &Dentry::last_new, &Dentry::next_new, &Dentry::prev_new>;

/// The names of a directory, in the order of their bytes.
struct Names {
    static DentryId own(Machine&, DentryId dentry) { return dentry; }
    static void update(Machine& m, DentryId dentry)
    {
        const uint32_t height =
            1 + std::max(NameTree::height(m, m[dentry].left), NameTree::height(m, m[dentry].right));
        if (m[dentry].height != height) m.edit(dentry).height = height;
    }
    static int order(const Machine& m, std::string_view name, DentryId dentry)
    {
        return -compare_text(m, m[dentry].name, name);
    }
    using NameTree = Avl<Dentry, Names>;
};
using NameTree = Names::NameTree;

void link_in_tree(Machine& m, DentryId directory, DentryId dentry, std::string_view name)
{
    const DentryId top = NameTree::insert(m, m[directory].children, dentry, name);
    m.edit(directory).children = top;
    m.edit(dentry).flags |= dentry_hashed;
}

void unlink_from_tree(Machine& m, DentryId dentry)
{
    const DentryId directory = m[dentry].parent;
    DentryId erased;
    const DentryId top = NameTree::erase(m, m[directory].children, text_of(m, m[dentry].name), erased);
    NORN_ASSERT(erased == dentry);
    m.edit(directory).children = top;
    Dentry& out = m.edit(dentry);
    out.flags &= ~static_cast<uint32_t>(dentry_hashed);
}

// D3: at the end of the list, with the directory's next cookie.
void list_as_new(Machine& m, DentryId directory, DentryId dentry)
{
    Inode& inode = m.edit(m[directory].inode);
    const uint64_t cookie = new_name_cookie + inode.child_sequence++;
    NewNames::push_back(m, directory, dentry);
    m.edit(dentry).cookie = cookie;
}

void unlist_as_new(Machine& m, DentryId dentry)
{
    NewNames::remove(m, m[dentry].parent, dentry);
    m.edit(dentry).cookie = 0;
}

void free_whiteout(Machine& m, DentryId whiteout)
{
    free_text(m, m[whiteout].name);
    m.free(whiteout);
}

void leave_whiteout(Machine& m, DentryId directory, std::string_view name)
{
    const TextId text = new_text(m, name);
    const DentryId whiteout = m.allocate<Dentry>();
    Dentry& made = m.edit(whiteout);
    made.parent = directory;
    made.name = text;
    made.flags = dentry_whiteout | dentry_from_host;
    link_in_tree(m, directory, whiteout, name);
}

// Takes a dentry out of its directory's tree and lists; it keeps its parent.
void detach(Machine& m, DentryId dentry)
{
    NORN_ASSERT(is_hashed(m, dentry));
    const DentryId directory = m[dentry].parent;
    unlink_from_tree(m, dentry);
    if (m[dentry].flags & dentry_from_host) {
        m.edit(dentry).flags &= ~static_cast<uint32_t>(dentry_from_host);
        leave_whiteout(m, directory, text_of(m, m[dentry].name));
    } else {
        unlist_as_new(m, dentry);
    }
}

// Puts a dentry, whose name and parent are set, into its directory's tree and lists.
void attach(Machine& m, DentryId dentry)
{
    const DentryId directory = m[dentry].parent;
    const std::string name = text_of(m, m[dentry].name);
    const DentryId whiteout = find_name(m, directory, name);
    if (whiteout) {
        NORN_ASSERT(m[whiteout].flags & dentry_whiteout);
        unlink_from_tree(m, whiteout);
        free_whiteout(m, whiteout);
        m.edit(dentry).flags |= dentry_from_host;
    } else {
        list_as_new(m, directory, dentry);
    }
    link_in_tree(m, directory, dentry, name);
}

void rename_dentry(Machine& m, DentryId dentry, DentryId directory, std::string_view name)
{
    const TextId text = new_text(m, name);
    hold_dentry(m, directory);
    const DentryId old_parent = m[dentry].parent;
    const TextId old_name = m[dentry].name;
    Dentry& moved = m.edit(dentry);
    moved.parent = directory;
    moved.name = text;
    free_text(m, old_name);
    put_dentry(m, old_parent);
}

// Only whiteouts are left in a directory that goes.
void free_whiteouts(Machine& m, DentryId tree)
{
    if (!tree) return;
    NORN_ASSERT(m[tree].flags & dentry_whiteout);
    free_whiteouts(m, m[tree].left);
    free_whiteouts(m, m[tree].right);
    free_whiteout(m, tree);
}

Result<InodeId> generated_lookup(Machine& m, TaskId self, InodeId directory, std::string_view name)
{
    if (m[directory].kind == InodeKind::proc) return proc_lookup(m, self, directory, name);
    return sys_lookup(m, self, directory, name);
}

}  // namespace

bool is_hashed(const Machine& m, DentryId dentry)
{
    return m[dentry].flags & dentry_hashed;
}

DentryId find_name(const Machine& m, DentryId directory, std::string_view name)
{
    DentryId at = m[directory].children;
    while (at) {
        const int order = compare_text(m, m[at].name, name);
        if (order == 0) return at;
        at = order > 0 ? m[at].left : m[at].right;
    }
    return {};
}

Result<DentryId> look_up(Machine& m, TaskId self, DentryId directory, std::string_view name)
{
    const InodeId inode = m[directory].inode;
    if (m[inode].kind != InodeKind::memory) {
        const InodeId found = TRY(generated_lookup(m, self, inode, name));
        return new_dentry(m, directory, name, found);
    }
    if (const DentryId known = find_name(m, directory, name)) {
        if (m[known].flags & dentry_whiteout) return ENOENT;
        hold_dentry(m, known);
        return known;
    }
    if (!m[inode].host_listed) return ENOENT;
    const InodeId found = TRY(inode_from_host(m, join_path(text_of(m, m[inode].host_path), name)));
    const DentryId dentry = new_dentry(m, directory, name, found);
    m.edit(dentry).flags |= dentry_from_host;
    link_in_tree(m, directory, dentry, name);
    return dentry;
}

DentryId add_name(Machine& m, DentryId directory, std::string_view name, InodeId inode)
{
    const DentryId dentry = new_dentry(m, directory, name, inode);
    attach(m, dentry);
    m.edit(dentry).refs--;  // the tree keeps it
    return dentry;
}

void remove_name(Machine& m, DentryId dentry)
{
    hold_dentry(m, dentry);
    detach(m, dentry);
    m.edit(dentry).flags |= dentry_removed;
    put_dentry(m, dentry);
}

void move_name(Machine& m, DentryId dentry, DentryId directory, std::string_view name)
{
    detach(m, dentry);
    rename_dentry(m, dentry, directory, name);
    attach(m, dentry);
}

void exchange_names(Machine& m, DentryId one, DentryId other)
{
    const DentryId one_parent = m[one].parent;
    const DentryId other_parent = m[other].parent;
    const std::string one_name = text_of(m, m[one].name);
    const std::string other_name = text_of(m, m[other].name);
    hold_dentry(m, one_parent);
    hold_dentry(m, other_parent);
    detach(m, one);
    detach(m, other);
    rename_dentry(m, one, other_parent, other_name);
    rename_dentry(m, other, one_parent, one_name);
    attach(m, one);
    attach(m, other);
    put_dentry(m, one_parent);
    put_dentry(m, other_parent);
}

DentryId new_dentry(Machine& m, DentryId parent, std::string_view name, InodeId inode)
{
    const TextId text = new_text(m, name);
    const DentryId dentry = m.allocate<Dentry>();
    if (parent) hold_dentry(m, parent);
    Dentry& made = m.edit(dentry);
    made.inode = inode;
    made.parent = parent ? parent : dentry;
    made.name = text;
    made.refs = 1;
    return dentry;
}

void hold_dentry(Machine& m, DentryId dentry)
{
    m.edit(dentry).refs++;
}

void put_dentry(Machine& m, DentryId dentry)
{
    while (true) {
        const uint32_t left = --m.edit(dentry).refs;
        if (left > 0 || is_hashed(m, dentry)) return;
        const Dentry gone = m[dentry];
        free_whiteouts(m, gone.children);
        free_text(m, gone.name);
        m.free(dentry);
        put_inode(m, gone.inode);
        if (gone.parent == dentry) return;
        dentry = gone.parent;
    }
}

}  // namespace norn
