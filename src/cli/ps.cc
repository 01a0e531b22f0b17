// norn ps and norn tree: the processes of a run at any moment of it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "kernel/task.h"
#include "mm/usercopy.h"
#include "sim/waits.h"

namespace norn::cli {

namespace {
struct Row {
    uint32_t pid = 0, ppid = 0, pgid = 0, sid = 0, threads = 0;
    std::string state, command;
    uint64_t cpu_ns = 0;
};

char letter(const Task& task)
{
    switch (task.state) {
        case TaskState::running:
            return 'R';
        case TaskState::interruptible:
            return 'S';
        case TaskState::uninterruptible:
            return 'D';
        case TaskState::stopped:
            return 'T';
        case TaskState::traced:
            return 't';
        case TaskState::zombie:
            return 'Z';
        case TaskState::dead:
            return 'X';
    }
    return '?';
}

/// The letter and ps's marks: s a session's leader, l has threads, N low and < high priority.
std::string state_words(const Machine& m, const Task& task, const Row& row)
{
    std::string words(1, letter(task));
    if (task.nice < 0) words += '<';
    if (task.nice > 0) words += 'N';
    if (m[task.signal].flags & signal_leader) words += 's';
    if (row.threads > 1) words += 'l';
    return words;
}

/// The arguments, with what a terminal could take amiss shown as '?'.
std::string command_line(Machine& m, const Task& task)
{
    const std::string name = command_name(task);
    if (task.state == TaskState::zombie) return "[" + name + "] <defunct>";
    if (!task.mm) return "[" + name + "]";
    const Mm& mm = m[task.mm];
    const uint64_t start = mm.arg_start;
    std::string text(std::min<uint64_t>(mm.arg_end - start, 4096), '\0');
    text.resize(read_user(m, task.mm, start, {reinterpret_cast<uint8_t*>(text.data()), text.size()}));
    while (!text.empty() && text.back() == '\0') text.pop_back();
    for (char& c : text) {
        if (c == '\0') c = ' ';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text.empty() ? "[" + name + "]" : text;
}

std::vector<Row> processes(Machine& m)
{
    std::vector<TaskId> leaders;
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        if (task.group_leader == id && task.state != TaskState::dead) leaders.push_back(id);
    });
    std::vector<Row> rows;
    for (const TaskId id : leaders) {
        const Task task = m[id];
        const Signal& group = m[task.signal];
        Row row;
        row.pid = tgid_nr(m, id);
        row.ppid = m.alive(task.real_parent) ? tgid_nr(m, task.real_parent) : 0;
        row.pgid = group.pgrp ? m[group.pgrp].number : 0;
        row.sid = group.session ? m[group.session].number : 0;
        row.cpu_ns = group.utime_ns + group.stime_ns;
        for (TaskId thread = group.first_thread; thread; thread = m[thread].next_thread) {
            row.cpu_ns += m[thread].utime_ns + m[thread].stime_ns;
            ++row.threads;
        }
        row.state = state_words(m, task, row);
        row.command = command_line(m, task);
        rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.pid < b.pid; });
    return rows;
}

void print_table(const std::vector<Row>& rows)
{
    print("{:>7} {:>7} {:>7} {:>7} {:<5} {:>9} {}\n", "PID", "PPID", "PGID", "SID", "STAT", "TIME",
          "COMMAND");
    for (const Row& row : rows)
        print("{:>7} {:>7} {:>7} {:>7} {:<5} {:>9.3f} {}\n", row.pid, row.ppid, row.pgid, row.sid, row.state,
              static_cast<double>(row.cpu_ns) / 1e9, row.command);
}

void print_subtree(const std::vector<Row>& rows, const Row& top, const std::string& indent, bool last,
                   bool root)
{
    print("{}{}{} {} {}\n", indent, root ? "" : last ? "└─ " : "├─ ", top.pid, top.state, top.command);
    std::vector<const Row*> children;
    for (const Row& row : rows)
        if (row.ppid == top.pid && row.pid != top.pid) children.push_back(&row);
    const std::string below = indent + (root ? "" : last ? "   " : "│  ");
    for (const Row* child : children) print_subtree(rows, *child, below, child == children.back(), false);
}

void print_as_json(const std::vector<Row>& rows)
{
    for (const Row& row : rows)
        print_json({{"pid", row.pid},
                    {"ppid", row.ppid},
                    {"pgid", row.pgid},
                    {"sid", row.sid},
                    {"threads", row.threads},
                    {"state", row.state},
                    {"cpu_ns", row.cpu_ns},
                    {"command", row.command}});
}

struct ViewOptions {
    std::string which;
    bool tree = false, json = false;
};

int show(const ViewOptions& options)
{
    const auto where = parse_run_at(options.which);
    if (!where.ok()) return fail(where.failure());
    auto replay = replay_at(*where);
    if (!replay.ok()) return fail(replay.failure());
    const std::vector<Row> rows = processes(replay->run.machine());
    if (options.json)
        print_as_json(rows);
    else if (!options.tree)
        print_table(rows);
    else
        for (const Row& row : rows)
            if (row.ppid == 0) print_subtree(rows, row, "", true, true);
    return ok;
}

void add_view(CLI::App& app, Action& action, const char* name, const char* help, bool tree)
{
    auto options = std::make_shared<ViewOptions>();
    options->tree = tree;
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("RUN[@WHEN]", options->which, "which run, at which moment of it (its end)")
        ->required();
    command->add_flag("--json", options->json, "one JSON object a line, one line a process");
    command->footer(
        fmt::format("\nExamples:\n  norn {0} last@1.5s\n  norn {0} fail\n  norn {0} last@#812", name));
    command->callback([&action, options] { action = [=] { return show(*options); }; });
}
}  // namespace

void add_ps(CLI::App& app, Action& action)
{
    add_view(app, action, "ps", "Show the processes of a run at a moment", false);
}

void add_tree(CLI::App& app, Action& action)
{
    add_view(app, action, "tree", "Show the tree of processes of a run at a moment", true);
}

}  // namespace norn::cli
