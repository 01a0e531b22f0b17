#include "kernel/rseq.h"

#include "kernel/signal.h"
#include "mm/usercopy.h"
#include "x86/engine.h"

namespace norn {

namespace {
constexpr uint32_t rseq_size = 32;
constexpr int RSEQ_FLAG_UNREGISTER_ = 1;
constexpr uint32_t cpu_unregistered = ~0u;

/// struct rseq of the UAPI.
struct Area {
    uint32_t cpu_id_start = 0;
    uint32_t cpu_id = 0;
    uint64_t critical_section = 0;
    uint32_t flags = 0;
    uint32_t node_id = 0;
    uint32_t mm_cid = 0;
};
constexpr uint64_t critical_section_offset = 8;

/// struct rseq_cs: a stretch of code and where it starts over.
struct CriticalSection {
    uint32_t version = 0, flags = 0;
    uint64_t start = 0, length = 0, abort = 0;
};

Result<> write_ids(Machine& m, TaskId self, uint32_t start, uint32_t cpu)
{
    const uint64_t area = m[self].rseq_area;
    TRY(put_user(m, self, UserPtr<uint32_t>{area}, start));
    TRY(put_user(m, self, UserPtr<uint32_t>{area + 4}, cpu));
    TRY(put_user(m, self, UserPtr<uint32_t>{area + 20}, 0u));
    return put_user(m, self, UserPtr<uint32_t>{area + 24}, cpu == cpu_unregistered ? 0u : cpu);
}

Result<> update_ids(Machine& m, TaskId self)
{
    const uint32_t cpu = m[self].cpu_number;
    const uint32_t shown = TRY(get_user(m, self, UserPtr<uint32_t>{m[self].rseq_area + 4}));
    return shown == cpu ? Result<>() : write_ids(m, self, cpu, cpu);
}

Result<> leave_critical_section(Machine& m, TaskId self)
{
    const UserPtr<uint64_t> pointer{m[self].rseq_area + critical_section_offset};
    const uint64_t at = TRY(get_user(m, self, pointer));
    if (at == 0) return {};
    const auto section = TRY(get_user(m, self, UserPtr<CriticalSection>{at}));
    TRY(put_user(m, self, pointer, uint64_t{0}));
    if (m[self].cpu.rip - section.start >= section.length) return {};
    const uint32_t signature = TRY(get_user(m, self, UserPtr<uint32_t>{section.abort - 4}));
    if (section.version != 0 || signature != m[self].rseq_sig) return EINVAL;
    m.edit(self).cpu.rip = section.abort;
    return {};
}
}  // namespace

void rseq_interrupted(Machine& m, TaskId self)
{
    if (leave_critical_section(m, self).ok() && update_ids(m, self).ok()) return;
    SigInfo info;
    info.signo = SIGSEGV_;
    info.code = 0x80;  // SI_KERNEL
    m.edit(self).rseq_area = 0;
    force_signal(m, self, info);
}

Result<> sys_rseq(Machine& m, TaskId self, uint64_t area, uint32_t length, int flags, uint32_t signature)
{
    const Task& task = m[self];
    if (flags & RSEQ_FLAG_UNREGISTER_) {
        if (flags & ~RSEQ_FLAG_UNREGISTER_) return EINVAL;
        if (task.rseq_area == 0 || task.rseq_area != area || task.rseq_len != length) return EINVAL;
        if (task.rseq_sig != signature) return EPERM;
        TRY(write_ids(m, self, 0, cpu_unregistered));
        Task& t = m.edit(self);
        t.rseq_area = 0;
        t.rseq_len = t.rseq_sig = 0;
        return {};
    }
    if (flags != 0) return EINVAL;
    if (task.rseq_area != 0) {
        if (task.rseq_area != area || task.rseq_len != length) return EINVAL;
        return task.rseq_sig != signature ? EPERM : EBUSY;
    }
    if (area % rseq_size != 0 || length != rseq_size) return EINVAL;
    if (area == 0 || area >= x86::user_end) return EFAULT;
    Task& t = m.edit(self);
    t.rseq_area = area;
    t.rseq_len = length;
    t.rseq_sig = signature;
    const uint32_t cpu = t.cpu_number;
    return write_ids(m, self, cpu, cpu);
}

}  // namespace norn
