// From a path to a place (path_resolution(7)).
#pragma once

#include <string>
#include <utility>

#include "fs/abi.h"
#include "fs/ops.h"

namespace norn {

/// A place that is held for as long as this lives.
class HeldPath {
  public:
    HeldPath() = default;
    /// Takes over the caller's reference.
    HeldPath(Machine& m, Path path) : machine_(&m), path_(path) {}
    HeldPath(HeldPath&& other) noexcept : machine_(other.machine_), path_(std::exchange(other.path_, Path{}))
    {
    }
    HeldPath& operator=(HeldPath&& other) noexcept
    {
        std::swap(machine_, other.machine_);
        std::swap(path_, other.path_);
        return *this;
    }
    HeldPath(const HeldPath&) = delete;
    HeldPath& operator=(const HeldPath&) = delete;
    ~HeldPath()
    {
        if (path_.dentry) put_path(*machine_, path_);
    }

    [[nodiscard]] Path path() const { return path_; }
    [[nodiscard]] DentryId dentry() const { return path_.dentry; }
    [[nodiscard]] InodeId inode() const { return (*machine_)[path_.dentry].inode; }
    /// Gives the reference to the caller.
    [[nodiscard]] Path release() { return std::exchange(path_, Path{}); }

  private:
    Machine* machine_ = nullptr;
    Path path_;
};

/// How to walk.
struct WalkOptions {
    bool follow = true;        ///< a link as the last component
    bool empty_path = false;   ///< "" means the starting place (AT_EMPTY_PATH)
    uint64_t resolve = 0;      ///< openat2's RESOLVE_…
    const Cred* as = nullptr;  ///< whose permissions; none: the caller's
};

/// The directory that holds (or will hold) the last component, and that component.
struct LastComponent {
    HeldPath directory;
    std::string name;  ///< "", "." and ".." name no entry of the directory
    bool trailing_slash = false;
    [[nodiscard]] bool names_entry() const { return !name.empty() && name != "." && name != ".."; }
};

/// Walks a path step by step; links met on the way are put before what is left of it.
class Walker {
  public:
    Walker(Machine& m, TaskId self, const WalkOptions& options);
    /// At the start of `path`: the root, the working directory or the directory at `dirfd`.
    [[nodiscard]] Result<> start(int dirfd, std::string_view path);
    /// Up to the last component. An empty name: the path ended where the walk stands.
    [[nodiscard]] Result<LastComponent> to_last();
    /// One step from there. ENOENT when there is no such name.
    [[nodiscard]] Result<HeldPath> step(const LastComponent& last);
    [[nodiscard]] bool is_link(const HeldPath& place) const;
    /// Goes on into a link that is the last component; `to_last` then finds the new last one.
    [[nodiscard]] Result<> follow(LastComponent&& last, HeldPath&& link);
    /// The whole way. With `follow` off, a link as the last component is what is found.
    [[nodiscard]] Result<HeldPath> to_end();

  private:
    [[nodiscard]] const Cred& cred() const;
    [[nodiscard]] Result<> may_search() const;
    [[nodiscard]] Result<HeldPath> up() const;
    [[nodiscard]] Result<> jump(Path place);
    [[nodiscard]] Result<> follow_link(HeldPath&& link);
    [[nodiscard]] Path limit() const;

    Machine& m_;
    TaskId self_;
    WalkOptions options_;
    HeldPath at_;
    HeldPath start_;  ///< the walk's root under RESOLVE_BENEATH and RESOLVE_IN_ROOT
    std::string rest_;
    int links_ = 0;
};

/// The place that a path names.
[[nodiscard]] Result<HeldPath> path_at(Machine& m, TaskId self, int dirfd, std::string_view path,
                                       const WalkOptions& options = {});
/// The parent of the last component, links there not followed.
[[nodiscard]] Result<LastComponent> parent_at(Machine& m, TaskId self, int dirfd, std::string_view path);
/// The same, path names read from the caller's memory.
[[nodiscard]] Result<HeldPath> user_path_at(Machine& m, TaskId self, int dirfd, UserStr path,
                                            const WalkOptions& options = {});

/// Do the mode bits and capabilities allow `mask` (MAY_…)? EACCES.
[[nodiscard]] Result<> inode_permission(const Machine& m, TaskId self, const Cred& cred, InodeId inode,
                                        uint32_t mask);
[[nodiscard]] Result<> may(const Machine& m, TaskId self, InodeId inode, uint32_t mask);
[[nodiscard]] bool in_group(const Cred& cred, uint32_t gid);
/// Is the caller the owner, or allowed to act as one (CAP_FOWNER)?
[[nodiscard]] bool owner_or_capable(const Machine& m, TaskId self, InodeId inode);
/// The target of a symbolic link.
[[nodiscard]] Result<std::string> read_link_of(Machine& m, TaskId self, InodeId link);

/// The mount that covers a place, none if there is none; down to the topmost; and up from a root.
[[nodiscard]] Path topmost(const Machine& m, Path place);
[[nodiscard]] Path below_mounts(const Machine& m, Path place);
[[nodiscard]] inline Path current_root(const Machine& m, TaskId self)
{
    return m[m[self].fs].root;
}

}  // namespace norn
