// signalfd(2): pending signals that are read.
#include "fs/abi.h"
#include "fs/eventfd.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

/// struct signalfd_siginfo (signalfd(2)).
struct SignalfdSiginfo {
    uint32_t signo = 0;
    int32_t error = 0, code = 0;
    uint32_t pid = 0, uid = 0;
    int32_t fd = 0;
    uint32_t tid = 0, band = 0, overrun = 0, trapno = 0;
    int32_t status = 0, value_int = 0;
    uint64_t value_ptr = 0, utime = 0, stime = 0, addr = 0;
    uint16_t addr_lsb = 0, pad2 = 0;
    int32_t syscall = 0;
    uint64_t call_addr = 0;
    uint32_t arch = 0;
    std::array<uint8_t, 28> pad{};
};
static_assert(sizeof(SignalfdSiginfo) == 128);

SignalfdSiginfo describe(const SigInfo& info)
{
    SignalfdSiginfo told;
    told.signo = static_cast<uint32_t>(info.signo);
    told.error = info.error;
    told.code = info.code;
    told.pid = info.pid;
    told.uid = info.uid;
    told.status = info.status;
    if (info.fault_address) {
        told.addr = info.value;
    } else {
        told.value_int = static_cast<int32_t>(info.value);
        told.value_ptr = info.value;
    }
    told.utime = info.utime;
    told.stime = info.stime;
    return told;
}

}  // namespace

Outcome<> signalfd_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    IoCursor cursor(to);
    if (cursor.left() < sizeof(SignalfdSiginfo)) return EINVAL;
    const SigSet wanted = m[file].value;
    uint64_t done = 0;
    while (cursor.left() >= sizeof(SignalfdSiginfo)) {
        const SigInfo info = dequeue_signal(m, self, wanted);
        if (info.signo == 0) break;
        const SignalfdSiginfo told = describe(info);
        const auto* bytes = reinterpret_cast<const uint8_t*>(&told);
        if (cursor.put(m, self, {bytes, sizeof told}) < sizeof told)
            return done > 0 ? Outcome<>(done) : EFAULT;
        done += sizeof told;
    }
    if (done > 0) return done;
    if (m[file].flags & o_nonblock) return EAGAIN;
    if (signal_pending(m, self)) return ERESTARTSYS;
    return Sleep{queue_of(QueueKind::signal, self.raw)};
}

Result<int> sys_signalfd4(Machine& m, TaskId self, int fd, UserPtr<uint64_t> mask, uint64_t size, int flags)
{
    const auto bits = static_cast<uint32_t>(flags);
    if (bits & ~(o_cloexec | o_nonblock)) return EINVAL;
    if (size != sizeof(SigSet)) return EINVAL;
    const SigSet wanted = TRY(get_user(m, self, mask)) & ~never_blocked;
    if (fd == -1) {
        const FileId file = new_anon_file(m, FileKind::signalfd, o_rdwr | (bits & o_nonblock));
        m.edit(file).value = wanted;
        return install_anon_file(m, self, file, bits & o_cloexec);
    }
    const FileId file = TRY(fget(m, self, fd));
    if (m[file].kind != FileKind::signalfd) return EINVAL;
    m.edit(file).value = wanted;
    return fd;
}

Result<int> sys_signalfd(Machine& m, TaskId self, int fd, UserPtr<uint64_t> mask, uint64_t size)
{
    return sys_signalfd4(m, self, fd, mask, size, 0);
}

}  // namespace norn
