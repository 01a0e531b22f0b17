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
/// Writes a file for the user, with the user's umask: `to`, or in the folder `to` under the last part of
/// `name`.
[[nodiscard]] Expected<> write_out(const std::string& to, const std::string& name, const std::string& bytes);
/// Makes a folder and those above it, for the user alone.
[[nodiscard]] Expected<> make_private_folder(const std::string& path);

/// Held by one process at a time; waits for it.
class FolderLock {
  public:
    [[nodiscard]] static Expected<FolderLock> take(const std::string& path);

  private:
    explicit FolderLock(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace norn
