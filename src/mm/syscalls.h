// System calls on memory.
#pragma once

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

Result<uint64_t> sys_mmap(Machine& m, TaskId self, uint64_t addr, uint64_t length, uint64_t prot,
                          uint64_t flags, uint64_t fd, uint64_t offset);
Result<> sys_munmap(Machine& m, TaskId self, uint64_t addr, uint64_t length);
Result<> sys_mprotect(Machine& m, TaskId self, uint64_t addr, uint64_t length, uint64_t prot);
Result<> sys_pkey_mprotect(Machine& m, TaskId self, uint64_t addr, uint64_t length, uint64_t prot, int pkey);
Result<int> sys_pkey_alloc(Machine& m, TaskId self, uint64_t flags, uint64_t rights);
Result<> sys_pkey_free(Machine& m, TaskId self, int pkey);
Result<uint64_t> sys_mremap(Machine& m, TaskId self, uint64_t old_address, uint64_t old_size,
                            uint64_t new_size, uint64_t flags, uint64_t new_address);
Result<uint64_t> sys_brk(Machine& m, TaskId self, uint64_t addr);
Result<> sys_madvise(Machine& m, TaskId self, uint64_t addr, uint64_t length, int advice);
Result<> sys_msync(Machine& m, TaskId self, uint64_t addr, uint64_t length, int flags);
Result<> sys_mincore(Machine& m, TaskId self, uint64_t addr, uint64_t length, UserPtr<uint8_t> vec);
Result<> sys_mlock(Machine& m, TaskId self, uint64_t addr, uint64_t length);
Result<> sys_mlock2(Machine& m, TaskId self, uint64_t addr, uint64_t length, int flags);
Result<> sys_munlock(Machine& m, TaskId self, uint64_t addr, uint64_t length);
Result<> sys_mlockall(Machine& m, TaskId self, int flags);
Result<> sys_munlockall(Machine& m, TaskId self);
Result<> sys_get_mempolicy(Machine& m, TaskId self, UserPtr<int> mode, UserPtr<uint64_t> nodemask,
                           uint64_t maxnode, uint64_t addr, uint64_t flags);
Result<> sys_set_mempolicy(Machine& m, TaskId self, int mode, UserPtr<uint64_t> nodemask, uint64_t maxnode);

}  // namespace norn
