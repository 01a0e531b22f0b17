// Lines: whose turn it is, what was broken off, where the result stands.
//
//  T1  At most one line is open, that of `open_pid_`, which is inside a call.
//  T2  A tracee whose line was broken off takes it up again with "<... name resumed>".
#include "syscall/strace.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kernel/task.h"
#include "syscall/entry.h"
#include "syscall/flags.h"

namespace norn {

namespace {

constexpr std::size_t result_column = 40;

TaskId task_of(const Machine& m, const Event& event)
{
    return find_task(m, event.pid);
}

MmId mm_of(const Machine& m, const Event& event)
{
    const TaskId task = task_of(m, event);
    return task ? m[task].mm : MmId{};
}

/// "12:34:56 " or "12:34:56.000789 ", in UTC.
std::string clock_text(const Machine& m, uint64_t time_ns, StraceClock clock)
{
    if (clock == StraceClock::none) return "";
    constexpr uint64_t second = 1'000'000'000;
    const uint64_t now = time_ns + static_cast<uint64_t>(m.state.realtime_offset_ns);
    const std::string seconds =
        fmt::format("{:02}:{:02}:{:02}", now / second / 3600 % 24, now / second / 60 % 60, now / second % 60);
    if (clock == StraceClock::seconds) return seconds + " ";
    return fmt::format("{}.{:06} ", seconds, now % second / 1000);
}

std::string name_of(uint64_t number)
{
    const std::string_view known = syscall_name(number);
    return known.empty() ? fmt::format("syscall_{:#x}", number) : std::string(known);
}

}  // namespace

StraceWriter::StraceWriter(Write write, StraceOptions options)
    : write_(std::move(write)), options_(std::move(options))
{
}

void StraceWriter::event(const Machine& m, const Event& event)
{
    if (!follows(event)) return;
    clock_ = clock_text(m, event.time_ns, options_.clock);
    switch (event.kind) {
        case EventKind::clone:
            return attach(event);
        case EventKind::syscall_enter:
            return enter(m, event);
        case EventKind::syscall_exit:
            return leave(m, event);
        case EventKind::signal_deliver:
        case EventKind::signal_ignore:
            return signal(m, event);
        case EventKind::signal_generate:
            if (event.info) tracee(m, event).sent = *event.info;
            return;
        case EventKind::stop:
            return whole_line(event.pid,
                              fmt::format("--- stopped by {} ---", signal_name(static_cast<int>(event.a))));
        case EventKind::exit:
            return end(m, event);
        default:
            return;
    }
}

void StraceWriter::put(std::string_view text)
{
    const std::size_t line = text.rfind('\n');
    column_ = line == text.npos ? column_ + text.size() : text.size() - line - 1;
    write_(text);
}

void StraceWriter::begin_line(uint32_t pid)
{
    if (open_pid_) {
        open_pid_ = 0;
        put(" <unfinished ...>\n");
    }
    column_ = 0;
    if (tracees_.size() > 1 && options_.follow) put(fmt::format("[pid {:5}] ", pid));
    put(clock_);
}

bool StraceWriter::follows(const Event& event) const
{
    if (!started_) return !options_.pid || event.pid == options_.pid;
    if (event.kind == EventKind::clone)
        return options_.follow && tracees_.count(static_cast<uint32_t>(event.a)) > 0;
    return tracees_.count(event.pid) > 0;
}

bool StraceWriter::shows(std::string_view call) const
{
    return options_.calls.empty() ||
           std::find(options_.calls.begin(), options_.calls.end(), call) != options_.calls.end();
}

void StraceWriter::whole_line(uint32_t pid, std::string_view text)
{
    begin_line(pid);
    put(text);
    put("\n");
}

void StraceWriter::resume_line(uint32_t pid, const Tracee& task)
{
    if (open_pid_ == pid) return;
    begin_line(pid);
    put(fmt::format("<... {} resumed>", task.name));
    open_pid_ = pid;
}

void StraceWriter::finish_line(std::string_view result)
{
    put(") ");
    if (column_ < result_column) put(std::string(result_column - column_, ' '));
    put("= ");
    put(result);
    put("\n");
    open_pid_ = 0;
    for (const auto& [pid, line] : std::exchange(late_, {})) whole_line(pid, line);
}

StraceWriter::Tracee& StraceWriter::tracee(const Machine& m, const Event& event)
{
    if (!started_) {
        started_ = true;
        show_start(m, event);
    }
    return tracees_[event.pid];
}

// The first program was not started by a call; its line is made from what exec left on its stack.
void StraceWriter::show_start(const Machine& m, const Event& event)
{
    constexpr uint64_t at_execfn = 31;
    tracees_[event.pid];
    const MmId id = mm_of(m, event);
    if (options_.pid || !id || !shows("execve")) return;
    const Mm& mm = m[id];
    std::string line = "execve(";
    const std::array<uint64_t, 6> none{};
    strace::Show show{m, id, line, none};
    for (uint32_t i = 0; i + 1 < mm.auxv_words; i += 2)
        if (mm.auxv[i] == at_execfn) strace::show_string(show, mm.auxv[i + 1], true);
    const auto strings = [&](uint64_t at, uint64_t end, auto&& each) {
        while (at < end) {
            each(at);
            while (at < end && show.peek<uint8_t>(at).value_or(0)) ++at;
            ++at;
        }
    };
    line += ", [";
    strings(mm.arg_start, mm.arg_end, [&](uint64_t at) {
        if (at != mm.arg_start) line += ", ";
        strace::show_string(show, at, false);
    });
    uint64_t variables = 0;
    strings(mm.env_start, mm.env_end, [&](uint64_t) { ++variables; });
    line += fmt::format("], {:#x} /* {} var{} */", mm.env_start, variables, variables == 1 ? "" : "s");
    begin_line(event.pid);
    put(line);
    finish_line("0");
}

void StraceWriter::attach(const Event& event)
{
    tracees_[event.pid];
    // strace says this on the stream that the lines go to, wherever they are.
    write_(fmt::format("strace: Process {} attached\n", event.pid));
}

void StraceWriter::enter(const Machine& m, const Event& event)
{
    Tracee& task = tracee(m, event);
    const TaskId id = task_of(m, event);
    task.in_call = true;
    task.number = event.a;
    task.name = name_of(event.a);
    task.args = syscall_arguments(m[id]);
    task.shown = 0;
    task.since_ns = event.time_ns;
    task.hidden = !shows(task.name);
    if (task.hidden) return;
    begin_line(event.pid);
    std::string text = task.name + "(";
    strace::Show show{m, m[id].mm, text, task.args};
    show.stack_pointer = m[id].cpu.gpr[x86::rsp];
    if (options_.paths) show.whose_files = id;
    entry_arguments(show, task);
    put(text);
    open_pid_ = event.pid;
}

void StraceWriter::entry_arguments(strace::Show& show, Tracee& task)
{
    if (const strace::Special* special = strace::special_of(task.name)) return special->entry(show);
    const SyscallRow* const row = syscall_row(task.number);
    if (!row) {
        for (std::size_t i = 0; i < 6; ++i)
            show.text(
                fmt::format("{}{}", i ? ", " : "", task.args[i] ? fmt::format("{:#x}", task.args[i]) : "0"));
        return;
    }
    const std::size_t count = strace::shown_arguments(*row, task.args);
    for (std::size_t i = 0; i < count; ++i) {
        if (i) show.text(", ");
        const strace::Shape shape = strace::shape_of(*row, i, task.args);
        if (shape.out) return;
        strace::show_argument(show, shape.how, i);
        task.shown = i + 1;
    }
}

void StraceWriter::exit_arguments(strace::Show& show, const Tracee& task)
{
    if (const strace::Special* special = strace::special_of(task.name)) return special->rest(show);
    const SyscallRow* const row = syscall_row(task.number);
    if (!row) return;
    const std::size_t count = strace::shown_arguments(*row, task.args);
    for (std::size_t i = task.shown; i < count; ++i) {
        if (i > task.shown) show.text(", ");
        const strace::Shape shape = strace::shape_of(*row, i, task.args);
        show.shows_output = shape.out;
        strace::show_argument(show, shape.how, i);
    }
}

void StraceWriter::leave(const Machine& m, const Event& event)
{
    Tracee& task = tracee(m, event);
    if (!task.in_call) return;
    if (!task.hidden) show_exit(m, event, task);
    task.in_call = false;
    for (const std::string& line : task.signals) whole_line(event.pid, line);
    task.signals.clear();
}

void StraceWriter::show_exit(const Machine& m, const Event& event, const Tracee& task)
{
    resume_line(event.pid, task);
    std::string text;
    strace::Show show{m, mm_of(m, event), text, task.args, true, static_cast<int64_t>(event.b)};
    if (options_.paths) show.whose_files = task_of(m, event);
    exit_arguments(show, task);
    put(text);
    text.clear();
    strace::show_result(show, task.name);
    if (options_.durations)
        text += fmt::format(" <{:.6f}>", static_cast<double>(event.time_ns - task.since_ns) / 1e9);
    finish_line(text);
}

void StraceWriter::signal(const Machine& m, const Event& event)
{
    show_signal(event.pid, tracee(m, event), static_cast<int>(event.a), event.info);
}

void StraceWriter::show_signal(uint32_t pid, Tracee& task, int signo, const SigInfo* info)
{
    std::string text = fmt::format("--- {} ", signal_name(signo));
    if (info)
        strace::show_signal_info(text, *info);
    else
        text += fmt::format("{{si_signo={}}}", signal_name(signo));
    text += " ---";
    task.killer = signo;
    if (task.in_call)
        task.signals.push_back(text);
    else if (open_pid_)
        late_.emplace_back(pid, text);
    else
        whole_line(pid, text);
}

void StraceWriter::end(const Machine& m, const Event& event)
{
    Tracee& task = tracee(m, event);
    if (task.in_call && !task.hidden) {
        resume_line(event.pid, task);
        finish_line("?");
    }
    const auto status = static_cast<uint32_t>(event.a);
    const int killer = static_cast<int>(status & 0x7f);
    constexpr int sigkill = 9;
    task.in_call = false;
    // A signal that kills the whole process does so without being delivered to any thread.
    if (killer && killer != sigkill && task.killer != killer)
        show_signal(event.pid, task, killer, task.sent && task.sent->signo == killer ? &*task.sent : nullptr);
    if (killer)
        whole_line(event.pid,
                   fmt::format("+++ killed by {}{} +++", signal_name(static_cast<int>(status & 0x7f)),
                               status & 0x80 ? " (core dumped)" : ""));
    else
        whole_line(event.pid, fmt::format("+++ exited with {} +++", status >> 8 & 0xff));
    tracees_.erase(event.pid);
}

}  // namespace norn
