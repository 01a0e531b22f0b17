// The system calls of a task's life; each is defined in the file that its part is named after.
#pragma once

#include "kernel/rusage.h"
#include "kernel/signal.h"
#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

struct IoVec;

// fork.cc, clone3.cc
[[nodiscard]] Outcome<> sys_fork(Machine& m, TaskId self);
[[nodiscard]] Outcome<> sys_vfork(Machine& m, TaskId self);
[[nodiscard]] Outcome<> sys_clone(Machine& m, TaskId self, uint64_t flags, uint64_t stack,
                                  UserPtr<int> parent_tid, UserPtr<int> child_tid, uint64_t tls);
[[nodiscard]] Outcome<> sys_clone3(Machine& m, TaskId self, UserPtr<> uargs, std::size_t size);
// unshare.cc
[[nodiscard]] Result<> sys_unshare(Machine& m, TaskId self, uint64_t flags);
// exec.cc
[[nodiscard]] Outcome<> sys_execve(Machine& m, TaskId self, UserStr path, UserPtr<uint64_t> argv,
                                   UserPtr<uint64_t> envp);
[[nodiscard]] Outcome<> sys_execveat(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<uint64_t> argv,
                                     UserPtr<uint64_t> envp, uint32_t flags);
// exit.cc, wait.cc, rusage.cc
[[nodiscard]] Result<> sys_exit(Machine& m, TaskId self, int status);
[[nodiscard]] Result<> sys_exit_group(Machine& m, TaskId self, int status);
[[nodiscard]] Outcome<> sys_wait4(Machine& m, TaskId self, int pid, UserPtr<int> wstatus, uint32_t options,
                                  UserPtr<Rusage> usage);
[[nodiscard]] Outcome<> sys_waitid(Machine& m, TaskId self, int which, int id, UserPtr<> info,
                                   uint32_t options, UserPtr<Rusage> usage);
[[nodiscard]] Result<> sys_getrusage(Machine& m, TaskId self, int who, UserPtr<Rusage> usage);
// pidfd.cc
[[nodiscard]] Result<int> sys_pidfd_open(Machine& m, TaskId self, int number, uint32_t flags);
[[nodiscard]] Result<> sys_pidfd_send_signal(Machine& m, TaskId self, int pidfd, int signo,
                                             UserPtr<SigInfoBytes> info, uint32_t flags);
[[nodiscard]] Result<int> sys_pidfd_getfd(Machine& m, TaskId self, int pidfd, int target_fd, uint32_t flags);
// signal_calls.cc, sigframe.cc
[[nodiscard]] Result<> sys_kill(Machine& m, TaskId self, int pid, int signo);
[[nodiscard]] Result<> sys_tkill(Machine& m, TaskId self, int tid, int signo);
[[nodiscard]] Result<> sys_tgkill(Machine& m, TaskId self, int tgid, int tid, int signo);
[[nodiscard]] Result<> sys_rt_sigqueueinfo(Machine& m, TaskId self, int pid, int signo,
                                           UserPtr<SigInfoBytes> from);
[[nodiscard]] Result<> sys_rt_tgsigqueueinfo(Machine& m, TaskId self, int tgid, int tid, int signo,
                                             UserPtr<SigInfoBytes> from);
[[nodiscard]] Result<> sys_rt_sigaction(Machine& m, TaskId self, int signo, UserPtr<SigAction> action,
                                        UserPtr<SigAction> old, std::size_t size);
[[nodiscard]] Result<> sys_rt_sigprocmask(Machine& m, TaskId self, int how, UserPtr<SigSet> set,
                                          UserPtr<SigSet> old, std::size_t size);
[[nodiscard]] Result<> sys_rt_sigpending(Machine& m, TaskId self, UserPtr<> set, std::size_t size);
[[nodiscard]] Outcome<> sys_rt_sigsuspend(Machine& m, TaskId self, UserPtr<SigSet> set, std::size_t size);
[[nodiscard]] Outcome<> sys_rt_sigtimedwait(Machine& m, TaskId self, UserPtr<SigSet> uset,
                                            UserPtr<SigInfoBytes> uinfo, UserPtr<> timeout, std::size_t size);
[[nodiscard]] Outcome<> sys_pause(Machine& m, TaskId self);
[[nodiscard]] Outcome<> sys_rt_sigreturn(Machine& m, TaskId self);
[[nodiscard]] Result<> sys_sigaltstack(Machine& m, TaskId self, UserPtr<> wanted, UserPtr<> old);
// jobctl.cc
[[nodiscard]] Result<> sys_setpgid(Machine& m, TaskId self, int pid, int pgid);
[[nodiscard]] Result<uint32_t> sys_getpgid(const Machine& m, TaskId self, int pid);
[[nodiscard]] Result<uint32_t> sys_getpgrp(const Machine& m, TaskId self);
[[nodiscard]] Result<uint32_t> sys_getsid(const Machine& m, TaskId self, int pid);
[[nodiscard]] Result<uint32_t> sys_setsid(Machine& m, TaskId self);
// cred.cc, capability.cc
[[nodiscard]] Result<uint32_t> sys_getuid(const Machine& m, TaskId self);
[[nodiscard]] Result<uint32_t> sys_geteuid(const Machine& m, TaskId self);
[[nodiscard]] Result<uint32_t> sys_getgid(const Machine& m, TaskId self);
[[nodiscard]] Result<uint32_t> sys_getegid(const Machine& m, TaskId self);
[[nodiscard]] Result<> sys_getresuid(Machine& m, TaskId self, UserPtr<uint32_t> ruid, UserPtr<uint32_t> euid,
                                     UserPtr<uint32_t> suid);
[[nodiscard]] Result<> sys_getresgid(Machine& m, TaskId self, UserPtr<uint32_t> rgid, UserPtr<uint32_t> egid,
                                     UserPtr<uint32_t> sgid);
[[nodiscard]] Result<> sys_setuid(Machine& m, TaskId self, uint32_t uid);
[[nodiscard]] Result<> sys_setgid(Machine& m, TaskId self, uint32_t gid);
[[nodiscard]] Result<> sys_setreuid(Machine& m, TaskId self, uint32_t ruid, uint32_t euid);
[[nodiscard]] Result<> sys_setregid(Machine& m, TaskId self, uint32_t rgid, uint32_t egid);
[[nodiscard]] Result<> sys_setresuid(Machine& m, TaskId self, uint32_t ruid, uint32_t euid, uint32_t suid);
[[nodiscard]] Result<> sys_setresgid(Machine& m, TaskId self, uint32_t rgid, uint32_t egid, uint32_t sgid);
[[nodiscard]] Result<uint32_t> sys_setfsuid(Machine& m, TaskId self, uint32_t uid);
[[nodiscard]] Result<uint32_t> sys_setfsgid(Machine& m, TaskId self, uint32_t gid);
[[nodiscard]] Result<uint32_t> sys_getgroups(Machine& m, TaskId self, int size, UserPtr<uint32_t> list);
[[nodiscard]] Result<> sys_setgroups(Machine& m, TaskId self, int size, UserPtr<uint32_t> list);
[[nodiscard]] Result<> sys_capget(Machine& m, TaskId self, UserPtr<> header, UserPtr<> data);
[[nodiscard]] Result<> sys_capset(Machine& m, TaskId self, UserPtr<> header, UserPtr<> data);
// prctl.cc, rlimit.cc, sys.cc
[[nodiscard]] Result<uint64_t> sys_prctl(Machine& m, TaskId self, int option, uint64_t arg2, uint64_t arg3,
                                         uint64_t arg4, uint64_t arg5);
[[nodiscard]] Result<> sys_getrlimit(Machine& m, TaskId self, uint32_t resource, UserPtr<RLimit> limit);
[[nodiscard]] Result<> sys_setrlimit(Machine& m, TaskId self, uint32_t resource, UserPtr<RLimit> limit);
[[nodiscard]] Result<> sys_prlimit64(Machine& m, TaskId self, int pid, uint32_t resource,
                                     UserPtr<RLimit> wanted, UserPtr<RLimit> old);
[[nodiscard]] uint32_t sys_getpid(const Machine& m, TaskId self);
[[nodiscard]] uint32_t sys_gettid(const Machine& m, TaskId self);
[[nodiscard]] uint32_t sys_getppid(const Machine& m, TaskId self);
[[nodiscard]] Result<uint32_t> sys_set_tid_address(Machine& m, TaskId self, UserPtr<int> address);
[[nodiscard]] Result<> sys_uname(Machine& m, TaskId self, UserPtr<> to);
[[nodiscard]] Result<> sys_sethostname(Machine& m, TaskId self, UserStr name, int length);
[[nodiscard]] Result<> sys_setdomainname(Machine& m, TaskId self, UserStr name, int length);
[[nodiscard]] Result<> sys_sysinfo(Machine& m, TaskId self, UserPtr<> to);
[[nodiscard]] Result<uint32_t> sys_personality(Machine& m, TaskId self, uint32_t wanted);
[[nodiscard]] Result<> sys_syslog(Machine& m, TaskId self, int type, UserPtr<> buffer, int length);
[[nodiscard]] Result<> sys_arch_prctl(Machine& m, TaskId self, int code, uint64_t address);
// process_vm.cc
[[nodiscard]] Outcome<> sys_process_vm_readv(Machine& m, TaskId self, int pid, UserPtr<IoVec> local,
                                             uint64_t local_count, UserPtr<IoVec> remote,
                                             uint64_t remote_count, uint64_t flags);
[[nodiscard]] Outcome<> sys_process_vm_writev(Machine& m, TaskId self, int pid, UserPtr<IoVec> local,
                                              uint64_t local_count, UserPtr<IoVec> remote,
                                              uint64_t remote_count, uint64_t flags);
[[nodiscard]] Result<int> sys_kcmp(const Machine& m, TaskId self, int pid1, int pid2, int type,
                                   uint64_t first, uint64_t second);

}  // namespace norn
