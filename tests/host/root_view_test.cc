// The host's files as a machine may see them: nothing leads out, nothing blocks, changes are told.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "norn/root.h"

namespace norn {
namespace {

class RootViewTest : public testing::Test {
  protected:
    RootViewTest()
    {
        std::string name = testing::TempDir() + "norn-root-XXXXXX";
        top_ = mkdtemp(name.data());
        std::filesystem::create_directories(top_ + "/root/etc/sub");
        write("/root/etc/name", "inside");
        write("/secret", "outside");
        view_ = *host_root(top_ + "/root");
    }
    ~RootViewTest() override { std::filesystem::remove_all(top_); }

    void write(const std::string& path, const std::string& text) { std::ofstream(top_ + path) << text; }
    std::string page(const std::string& path, uint64_t number = 0)
    {
        std::array<uint8_t, 4096> bytes{};
        const Result<std::size_t> size = view_->read_page(path, number, bytes);
        if (!size.ok()) return std::string(errno_name(size.error()));
        return {reinterpret_cast<const char*>(bytes.data()), *size};
    }

    std::string top_;
    std::shared_ptr<HostRootView> view_;
};

TEST_F(RootViewTest, LooksAtFiles)
{
    EXPECT_EQ(view_->stat("/etc/name")->size, 6u);
    EXPECT_TRUE(S_ISDIR(view_->stat("/")->mode));
    EXPECT_EQ(page("/etc/name"), "inside");
    EXPECT_EQ(page("/etc/name", 1), "");
    EXPECT_EQ(view_->stat("/etc/none").error(), ENOENT);
    EXPECT_EQ(view_->stat("/etc/name/x").error(), ENOTDIR);
    EXPECT_EQ(*view_->list("/etc"), (std::vector<std::string>{"name", "sub"}));
    EXPECT_EQ(page("/etc"), "EISDIR");
}

TEST_F(RootViewTest, MountPointsAreThereAndEmpty)
{
    EXPECT_EQ(*view_->list("/"), (std::vector<std::string>{"dev", "etc", "proc", "sys"}));
    const std::shared_ptr<HostRootView> host = *host_root("/");
    for (const char* own : {"/proc", "/dev", "/sys"}) {
        EXPECT_TRUE(S_ISDIR(host->stat(own)->mode));
        EXPECT_TRUE(host->list(own)->empty());
    }
    EXPECT_EQ(host->stat("/proc/self").error(), ENOENT);
    EXPECT_EQ(host->stat("/dev/null").error(), ENOENT);
    EXPECT_EQ(host->read_link("/proc/self").error(), ENOENT);
}

TEST_F(RootViewTest, NothingLeadsOut)
{
    std::filesystem::create_symlink("../secret", top_ + "/root/up");
    std::filesystem::create_symlink("..", top_ + "/root/parent");
    std::filesystem::create_symlink(top_, top_ + "/root/etc/absolute");
    EXPECT_EQ(*view_->read_link("/up"), "../secret");
    EXPECT_TRUE(S_ISLNK(view_->stat("/up")->mode));
    EXPECT_EQ(page("/up"), "ENXIO");
    for (const char* path : {"/parent/secret", "/etc/absolute/secret", "/../secret", "/etc/../../secret",
                             "..", "secret", "", "/etc/", "/.", "/etc//name"}) {
        EXPECT_FALSE(view_->stat(path).ok()) << path;
        EXPECT_NE(page(path), "outside") << path;
    }
    EXPECT_FALSE(view_->list("/parent").ok());
    EXPECT_FALSE(view_->list("/up").ok());
}

TEST_F(RootViewTest, ADirectoryThatTurnsIntoALinkIsNotFollowed)
{
    std::filesystem::create_directory(top_ + "/elsewhere");
    write("/elsewhere/name", "outside");
    std::filesystem::remove_all(top_ + "/root/etc");
    std::filesystem::create_symlink(top_ + "/elsewhere", top_ + "/root/etc");
    EXPECT_EQ(page("/etc/name"), "ENOTDIR");
    EXPECT_EQ(view_->stat("/etc/name").error(), ENOTDIR);
}

TEST_F(RootViewTest, PipesAndSocketsAreListedButNotOpened)
{
    ASSERT_EQ(mkfifo((top_ + "/root/fifo").c_str(), 0600), 0);
    EXPECT_TRUE(S_ISFIFO(view_->stat("/fifo")->mode));
    EXPECT_EQ(page("/fifo"), "ENXIO");
}

TEST_F(RootViewTest, UnreadableStaysEacces)
{
    ASSERT_EQ(chmod(top_.c_str(), 0755), 0);
    ASSERT_EQ(chmod((top_ + "/root/etc/name").c_str(), 0), 0);
    ASSERT_EQ(chmod((top_ + "/root/etc/sub").c_str(), 0), 0);
    const bool privileged = geteuid() == 0;
    if (privileged) {
        ASSERT_EQ(seteuid(65534), 0);
    }
    EXPECT_EQ(page("/etc/name"), "EACCES");
    EXPECT_EQ(view_->list("/etc/sub").error(), EACCES);
    EXPECT_EQ(view_->stat("/etc/sub/x").error(), EACCES);
    if (privileged) {
        ASSERT_EQ(seteuid(0), 0);
    }
}

TEST_F(RootViewTest, TellsWhichFilesChanged)
{
    (void)view_->stat("/etc/name");
    EXPECT_EQ(page("/etc/name"), "inside");
    EXPECT_TRUE(view_->changed().empty());
    write("/root/etc/name", "in");
    EXPECT_EQ(page("/etc/name"), "in");
    EXPECT_EQ(view_->changed(), (std::vector<std::string>{"/etc/name"}));
}

TEST_F(RootViewTest, ManyFilesNeedFewDescriptors)
{
    for (int i = 0; i < 1500; ++i) write("/root/etc/sub/" + std::to_string(i), std::to_string(i));
    for (int i = 0; i < 1500; ++i) EXPECT_EQ(page("/etc/sub/" + std::to_string(i)), std::to_string(i));
}

TEST_F(RootViewTest, SeveralThreadsMayAsk)
{
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                if (page("/etc/name") != "inside") ++wrong;
                if (view_->list("/etc")->size() != 2) ++wrong;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(RootView, AFolderThatIsNone)
{
    EXPECT_EQ(host_root("/no/such/folder").error(), ENOENT);
    EXPECT_EQ(host_root("/etc/passwd").error(), ENOTDIR);
}

}  // namespace
}  // namespace norn
