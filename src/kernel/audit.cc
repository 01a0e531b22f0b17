#include "kernel/audit.h"

namespace norn {

AuditReport audit(const Machine& m)
{
    AuditReport report;
    audit_tasks(m, report);
    audit_sleep(m, report);
    // What follows walks the same lists without looking where it steps.
    if (!report.broken.empty()) return report;
    audit_mm(m, report);
    audit_fs(m, report);
    return report;
}

}  // namespace norn
