// Kept runs: found again under every name, shared contents, damage told.
#include <filesystem>
#include <fstream>

#include "norn/runs.h"
#include "sim/programs.h"
#include "sim/run_file.h"

namespace norn {
namespace {

namespace fs = std::filesystem;

class Store : public testing::Test {
  protected:
    Store()
        : folder_(fs::temp_directory_path() / fs::path("norn-store-test-" + name())), store_(folder_.string())
    {
        fs::remove_all(folder_);
    }
    ~Store() override { fs::remove_all(folder_); }

    static std::string name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

    uint64_t keep(const std::string& script, const std::vector<std::string>& names = {})
    {
        const auto root = host_files();
        norn::Run run = started(busybox(script), root);
        NoOutside nothing;
        run.go({}, nothing);
        const auto id = store_.save(run, *root, names, "");
        EXPECT_TRUE(id.ok()) << id.failure().text;
        return id.ok() ? *id : 0;
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

TEST_F(Store, AFolderThatCannotBeMadeIsAFailureNotACrash)
{
    const auto root = host_files();
    const norn::Run run = started(busybox("true"), root);
    EXPECT_FALSE(RunStore("/proc/nowhere").save(run, *root, {"last"}, "").ok());
}

TEST(RunNames, NoNameCouldBeAnIdOrAPath)
{
    for (const char* good : {"a", "build-7", "x_1"}) EXPECT_TRUE(valid_run_name(good)) << good;
    for (const char* bad : {"", "7", "a/b", "..", "a b", "seed:7"}) EXPECT_FALSE(valid_run_name(bad)) << bad;
}

}  // namespace
}  // namespace norn
