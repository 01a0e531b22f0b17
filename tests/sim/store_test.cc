// Kept runs: found again under every name, shared contents, damage told.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "norn/runs.h"
#include "sim/programs.h"
#include "sim/run_file.h"

namespace norn {
namespace {

namespace fs = std::filesystem;

class Store : public testing::Test {
  protected:
    Store()
        // The process in its name: other builds may be tested at the same time.
        : folder_(fs::temp_directory_path() /
                  fs::path("norn-store-test-" + name() + "-" + std::to_string(getpid()))),
          store_(folder_.string())
    {
        fs::remove_all(folder_);
    }
    ~Store() override { fs::remove_all(folder_); }

    static std::string name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

    uint64_t keep(const std::string& script, const std::vector<std::string>& names = {})
    {
        return keep_in(store_, script, names);
    }

    static uint64_t keep_in(RunStore& store, const std::string& script,
                            const std::vector<std::string>& names = {})
    {
        const auto root = host_files();
        norn::Run run = started(busybox(script), root);
        NoOutside nothing;
        run.go({}, nothing);
        const auto id = store.save(run, *root, names, "");
        EXPECT_TRUE(id.ok()) << id.failure().text;
        return id.ok() ? *id : 0;
    }

    /// A file of the host that nothing makes smaller; a run that reads it keeps a pack of its own.
    [[nodiscard]] std::string big_file(uint32_t number) const
    {
        constexpr std::size_t size = 300'000;
        fs::create_directories(folder_);
        const fs::path path = folder_ / ("big" + std::to_string(number));
        std::minstd_rand random(number + 1);
        std::string bytes(size, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
        std::ofstream(path, std::ios::binary) << bytes;
        return path.string();
    }

    [[nodiscard]] uint64_t bytes_of(const char* part) const
    {
        uint64_t total = 0;
        for (const auto& entry : fs::directory_iterator(folder_ / part)) total += entry.file_size();
        return total;
    }

    fs::path folder_;
    RunStore store_;
};

TEST_F(Store, ARunIsFoundByIdNameSeedAndFile)
{
    const uint64_t id = keep("exit 3", {"last", "mine"});
    for (const std::string& which :
         {std::to_string(id), std::string("last"), std::string("mine"), std::string("seed:0"),
          (folder_ / "runs" / (std::to_string(id) + ".run")).string()}) {
        const auto saved = store_.load(which);
        ASSERT_TRUE(saved.ok()) << which << ": " << saved.failure().text;
        EXPECT_EQ(saved->spec.program.argv.back(), "exit 3");
        EXPECT_EQ(exit_status(saved->info.result), 3);
    }
    EXPECT_FALSE(store_.load("nobody").ok());
    EXPECT_FALSE(store_.load("seed:77").ok());
}

TEST_F(Store, ALoadedRunReplaysToTheRecordedHash)
{
    keep("cat /etc/passwd | wc -l", {"last"});
    const auto saved = store_.load("last");
    ASSERT_TRUE(saved.ok());
    auto again = norn::Run::repeat(saved->spec, saved->root, saved->recording);
    ASSERT_TRUE(again.ok());
    NoOutside nothing;
    EXPECT_EQ(again->go({}, nothing), Ending::exited);
    EXPECT_EQ(again->result().hash, saved->info.result.hash);
}

TEST_F(Store, RunsShareWhatTheyRead)
{
    keep("echo one");
    const uint64_t once = bytes_of("packs");
    keep("echo two");
    EXPECT_EQ(bytes_of("packs"), once);
    EXPECT_EQ(store_.list().size(), 2u);
}

TEST_F(Store, ANameMovesToTheNewestRun)
{
    keep("exit 1", {"last"});
    const uint64_t second = keep("exit 2", {"last"});
    EXPECT_EQ(store_.load("last")->info.id, second);
    EXPECT_TRUE(store_.list().front().names.empty());
}

TEST_F(Store, DamageIsToldAndHurtsNothing)
{
    const uint64_t id = keep("true", {"last"});
    const fs::path path = folder_ / "runs" / (std::to_string(id) + ".run");
    std::string bytes(fs::file_size(path), '\0');
    std::ifstream(path, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const auto rewrite = [&](const std::string& text) {
        std::ofstream(path, std::ios::binary | std::ios::trunc)
            .write(text.data(), static_cast<std::streamsize>(text.size()));
    };
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 60) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 0x41);
        rewrite(changed);
        EXPECT_FALSE(store_.load("last").ok()) << "byte " << at;
        rewrite(bytes.substr(0, at));
        EXPECT_FALSE(store_.load("last").ok()) << "cut at " << at;
    }
    rewrite("#!/bin/sh\necho not a run\n");
    EXPECT_NE(store_.load("last").failure().text.find("not a file of Norn's"), std::string::npos);
    std::vector<std::string> damaged;
    EXPECT_TRUE(store_.list(&damaged).empty());
    EXPECT_EQ(damaged.size(), 1u);
    rewrite(bytes);
    EXPECT_TRUE(store_.load("last").ok());
}

TEST_F(Store, ARunOfAnotherRevisionIsRefused)
{
    RunHead head;
    head.revision = semantics_revision + 1;
    const auto decoded = decode_head(encode_head(head), "x.run");
    ASSERT_FALSE(decoded.ok());
    EXPECT_NE(decoded.failure().text.find("another version"), std::string::npos);
}

TEST_F(Store, AtTheLimitTheOldestUnnamedRunsGo)
{
    constexpr uint64_t limit = 2'500'000;  // busybox, and some of the big files
    RunStore small(folder_.string(), limit);
    const uint64_t named = keep_in(small, "cat " + big_file(0) + " >/dev/null", {"mine"});
    std::vector<uint64_t> ids;
    for (uint32_t n = 1; n <= 10; ++n)
        ids.push_back(keep_in(small, "cat " + big_file(n) + " >/dev/null", {"last"}));

    EXPECT_LE(bytes_of("runs") + bytes_of("packs"), limit);
    std::vector<uint64_t> left;
    for (const RunInfo& run : small.list()) left.push_back(run.id);
    ASSERT_GE(left.size(), 3u);
    ASSERT_LT(left.size(), ids.size());
    EXPECT_EQ(left.front(), named);
    EXPECT_TRUE(
        std::equal(left.begin() + 1, left.end(), ids.end() - static_cast<std::ptrdiff_t>(left.size()) + 1));
    for (const uint64_t id : left) EXPECT_TRUE(small.load(std::to_string(id)).ok());
    EXPECT_FALSE(small.load(std::to_string(ids.front())).ok());
}

TEST_F(Store, APackThatNoRunNeedsIsTheFirstToGo)
{
    const uint64_t kept = keep("exit 2");
    const uint64_t old = keep("cat " + big_file(1) + " >/dev/null");
    fs::remove(folder_ / "runs" / (std::to_string(old) + ".run"));
    RunStore small(folder_.string(), bytes_of("runs") + bytes_of("packs") - 200'000);
    const uint64_t newest = keep_in(small, "exit 3");
    std::vector<uint64_t> left;
    for (const RunInfo& run : small.list()) left.push_back(run.id);
    EXPECT_EQ(left, (std::vector<uint64_t>{kept, newest}));
}

TEST_F(Store, ProcessesThatSaveAtTheSameTimeLoseNothing)
{
    constexpr int writers = 4, each = 5;
    std::vector<pid_t> children;
    for (int writer = 0; writer < writers; ++writer) {
        const pid_t child = fork();
        if (child == 0) {
            for (int n = 0; n < each; ++n)
                keep("exit " + std::to_string(writer * each + n), {"last", "by" + std::to_string(writer)});
            _exit(testing::Test::HasFailure());
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }

    std::vector<std::string> damaged;
    const std::vector<RunInfo> runs = store_.list(&damaged);
    EXPECT_TRUE(damaged.empty());
    std::set<int> statuses;
    for (const RunInfo& run : runs) {
        EXPECT_TRUE(store_.load(std::to_string(run.id)).ok());
        statuses.insert(exit_status(run.result));
    }
    EXPECT_EQ(runs.size(), static_cast<std::size_t>(writers * each));
    EXPECT_EQ(statuses.size(), runs.size());
    EXPECT_EQ(store_.load("last")->info.id, runs.back().id);
    for (int writer = 0; writer < writers; ++writer)
        EXPECT_EQ(exit_status(store_.load("by" + std::to_string(writer))->info.result),
                  (writer + 1) * each - 1);
}

TEST_F(Store, AFolderThatCannotBeMadeIsAFailureNotACrash)
{
    const auto root = host_files();
    const norn::Run run = started(busybox("true"), root);
    EXPECT_FALSE(RunStore("/proc/nowhere").save(run, *root, {"last"}, "").ok());
}

std::size_t packs_in(const fs::path& folder)
{
    const auto all = fs::directory_iterator(folder / "packs");
    return static_cast<std::size_t>(std::count_if(
        begin(all), end(all), [](const auto& entry) { return entry.path().extension() == ".pack"; }));
}

TEST_F(Store, ADamagedIndexIsMadeAgain)
{
    const std::string script = "cat " + big_file(1) + " >/dev/null";
    keep(script);
    const std::size_t packs = packs_in(folder_);
    const fs::path index = folder_ / "packs" / "index";
    const uint64_t whole = fs::file_size(index);
    fs::resize_file(index, whole - 5);
    keep(script);
    EXPECT_EQ(packs_in(folder_), packs);
    EXPECT_EQ(fs::file_size(index), whole);
    fs::remove(index);
    keep(script);
    EXPECT_EQ(packs_in(folder_), packs);
    EXPECT_EQ(fs::file_size(index), whole);
}

TEST_F(Store, APackThatWasTakenAwayIsMadeAgain)
{
    const std::string script = "cat " + big_file(1) + " >/dev/null";
    keep(script);
    for (const auto& entry : fs::directory_iterator(folder_ / "packs"))
        if (entry.path().extension() == ".pack") fs::remove(entry.path());
    const uint64_t id = keep(script);
    const auto saved = store_.load(std::to_string(id));
    ASSERT_TRUE(saved.ok()) << saved.failure().text;
    auto again = norn::Run::repeat(saved->spec, saved->root, saved->recording);
    ASSERT_TRUE(again.ok());
    NoOutside nothing;
    again->go({}, nothing);
    EXPECT_EQ(again->result().hash, saved->info.result.hash);
}

TEST_F(Store, WithoutItsCounterItCountsAnew)
{
    const uint64_t first = keep("exit 1");
    fs::remove(folder_ / "next");
    EXPECT_EQ(keep("exit 2"), first + 1);
    std::ofstream(folder_ / "next") << first << " 0";
    EXPECT_EQ(keep("exit 3"), first + 2);
    EXPECT_EQ(store_.list().size(), 3u);
}

TEST(RunNames, NoNameCouldBeAnIdOrAPath)
{
    for (const char* good : {"a", "build-7", "x_1"}) EXPECT_TRUE(valid_run_name(good)) << good;
    for (const char* bad : {"", "7", "a/b", "..", "a b", "seed:7"}) EXPECT_FALSE(valid_run_name(bad)) << bad;
}

}  // namespace
}  // namespace norn
