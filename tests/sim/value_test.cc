// A machine is a value, in the middle of anything: guest programs are stopped at random instructions, and
// there copied, saved, loaded (by another process too), audited and disturbed; all goes on to one end.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "fs/file.h"
#include "kernel/audit.h"
#include "kernel/signal.h"
#include "mm/frame.h"
#include "norn/save.h"
#include "sim/programs.h"

namespace norn {
namespace {

namespace fs = std::filesystem;

std::string guest(const std::string& name)
{
    return NORN_BINARY_DIR "/guest/static/" + name;
}

RunSpec spec_of_guest(const std::string& name)
{
    RunSpec spec = spec_of({guest(name)});
    spec.program.cwd = "/tmp";
    return spec;
}

std::string first_breach(const Machine& m)
{
    const AuditReport report = audit(m);
    return report.broken.empty() ? "" : report.broken.front();
}

/// Changes that a machine could meet, made from outside; each returns false where there is nothing to change.
bool write_to_a_page(Machine& m, std::minstd_rand& random)
{
    std::vector<PageId> pages;
    m.pool<Page>().each([&](PageId id, const Page& page) {
        if (page.frame) pages.push_back(id);
    });
    if (pages.empty()) return false;
    grant_write(m, pages[random() % pages.size()])[random() % 4096] ^= 0x55;
    return true;
}

std::vector<TaskId> living(const Machine& m)
{
    std::vector<TaskId> tasks;
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        const bool over = task.state == TaskState::zombie || task.state == TaskState::dead;
        if (!over && !(task.flags & (task_kernel_init | task_exiting))) tasks.push_back(id);
    });
    return tasks;
}

bool kill_a_task(Machine& m, std::minstd_rand& random)
{
    const std::vector<TaskId> tasks = living(m);
    if (tasks.empty()) return false;
    const SignalId group = m[tasks[random() % tasks.size()]].signal;
    SigInfo kill;
    kill.signo = SIGKILL_;
    send_signal_group(m, group, kill);
    return true;
}

bool close_a_file(Machine& m, std::minstd_rand& random)
{
    const std::vector<TaskId> tasks = living(m);
    if (tasks.empty()) return false;
    const TaskId task = tasks[random() % tasks.size()];
    for (int fd = 20; fd >= 0; --fd)
        if (close_fd(m, task, fd).ok()) return true;
    return false;
}

class Value : public testing::TestWithParam<std::string> {
  protected:
    Value()
        : random_(static_cast<uint32_t>(std::hash<std::string>()(GetParam()))),
          root_(host_files()),
          start_(started(spec_of_guest(GetParam()), root_)),
          whole_(start_)
    {
        whole_.go({}, output_);
        EXPECT_EQ(whole_.ending(), Ending::exited);
    }

    /// A run that was stopped at some instruction, with what it has written.
    norn::Run stopped(Output& output)
    {
        norn::Run run = start_;
        run.share_engine(start_);
        run.go({.retired = random_() % whole_.machine().state.retired}, output);
        return run;
    }

    void expect_the_same_end(norn::Run run, Output output)
    {
        run.share_engine(start_);
        run.go({}, output);
        EXPECT_EQ(run.result().hash, whole_.result().hash);
        EXPECT_EQ(output.text, output_.text);
    }

    std::minstd_rand random_;
    std::shared_ptr<RecordedView> root_;
    norn::Run start_, whole_;
    Output output_;
};

TEST_P(Value, ACopyAndItsOriginalGoOnToTheSameEnd)
{
    for (int i = 0; i < 5; ++i) {
        Output output;
        const norn::Run run = stopped(output);
        SCOPED_TRACE(run.machine().state.retired);
        EXPECT_EQ(first_breach(run.machine()), "");
        const norn::Run copy = run;
        const Hash hash = run.machine().hash();
        EXPECT_EQ(copy.machine().hash(), hash);
        expect_the_same_end(run, output);
        EXPECT_EQ(copy.machine().hash(), hash);
        expect_the_same_end(copy, output);
    }
}

TEST_P(Value, ASavedMachineIsSoundAndGoesOnToTheSameEnd)
{
    for (int i = 0; i < 4; ++i) {
        Output output;
        const norn::Run run = stopped(output);
        SCOPED_TRACE(run.machine().state.retired);
        auto loaded = load_machine(save_machine(run.machine()));
        ASSERT_TRUE(loaded.ok()) << loaded.failure().text;
        EXPECT_EQ(loaded->hash(), run.machine().hash());
        loaded->root = root_;
        EXPECT_EQ(first_breach(*loaded), "");
        norn::Run other = run;
        other.machine() = *std::move(loaded);
        expect_the_same_end(other, output);
    }
}

TEST_P(Value, WhatIsDoneToACopyDoesNotReachTheOther)
{
    for (const auto& disturb : {write_to_a_page, kill_a_task, close_a_file}) {
        for (int i = 0; i < 2; ++i) {
            Output output;
            const norn::Run run = stopped(output);
            SCOPED_TRACE(run.machine().state.retired);
            const Hash hash = run.machine().hash();
            norn::Run other = run;
            if (!disturb(other.machine(), random_)) continue;
            EXPECT_NE(other.machine().hash(), hash);
            EXPECT_EQ(run.machine().hash(), hash);
            NoOutside nothing;
            other.go({.now_ns = other.machine().state.now_ns + 100'000'000'000,
                      .retired = 4 * whole_.machine().state.retired + 10'000'000},
                     nothing);
            EXPECT_EQ(first_breach(other.machine()), "");
            EXPECT_EQ(run.machine().hash(), hash);
            expect_the_same_end(run, output);
        }
    }
}

/// Another process loads the file, goes on and prints the hash of the end.
std::string end_elsewhere(const fs::path& file, const std::string& program)
{
    const fs::path out = file.string() + ".out";
    std::vector<std::string> words{NORN_BINARY_DIR "/tests/go_on", file.string(), program};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    EXPECT_EQ(posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    std::string hash;
    std::ifstream(out) >> hash;
    return hash;
}

TEST_P(Value, AnotherProcessGoesOnFromTheFileToTheSameEnd)
{
    const fs::path file = fs::temp_directory_path() / ("norn-value-" + GetParam() + std::to_string(getpid()));
    Output output;
    const norn::Run run = stopped(output);
    SCOPED_TRACE(run.machine().state.retired);
    std::ofstream(file, std::ios::binary) << save_machine(run.machine());
    EXPECT_EQ(end_elsewhere(file, guest(GetParam())), whole_.result().hash.hex());
    fs::remove(file);
    fs::remove(file.string() + ".out");
}

std::vector<std::string> programs()
{
    std::vector<std::string> names;
    std::istringstream all(NORN_VALUE_PROGRAMS);
    for (std::string name; all >> name;) names.push_back(name);
    return names;
}
INSTANTIATE_TEST_SUITE_P(Guest, Value, testing::ValuesIn(programs()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace norn
