// execve (exec.c): find and open the program, take the arguments, build its memory aside, become the only
// thread of the group, then commit, which cannot fail.
//
//  X1  Until commit nothing of the old program is touched but that its other threads are killed.
//  X2  When an image can no longer be built after the other threads are gone, the process dies: there is
//      nobody left to tell.
#include "kernel/exec.h"

#include <algorithm>

#include "kernel/binfmt.h"
#include "kernel/exit.h"
#include "kernel/fork.h"
#include "kernel/fpu.h"
#include "kernel/jobctl.h"
#include "kernel/pid.h"
#include "kernel/posix_timer.h"
#include "kernel/rlimit.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/radix.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr int at_fdcwd = -100;
constexpr uint32_t at_symlink_nofollow = 0x100, at_empty_path = 0x1000, at_execve_check = 0x10000;
constexpr std::size_t max_string = 128ull << 10;
constexpr uint64_t max_strings = 6ull << 20;  ///< three quarters of Linux's default stack
constexpr int max_script_depth = 5;

/// What is to be run, from whichever call.
struct ExecRequest {
    int dirfd = at_fdcwd;
    std::string path;
    int flags = 0;
    UserPtr<uint64_t> argv, envp;
};

/// An array of strings ended by a null pointer; none at all is an empty one. `budget` is what may still be
/// used. EFAULT, E2BIG.
Result<std::vector<std::string>> fetch_strings(Machine& m, TaskId self, UserPtr<uint64_t> array,
                                               uint64_t& budget)
{
    std::vector<std::string> strings;
    if (!array) return strings;
    for (uint64_t i = 0;; ++i) {
        const uint64_t address = TRY(get_user(m, self, array + i));
        if (address == 0) return strings;
        std::string text = TRY(get_string(m, self, UserStr{address}, max_string, E2BIG));
        const uint64_t cost = text.size() + 1 + sizeof(uint64_t);
        if (cost > budget) return E2BIG;
        budget -= cost;
        strings.push_back(std::move(text));
    }
}

/// Bytes that strings and their pointers may take (execve(2), "Limits on size").
uint64_t argument_budget(const Machine& m, TaskId self)
{
    const uint64_t quarter = rlimit(m, self, RLIMIT_STACK).soft / 4;
    return std::max<uint64_t>(std::min(max_strings, quarter), max_string);
}

std::string_view base_name(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// The name a program started through a descriptor goes by.
std::string descriptor_name(const ExecRequest& request)
{
    std::string name = "/dev/fd/" + std::to_string(request.dirfd);
    if (!request.path.empty()) name += "/" + request.path;
    return name;
}

void name_program(Machine& m, TaskId self, const ExecRequest& request, Binprm& program)
{
    const bool by_descriptor = request.dirfd != at_fdcwd && (request.path.empty() || request.path[0] != '/');
    program.filename = by_descriptor ? descriptor_name(request) : request.path;
    program.interp = program.filename;
    program.comm = base_name(program.filename);
    if (!by_descriptor) return;
    if (request.path.empty()) program.comm = base_name(path_string(m, self, m[program.file.get()].path));
    const auto fd = static_cast<uint64_t>(request.dirfd);
    program.path_inaccessible = tree_mark(m, m[m[self].files].table, fd);
}

/// Opens what is to run and takes the arguments.
Result<Binprm> prepare(Machine& m, TaskId self, const ExecRequest& request)
{
    Binprm program;
    TRY(open_program(m, self, request.dirfd, request.path, request.flags, program));
    name_program(m, self, request, program);
    uint64_t budget = argument_budget(m, self);
    const uint64_t name_cost = program.filename.size() + 1;
    if (name_cost > max_string) return E2BIG;
    budget -= name_cost;
    program.envp = TRY(fetch_strings(m, self, request.envp, budget));
    program.argv = TRY(fetch_strings(m, self, request.argv, budget));
    if (program.argv.empty()) program.argv.emplace_back();
    return program;
}

/// Scripts become their interpreters, until there is something to load.
Result<> resolve_scripts(Machine& m, TaskId self, Binprm& program)
{
    for (int depth = 0; is_script(program); ++depth) {
        if (depth == max_script_depth) return ELOOP;
        TRY(follow_script(m, self, program));
    }
    return {};
}

/// Everything of the program that is made before commit.
struct NewProgram {
    Binprm binprm;
    ExecCred cred;
    Image image;
};

NewProgram make_program(Machine& m, TaskId self, Binprm&& binprm, BuildError& error)
{
    NewProgram made;
    made.binprm = std::move(binprm);
    const Result<> resolved = resolve_scripts(m, self, made.binprm);
    if (!resolved.ok()) {
        error = {resolved.error(), false};
        return made;
    }
    made.cred = exec_cred(m, self, m[m[made.binprm.file.get()].inode]);
    made.image = build_elf(m, self, made.binprm, made.cred, error);
    return made;
}

bool is_alone(const Machine& m, TaskId self)
{
    return m[m[self].signal].live == 1;
}

/// The other threads are gone; the leader's number and place are ours (de_thread).
void become_leader(Machine& m, TaskId self)
{
    const SignalId signal = m[self].signal;
    const TaskId old = m[self].group_leader;
    if (old != self) {
        const PidId own = m[self].pid;
        const PidId pid = m[old].pid;
        const uint64_t start = m[old].start_ns;
        m.edit(self).pid = pid;
        m.edit(old).pid = own;
        set_pid_task(m, pid, self);
        set_pid_task(m, own, old);
        m.edit(self).start_ns = start;
        m.edit(self).group_leader = self;
        m.edit(old).group_leader = self;
        take_place_of(m, self, old);
        if (m.state.program == old) m.state.program = self;
        if (m.state.init == old) m.state.init = self;
        release_task(m, old);
    }
    m.edit(signal).group_exec_task = {};
    m.edit(self).exit_signal = SIGCHLD_;
}

/// One table of handlers for us alone, as a new program finds it.
void reset_handlers(Machine& m, TaskId self)
{
    const SighandId old = m[self].sighand;
    if (m[old].refs > 1) {
        const SighandId own = m.allocate_like(old);
        m.edit(own).refs = 1;
        --m.edit(old).refs;
        m.edit(self).sighand = own;
    }
    flush_signal_handlers(m, m[self].sighand, false);
}

void replace_mm(Machine& m, TaskId self, Image& image)
{
    release_mm(m, self);
    const MmId old = m[self].mm;
    m.edit(self).mm = image.mm.release();
    if (!old) return;
    Signal& s = m.edit(m[self].signal);
    s.maxrss = std::max(s.maxrss, m[old].hiwater_rss);
    put_mm(m, old);
}

void reset_registers(Machine& m, TaskId self, const Image& image)
{
    x86::Cpu cpu;
    cpu.rip = image.entry;
    cpu.gpr[x86::rsp] = image.stack_pointer;
    m.edit(self).cpu = cpu;
    store_fpu(m, self, x86::initial_fpu());
}

/// The ids and what hangs on them; a plain program is dumpable.
void take_cred(Machine& m, TaskId self, const ExecCred& cred)
{
    const int16_t pdeath_signal = m[self].pdeath_signal;
    commit_cred(m, self, cred.cred);
    const bool differ = cred.cred.uid != cred.cred.euid || cred.cred.gid != cred.cred.egid;
    m.edit(m[self].mm).dumpable = differ ? 0 : 1;
    m.edit(self).pdeath_signal = cred.secure ? 0 : pdeath_signal;
}

void commit(Machine& m, TaskId self, NewProgram& made)
{
    become_leader(m, self);
    replace_mm(m, self, made.image);
    exec_timers(m, m[self].signal);
    reset_handlers(m, self);
    unshare_files(m, self);
    close_on_exec(m, m[self].files);
    take_cred(m, self, made.cred);
    set_comm(m, self, made.binprm.comm);
    reset_registers(m, self, made.image);
    Task& t = m.edit(self);
    t.flags &= ~task_forked_no_exec;
    t.altstack_sp = t.altstack_size = 0;
    t.altstack_flags = 2;
    t.robust_list = t.rseq_area = 0;
    t.rseq_len = t.rseq_sig = 0;
    ++t.exec_id;
    emit(m, EventKind::exec, self);
}

/// Kills the other threads; the exec is entered again when they are gone.
Sleep wait_to_be_alone(Machine& m, TaskId self)
{
    const SignalId signal = m[self].signal;
    m.edit(signal).group_exec_task = self;
    zap_other_threads(m, self);
    return Sleep{{QueueKind::exec_alone, {}, signal.raw}, SleepMode::killable};
}

Outcome<> run_program(Machine& m, TaskId self, const ExecRequest& request)
{
    const SignalId signal = m[self].signal;
    const bool waited = m[signal].group_exec_task == self;
    if (waited && fatal_signal_pending(m, self)) {
        m.edit(signal).group_exec_task = {};
        return EAGAIN;
    }
    if (waited && !is_alone(m, self))
        return Sleep{{QueueKind::exec_alone, {}, signal.raw}, SleepMode::killable};
    Result<Binprm> binprm = prepare(m, self, request);
    BuildError error{binprm.error(), false};
    NewProgram made;
    if (binprm.ok()) made = make_program(m, self, std::move(*binprm), error);
    if (request.flags & static_cast<int>(at_execve_check)) return error.error;
    if (error.error != Errno::none) {
        if (!waited && !error.fatal) return error.error;
        m.edit(signal).group_exec_task = {};
        force_fatal_signal(m, self, SIGSEGV_);  // X2
        return error.error;
    }
    if (!is_alone(m, self)) {
        if ((m[signal].flags & signal_group_exit) || m[signal].group_exec_task) return EAGAIN;
        return wait_to_be_alone(m, self);
    }
    commit(m, self, made);
    return 0;
}

}  // namespace

Result<> open_program(Machine& m, TaskId self, int dirfd, const std::string& path, int flags, Binprm& program)
{
    const FileId opened = TRY(open_exec(m, self, dirfd, path, flags));
    HeldFile file(m, opened);
    program.head = {};
    TRY(read_inode(m, m[file.get()].inode, 0, program.head));
    program.file = std::move(file);
    return {};
}

Result<> exec_first(Machine& m, TaskId self, const std::string& path, const std::vector<std::string>& argv,
                    const std::vector<std::string>& envp)
{
    Binprm program;
    TRY(open_program(m, self, at_fdcwd, path, 0, program));
    program.filename = program.interp = path;
    program.comm = base_name(path);
    program.argv = argv;
    program.envp = envp;
    if (program.argv.empty()) program.argv.emplace_back();
    uint64_t used = path.size() + 1;
    for (const auto* list : {&program.argv, &program.envp})
        for (const std::string& text : *list) used += text.size() + 1 + sizeof(uint64_t);
    if (used > argument_budget(m, self)) return E2BIG;
    BuildError error;
    NewProgram made = make_program(m, self, std::move(program), error);
    if (error.error != Errno::none) return error.error;
    commit(m, self, made);
    return {};
}

Outcome<> sys_execve(Machine& m, TaskId self, UserStr path, UserPtr<uint64_t> argv, UserPtr<uint64_t> envp)
{
    ExecRequest request;
    request.path = TRY(get_path(m, self, path));
    if (request.path.empty()) return ENOENT;
    request.argv = argv;
    request.envp = envp;
    return run_program(m, self, request);
}

Outcome<> sys_execveat(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<uint64_t> argv,
                       UserPtr<uint64_t> envp, uint32_t flags)
{
    ExecRequest request;
    request.dirfd = dirfd;
    request.path = TRY(get_path(m, self, path));
    if (request.path.empty() && !(flags & at_empty_path)) return ENOENT;
    if (flags & ~(at_symlink_nofollow | at_empty_path | at_execve_check)) return EINVAL;
    request.flags = static_cast<int>(flags);
    request.argv = argv;
    request.envp = envp;
    return run_program(m, self, request);
}

}  // namespace norn
