// Names, contents and listings: the overlay against what a file system must do.
#include <random>
#include <set>

#include "world.h"

namespace norn::test {
namespace {

TEST(Tree, ReadsTheOutside)
{
    World w;
    EXPECT_EQ(w.contents("/etc/motd"), "hello from outside\n");
    EXPECT_EQ(w.contents("/etc/big"), std::string(10000, 'b'));
    EXPECT_EQ(w.contents("/etc/link"), "hello from outside\n");
    EXPECT_EQ(w.contents("/etc/none"), "error ENOENT");
    EXPECT_EQ(w.contents("/etc/motd/x"), "error ENOTDIR");
    EXPECT_EQ(w.contents("/etc/loop"), "error ELOOP");
    EXPECT_EQ(w.contents("/bin/true"), "ELF");
    EXPECT_EQ(w.contents("/etc"), "error EISDIR");
    EXPECT_EQ(w.contents("/bin/../motd"), "error ENOENT");
    EXPECT_EQ(w.contents("/../../etc/./motd"), "hello from outside\n");
    EXPECT_EQ(w.contents("/etc/motd/"), "error ENOTDIR");
    EXPECT_EQ(w.contents(std::string(256, 'x')), "error ENAMETOOLONG");
}

TEST(Tree, WritesStayInside)
{
    World w;
    World untouched(w.m.root);
    EXPECT_EQ(w.write_file("/etc/motd", "changed"), Errno::none);
    EXPECT_EQ(w.contents("/etc/motd"), "changed");
    EXPECT_EQ(untouched.contents("/etc/motd"), "hello from outside\n");
}

TEST(Tree, PartOfAHostFileIsOverwritten)
{
    World w;
    const int fd = w.open("/etc/big", o_rdwr).value();
    const UserStr from = w.str("XYZ");
    ASSERT_EQ(sys_pwrite64(w.m, w.self, fd, {from.address}, 3, 4095).value(), 3u);
    std::string expected(10000, 'b');
    expected.replace(4095, 3, "XYZ");
    EXPECT_EQ(w.contents("/etc/big"), expected);
    ASSERT_TRUE(sys_ftruncate(w.m, w.self, fd, 5000).ok());
    ASSERT_TRUE(sys_ftruncate(w.m, w.self, fd, 9000).ok());
    expected.resize(5000);
    expected.resize(9000, '\0');
    EXPECT_EQ(w.contents("/etc/big"), expected);
}

TEST(Tree, WhiteoutsHideHostNames)
{
    World w;
    ASSERT_TRUE(sys_unlink(w.m, w.self, w.str("/etc/motd")).ok());
    EXPECT_EQ(w.contents("/etc/motd"), "error ENOENT");
    EXPECT_EQ(w.list("/etc"), (std::vector<std::string>{"big", "link", "loop"}));
    EXPECT_EQ(w.write_file("/etc/motd", "again"), Errno::none);
    EXPECT_EQ(w.list("/etc"), (std::vector<std::string>{"big", "link", "loop", "motd"}));
    ASSERT_TRUE(sys_unlink(w.m, w.self, w.str("/etc/motd")).ok());
    EXPECT_EQ(w.contents("/etc/motd"), "error ENOENT");
}

TEST(Tree, ARemovedDirectoryComesBackEmpty)
{
    World w;
    for (const char* name : {"motd", "big", "link", "loop"})
        ASSERT_TRUE(sys_unlink(w.m, w.self, w.str(std::string("/etc/") + name)).ok());
    ASSERT_TRUE(sys_rmdir(w.m, w.self, w.str("/etc")).ok());
    ASSERT_TRUE(sys_mkdir(w.m, w.self, w.str("/etc"), 0755).ok());
    EXPECT_TRUE(w.list("/etc").empty());
    EXPECT_EQ(w.contents("/etc/motd"), "error ENOENT");
}

TEST(Tree, AHostDirectoryMovesWithItsContents)
{
    World w;
    ASSERT_TRUE(sys_rename(w.m, w.self, w.str("/etc"), w.str("/tmp/moved")).ok());
    EXPECT_EQ(w.contents("/tmp/moved/motd"), "hello from outside\n");
    EXPECT_EQ(w.contents("/etc/motd"), "error ENOENT");
    EXPECT_EQ(sys_rename(w.m, w.self, w.str("/tmp"), w.str("/tmp/moved/x")).error(), EINVAL);
    EXPECT_EQ(sys_rename(w.m, w.self, w.str("/usr/bin"), w.str("/tmp")).error(), ENOTEMPTY);
}

TEST(Tree, AnUnlinkedFileLivesWhileOpen)
{
    World w;
    const uint32_t inodes = w.m.pool<Inode>().size();
    const int fd = w.open("/tmp/a", o_rdwr | o_creat).value();
    ASSERT_TRUE(w.write(fd, "still here").ok());
    ASSERT_TRUE(sys_unlink(w.m, w.self, w.str("/tmp/a")).ok());
    ASSERT_EQ(*sys_lseek(w.m, w.self, fd, 0, 0), 0u);
    EXPECT_EQ(w.read(fd, 100), "still here");
    ASSERT_TRUE(sys_close(w.m, w.self, fd).ok());
    EXPECT_EQ(w.m.pool<Inode>().size(), inodes + 1);  // /tmp has been looked up
}

TEST(Tree, ListingIsStableWhileNamesGo)
{
    World w;
    for (int i = 0; i < 100; ++i) ASSERT_EQ(w.write_file("/tmp/f" + std::to_string(i), ""), Errno::none);
    const int fd = w.open("/tmp", o_rdonly | o_directory).value();
    std::set<std::string> seen;
    while (true) {
        const auto got = sys_getdents64(w.m, w.self, fd, w.buffer(), 200);
        ASSERT_TRUE(got.ok());
        if (*got == 0) break;
        const std::string bytes = w.bytes_at(w.buffer(), *got);
        for (std::size_t at = 0; at < bytes.size();) {
            uint16_t length = 0;
            std::memcpy(&length, bytes.data() + at + 16, 2);
            const std::string name = bytes.c_str() + at + 19;
            at += length;
            if (name[0] == '.') continue;
            EXPECT_TRUE(seen.insert(name).second) << name;
            EXPECT_TRUE(sys_unlink(w.m, w.self, w.str("/tmp/" + name)).ok());
        }
    }
    EXPECT_EQ(seen.size(), 100u);
    EXPECT_TRUE(w.list("/tmp").empty());
}

// ---- Random trees against a model ---------------------------------------------------------------------

/// What the tree should be: path → contents, or nothing for a directory.
using Model = std::map<std::string, std::optional<std::string>>;

std::string parent_of(const std::string& path)
{
    return path.substr(0, path.rfind('/'));
}

bool has_children(const Model& model, const std::string& path)
{
    const auto next = model.upper_bound(path + "/");
    return next != model.end() && next->first.starts_with(path + "/");
}

bool is_model_directory(const Model& model, const std::string& path)
{
    const auto found = model.find(path);
    return found != model.end() && !found->second;
}

void move_subtree(Model& model, const std::string& from, const std::string& to)
{
    Model moved;
    for (auto it = model.begin(); it != model.end();) {
        if (it->first == from || it->first.starts_with(from + "/")) {
            moved[to + it->first.substr(from.size())] = it->second;
            it = model.erase(it);
        } else {
            ++it;
        }
    }
    model.merge(moved);
}

class Player {
  public:
    explicit Player(uint32_t seed) : random_(seed) { model_["/tmp"] = std::nullopt; }

    void step(World& w)
    {
        const std::string path = pick();
        switch (random_() % 5) {
            case 0:
                return make_directory(w, path);
            case 1:
            case 2:
                return write(w, path, std::to_string(random_()));
            case 3:
                return remove(w, path);
            default:
                return move(w, path, pick());
        }
    }
    void check(World& w) const
    {
        for (const auto& [path, contents] : model_) {
            if (contents) {
                EXPECT_EQ(w.contents(path), *contents) << path;
                continue;
            }
            std::set<std::string> expected;
            for (const auto& [other, unused] : model_)
                if (other != path && parent_of(other) == path) expected.insert(other.substr(path.size() + 1));
            const std::vector<std::string> listed = w.list(path, 300);
            EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), expected) << path;
            EXPECT_EQ(listed.size(), expected.size());
        }
    }

  private:
    std::string pick()
    {
        std::string path = "/tmp";
        for (auto depth = 1 + random_() % 3; depth > 0; --depth)
            path += "/" + std::string(1, "abcd"[random_() % 4]);
        return path;
    }
    void make_directory(World& w, const std::string& path)
    {
        const bool fits = !model_.contains(path) && is_model_directory(model_, parent_of(path));
        EXPECT_EQ(sys_mkdir(w.m, w.self, w.str(path), 0755).ok(), fits);
        if (fits) model_[path] = std::nullopt;
    }
    void write(World& w, const std::string& path, const std::string& text)
    {
        const bool fits = is_model_directory(model_, parent_of(path)) && !is_model_directory(model_, path);
        EXPECT_EQ(w.write_file(path, text) == Errno::none, fits) << path;
        if (fits) model_[path] = text;
    }
    void remove(World& w, const std::string& path)
    {
        const auto found = model_.find(path);
        const bool directory = found != model_.end() && !found->second;
        const bool fits = found != model_.end() && !(directory && has_children(model_, path));
        const Result<> removed =
            directory ? sys_rmdir(w.m, w.self, w.str(path)) : sys_unlink(w.m, w.self, w.str(path));
        EXPECT_EQ(removed.ok(), fits) << path;
        if (fits) model_.erase(path);
    }
    void move(World& w, const std::string& from, const std::string& to)
    {
        const bool source = model_.contains(from);
        const bool source_dir = is_model_directory(model_, from);
        const bool into_itself = to.starts_with(from + "/");
        bool fits = source && is_model_directory(model_, parent_of(to)) && !into_itself;
        if (fits && model_.contains(to) && from != to)
            fits = source_dir == is_model_directory(model_, to) && !has_children(model_, to);
        EXPECT_EQ(sys_rename(w.m, w.self, w.str(from), w.str(to)).ok(), fits) << from << " " << to;
        if (!fits || from == to) return;
        model_.erase(to);
        move_subtree(model_, from, to);
    }

    std::mt19937 random_;
    Model model_;
};

TEST(Tree, RandomOperationsMatchAModelInEveryCopy)
{
    for (uint32_t seed = 0; seed < 20; ++seed) {
        World w;
        Player player(seed);
        for (int i = 0; i < 150; ++i) player.step(w);
        player.check(w);
        World copy = w;
        Player other = player;
        for (int i = 0; i < 60; ++i) player.step(w);
        player.check(w);
        other.check(copy);
        for (int i = 0; i < 60; ++i) other.step(copy);
        other.check(copy);
        player.check(w);
    }
}

TEST(Tree, TheSameHistoryGivesTheSameHash)
{
    World a;
    World b(a.m.root);
    Player first(7);
    Player second(7);
    for (int i = 0; i < 200; ++i) {
        first.step(a);
        second.step(b);
    }
    EXPECT_EQ(a.m.hash(), b.m.hash());
    first.step(a);
    EXPECT_NE(a.m.hash(), b.m.hash());
}

}  // namespace
}  // namespace norn::test
