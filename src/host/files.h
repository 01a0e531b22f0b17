// Files of Norn's own on the host (kept runs): read whole, written whole.
#pragma once

#include <cstdint>
#include <string>

#include "host/unique_fd.h"
#include "norn/expected.h"

namespace norn {

[[nodiscard]] Expected<std::string> read_whole(const std::string& path);
/// The first `limit` bytes; less if the file has less.
[[nodiscard]] Expected<std::string> read_start(const std::string& path, std::size_t limit);
/// The file has either its old contents or all of these, whoever else writes it and whatever fails.
[[nodiscard]] Expected<> write_whole(const std::string& path, const std::string& bytes);
/// Adds to the end of a file, which is made if there is none; what others add at the same time stays apart.
[[nodiscard]] Expected<> append(const std::string& path, const std::string& bytes);
/// Gives a file another name, or says why not and removes it.
[[nodiscard]] Expected<> move_whole(const std::string& from, const std::string& to);
/// A path that no other process or thread is given for the same `path`.
[[nodiscard]] std::string own_path(const std::string& path);
/// Writes a file for the user, with the user's umask: `to`, or in the folder `to` under the last part of
/// `name`.
[[nodiscard]] Expected<> write_out(const std::string& to, const std::string& name, const std::string& bytes);
/// Makes a folder and those above it, for the user alone.
[[nodiscard]] Expected<> make_private_folder(const std::string& path);

/// Held by one process at a time.
class FolderLock {
  public:
    /// Waits for it, but not for ever: who holds it may have been stopped.
    [[nodiscard]] static Expected<FolderLock> take(const std::string& path);

  private:
    explicit FolderLock(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace norn
