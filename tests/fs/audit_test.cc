// Each rule of the audit of files is broken once, on purpose, and must say so.
#include "breaches.h"
#include "fs/file.h"
#include "fs/locks.h"
#include "fs/tty.h"
#include "world.h"

namespace norn::test {
namespace {

/// A directory with new names, an open file with two locks and a flock, a pipe that is read and written, an
/// epoll that watches it and has it ready, and a pseudo-terminal with both its sides open.
struct Busy : World {
    FileId locked, reader, epoll;
    InodeId inode;
    DentryId directory;
    FileLockId lock;
    PipeId pipe;
    TtyId tty;

    Busy()
    {
        EXPECT_TRUE(sys_mkdir(m, self, str("/tmp/d"), 0755).ok());
        const FileId opened = file_at(open("/tmp/d", o_rdonly | o_directory).value());
        directory = m[opened].path.dentry;
        for (const char* name : {"/tmp/d/a", "/tmp/d/b", "/tmp/d/c"}) write_file(name, "x");
        const int fd = open("/tmp/d/b", o_rdwr).value();
        locked = file_at(fd);
        inode = m[locked].inode;
        lock_bytes(fd, 0);
        lock_bytes(fd, 100);
        EXPECT_TRUE(sys_flock(m, self, fd, lock_shared).ok());
        lock = m[inode].locks;
        make_pipe();
        const int master = open("/dev/ptmx", o_rdwr).value();
        tty = m[file_at(master)].tty;
        m.edit(tty).flags &= ~uint32_t{tty_locked};
        EXPECT_TRUE(open("/dev/pts/" + std::to_string(m[tty].number), o_rdwr | o_noctty).ok());
    }

    [[nodiscard]] FileId file_at(int fd) const { return *file_of_call(m, self, fd); }

  private:
    static constexpr int lock_shared = 1;

    void lock_bytes(int fd, int64_t start)
    {
        constexpr uint32_t set_lock = 6;
        Flock wanted;
        wanted.type = 1;
        wanted.start = start;
        wanted.length = 10;
        EXPECT_TRUE(put_user(m, self, buffer().as<Flock>(), wanted).ok());
        EXPECT_TRUE(sys_fcntl(m, self, fd, set_lock, buffer().address).ok());
    }

    void make_pipe()
    {
        constexpr int add = 1;
        EXPECT_TRUE(sys_pipe2(m, self, buffer().as<std::array<int, 2>>(), 0).ok());
        const auto ends = *get_user(m, self, buffer().as<std::array<int, 2>>());
        reader = file_at(ends[0]);
        pipe = m[reader].pipe;
        EXPECT_TRUE(write(ends[1], "some bytes").ok());
        const int fd = *sys_epoll_create1(m, self, 0);
        epoll = file_at(fd);
        const std::array<uint32_t, 3> readable{1, 7, 0};
        EXPECT_TRUE(put_user(m, self, buffer().as<std::array<uint32_t, 3>>(), readable).ok());
        EXPECT_TRUE(sys_epoll_ctl(m, self, fd, add, ends[0], buffer()).ok());
    }
};

const Breach<Busy> breaches[] = {
    {"inode ", [](Busy& b) { ++b.m.edit(b.inode).refs; }},
    {"open file ", [](Busy& b) { ++b.m.edit(b.locked).refs; }},
    {"a descriptor names one that is gone", [](Busy& b) { b.m.free(b.reader); }},
    {"name ", [](Busy& b) { ++b.m.edit(b.directory).refs; }},
    {"names out of order",
     [](Busy& b) {
         Dentry& top = b.m.edit(b.m[b.directory].children);
         std::swap(top.left, top.right);
     }},
    {"in the tree of another directory",
     [](Busy& b) { b.m.edit(b.m[b.directory].children).parent = DentryId{b.m[b.directory].parent}; }},
    {"in a tree and does not know",
     [](Busy& b) { b.m.edit(b.m[b.directory].children).flags &= ~uint32_t{dentry_hashed}; }},
    {"tree of names is out of balance", [](Busy& b) { ++b.m.edit(b.m[b.directory].children).height; }},
    {"a list of new names is broken",
     [](Busy& b) { b.m.edit(b.m[b.directory].last_new).prev_new = DentryId{b.m[b.directory].first_new}; }},
    {"cookies of new names are out of order",
     [](Busy& b) { b.m.edit(b.m[b.directory].first_new).cookie = ~0ull; }},
    {"on another directory's list",
     [](Busy& b) { b.m.edit(b.m[b.directory].first_new).parent = DentryId{b.m[b.directory].parent}; }},
    {"last new name is another one",
     [](Busy& b) { b.m.edit(b.directory).last_new = DentryId{b.m[b.directory].first_new}; }},
    {"a name is lost", [](Busy& b) { b.m.edit(b.directory).children = {}; }},
    {"a new name is on no list", [](Busy& b) { b.m.edit(b.directory).first_new = {}; }},
    {"neither file nor whiteout",
     [](Busy& b) { b.m.edit(b.m[b.directory].first_new).flags |= dentry_whiteout; }},
    {"pipe ", [](Busy& b) { ++b.m.edit(b.pipe).refs; }},
    {"has refs 1, found 0", [](Busy& b) { (void)b.m.allocate<Pipe>(); }},
    {"a pipe's readers are miscounted", [](Busy& b) { ++b.m.edit(b.pipe).readers; }},
    {"a pipe's writers are miscounted", [](Busy& b) { --b.m.edit(b.pipe).writers; }},
    {"a pipe holds more than it can", [](Busy& b) { b.m.edit(b.pipe).head += 17; }},
    {"a lock is on another inode's list",
     [](Busy& b) { b.m.edit(b.lock).inode = InodeId{b.m[b.directory].inode}; }},
    {"locks are out of order", [](Busy& b) { b.m.edit(b.lock).start = 1000; }},
    {"a lock is on no list", [](Busy& b) { b.m.edit(b.inode).locks = FileLockId{b.m[b.lock].next}; }},
    {"table's locks are miscounted", [](Busy& b) { ++b.m.edit(b.m[b.self].files).posix_locks; }},
    {"item of an epoll", [](Busy& b) { b.m.edit(b.epoll).watched = {}; }},
    {"item on a watched file", [](Busy& b) { b.m.edit(b.reader).watchers = {}; }},
    {"an epoll's ready list is wrong", [](Busy& b) { b.m.edit(b.epoll).ready_first = {}; }},
    {"terminal ", [](Busy& b) { ++b.m.edit(b.tty).refs; }},
    {"a pseudo-terminal's files are miscounted", [](Busy& b) { ++b.m.edit(b.tty).slaves; }},
    {"a pseudo-terminal has a name and no master", [](Busy& b) { b.m.edit(b.tty).node = {}; }},
};

AuditReport report_of(const Machine& m)
{
    AuditReport report;
    audit_fs(m, report);
    return report;
}

TEST(AuditOfFiles, ASoundMachineHasNothingToReport)
{
    const Busy busy;
    const AuditReport report = report_of(busy.m);
    EXPECT_TRUE(report.broken.empty()) << report.broken.front();
    EXPECT_TRUE(busy.m[busy.epoll].ready_first);
}

TEST(AuditOfFiles, EachRuleNoticesItsBreach)
{
    expect_each_is_noticed(breaches, report_of);
}

}  // namespace
}  // namespace norn::test
