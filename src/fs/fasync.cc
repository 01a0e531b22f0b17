#include "fs/fasync.h"

#include <algorithm>
#include <vector>

#include "fs/abi.h"
#include "fs/file.h"
#include "kernel/signal.h"
#include "kernel/task.h"

namespace norn {

namespace {

enum OwnerType : uint8_t { owner_tid = 0, owner_pid = 1, owner_pgrp = 2 };
constexpr int POLL_IN_ = 1, POLL_OUT_ = 2;

/// The siginfo of F_SETSIG; plain SIGIO says no more than that it is the kernel's.
SigInfo async_info(const File& file, bool readable)
{
    SigInfo info;
    info.signo = file.owner_signal ? file.owner_signal : int{SIGIO_};
    info.code = file.owner_signal ? (readable ? POLL_IN_ : POLL_OUT_) : int{SI_KERNEL_};
    if (!file.owner_signal) return info;
    info.pid = readable ? poll_in | poll_rdnorm : poll_out | poll_wrnorm | poll_wrband;  // si_band
    info.value = static_cast<uint32_t>(file.async_fd);
    return info;
}

/// May who set the owner signal that process (sigio_perm)?
bool permitted(const Machine& m, const File& file, TaskId target)
{
    const Cred& cred = m[m[target].cred];
    return file.owner_uid == 0 || file.owner_uid == cred.uid || file.owner_uid == cred.suid;
}

void signal_owner(Machine& m, FileId id, bool readable)
{
    const File file = m[id];
    if (!file.owner) return;
    const SigInfo info = async_info(file, readable);
    if (file.owner_type == owner_pgrp) {
        for (SignalId s = m[file.owner].group_first; s; s = m[s].pgrp_next)
            if (permitted(m, file, leader_of(m, s))) send_signal_group(m, s, info);
        return;
    }
    const TaskId target = m[file.owner].task;
    if (!target || !permitted(m, file, target)) return;
    if (file.owner_type == owner_tid)
        send_signal_task(m, target, info);
    else
        send_signal_group(m, m[target].signal, info);
}

/// Does the file read from the queue, or write to it?
bool uses(const Machine& m, const File& file, PipeId queue, bool readable)
{
    if (file.kind == FileKind::pipe)
        return file.pipe == queue && (file.flags & o_accmode) != (readable ? o_wronly : o_rdonly);
    if (file.kind != FileKind::socket) return false;
    const InodeId receiver = readable ? file.inode : m[file.inode].peer;
    return receiver && m[receiver].pipe == queue;
}

}  // namespace

bool has_async(const Machine& m, FileId file)
{
    const FileKind kind = m[file].kind;
    return kind == FileKind::pipe || kind == FileKind::socket || kind == FileKind::tty ||
           kind == FileKind::outside;
}

void set_async(Machine& m, FileId file, bool on, int fd)
{
    const bool was = m[file].flags & o_async;
    if (on == was) return;
    m.state.async_files += on ? 1u : ~0u;
    File& changed = m.edit(file);
    changed.flags ^= uint32_t{o_async};
    changed.async_fd = on ? fd : 0;
}

void kill_fasync(Machine& m, PipeId queue, bool readable)
{
    if (m.state.async_files == 0) return;
    std::vector<FileId> asked;
    m.pool<File>().each([&](FileId id, const File& file) {
        if ((file.flags & o_async) && uses(m, file, queue, readable)) asked.push_back(id);
    });
    for (const FileId file : asked) signal_owner(m, file, readable);
}

}  // namespace norn
