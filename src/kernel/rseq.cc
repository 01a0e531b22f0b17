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
    uint32_t unused = 0;
};
static_assert(sizeof(Area) == rseq_size);

/// struct rseq_cs: a stretch of code and where it starts over.
struct CriticalSection {
    uint32_t version = 0, flags = 0;
    uint64_t start = 0, length = 0, abort = 0;
};

UserPtr<Area> area_of(const Machine& m, TaskId self)
{
    return UserPtr<Area>{m[self].rseq_area};
}

void show_cpu(Area& area, uint32_t cpu)
{
    area.cpu_id_start = area.cpu_id = area.mm_cid = cpu;
    area.node_id = 0;
}

Result<> write_cpu(Machine& m, TaskId self, uint32_t cpu)
{
    Area area = TRY(get_user(m, self, area_of(m, self)));
    show_cpu(area, cpu);
    return put_user(m, self, area_of(m, self), area);
}

/// The critical section that `area` names is over: inside it, the task goes on at its abort handler.
Result<> leave_critical_section(Machine& m, TaskId self, Area& area)
{
    const auto section = TRY(get_user(m, self, UserPtr<CriticalSection>{area.critical_section}));
    area.critical_section = 0;
    if (m[self].cpu.rip - section.start >= section.length) return {};
    const uint32_t signature = TRY(get_user(m, self, UserPtr<uint32_t>{section.abort - 4}));
    if (section.version != 0 || signature != m[self].rseq_sig) return EINVAL;
    m.edit(self).cpu.rip = section.abort;
    return {};
}

Result<> bring_up_to_date(Machine& m, TaskId self)
{
    Area area = TRY(get_user(m, self, area_of(m, self)));
    const uint32_t cpu = m[self].cpu_number;
    if (area.critical_section == 0 && area.cpu_id == cpu) return {};
    if (area.critical_section != 0) TRY(leave_critical_section(m, self, area));
    show_cpu(area, cpu);
    return put_user(m, self, area_of(m, self), area);
}
}  // namespace

void rseq_interrupted(Machine& m, TaskId self)
{
    if (bring_up_to_date(m, self).ok()) return;
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
        Area gone = TRY(get_user(m, self, area_of(m, self)));
        show_cpu(gone, 0);
        gone.cpu_id = cpu_unregistered;
        TRY(put_user(m, self, area_of(m, self), gone));
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
    return write_cpu(m, self, t.cpu_number);
}

}  // namespace norn
