// flock(2) and fcntl(2) record locks.
#pragma once

#include "fs/ops.h"

namespace norn {

/// struct flock (fcntl(2)).
struct Flock {
    int16_t type = 0, whence = 0;
    int32_t pad = 0;
    int64_t start = 0, length = 0;
    int32_t pid = 0, pad2 = 0;
};

[[nodiscard]] Result<> get_record_lock(Machine& m, TaskId self, FileId file, UserPtr<Flock> lock, bool ofd);
[[nodiscard]] Outcome<> set_record_lock(Machine& m, TaskId self, FileId file, UserPtr<Flock> lock, bool ofd,
                                        bool wait);
/// F_SETLKW entered again.
[[nodiscard]] Outcome<> resume_record_lock(Machine& m, TaskId self);

/// close(2) of any descriptor of a file gives up the process's record locks on it.
void release_posix_locks(Machine& m, FilesId owner, InodeId inode);
/// The descriptor table goes: all its record locks do.
void release_all_posix_locks(Machine& m, FilesId owner);
/// The open file description goes: its flock and OFD locks do.
void release_file_locks(Machine& m, FileId file);

}  // namespace norn
