// flock(2) and fcntl(2) record locks.
#pragma once

#include "fs/ops.h"

namespace norn {

/// close(2) of any descriptor of a file gives up the process's record locks on it.
void release_posix_locks(Machine& m, FilesId owner, InodeId inode);
/// The descriptor table goes: all its record locks do.
void release_all_posix_locks(Machine& m, FilesId owner);
/// The open file description goes: its flock and OFD locks do.
void release_file_locks(Machine& m, FileId file);

}  // namespace norn
