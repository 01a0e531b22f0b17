// A small machine to try files in: one task with a page of memory, over a root made of a std::map.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "fs/abi.h"
#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/syscalls.h"
#include "mm/mmap.h"

namespace norn::test {

/// A tree of the outside, fixed once made.
class MapRoot : public RootView {
  public:
    struct Entry {
        uint32_t mode = 0;
        std::string contents;  ///< bytes of a file, target of a link
    };

    void add(const std::string& path, uint32_t mode, std::string contents = {})
    {
        entries_[path] = {mode, std::move(contents)};
    }
    Result<HostStat> stat(std::string_view path) override
    {
        const auto found = entries_.find(std::string(path));
        if (found == entries_.end()) return ENOENT;
        HostStat stat;
        stat.dev = 7;
        stat.ino = 100 + static_cast<uint64_t>(std::distance(entries_.begin(), found));
        stat.mode = found->second.mode;
        stat.size = found->second.contents.size();
        stat.blocks = (stat.size + 4095) / 4096 * 8;
        stat.nlink = (stat.mode & s_ifmt) == s_ifdir ? 2 : 1;
        return stat;
    }
    Result<std::string> read_link(std::string_view path) override
    {
        return entries_.at(std::string(path)).contents;
    }
    Result<std::vector<std::string>> list(std::string_view path) override
    {
        std::vector<std::string> names;
        const std::string prefix = path == "/" ? "/" : std::string(path) + "/";
        for (const auto& [name, entry] : entries_)
            if (name.size() > prefix.size() && name.starts_with(prefix) &&
                name.find('/', prefix.size()) == std::string::npos)
                names.push_back(name.substr(prefix.size()));
        return names;
    }
    Result<std::size_t> read_page(std::string_view path, uint64_t page, std::span<uint8_t, 4096> to) override
    {
        const std::string& contents = entries_.at(std::string(path)).contents;
        if (page * 4096 >= contents.size()) return std::size_t{0};
        const std::size_t count = std::min<std::size_t>(4096, contents.size() - page * 4096);
        std::memcpy(to.data(), contents.data() + page * 4096, count);
        return count;
    }

  private:
    std::map<std::string, Entry> entries_;
};

inline std::shared_ptr<MapRoot> plain_root()
{
    auto root = std::make_shared<MapRoot>();
    root->add("/", s_ifdir | 0755);
    root->add("/etc", s_ifdir | 0755);
    root->add("/etc/motd", s_ifreg | 0644, "hello from outside\n");
    root->add("/etc/big", s_ifreg | 0644, std::string(10000, 'b'));
    root->add("/etc/link", s_iflnk | 0777, "motd");
    root->add("/etc/loop", s_iflnk | 0777, "loop");
    root->add("/bin", s_iflnk | 0777, "usr/bin");
    root->add("/usr", s_ifdir | 0755);
    root->add("/usr/bin", s_ifdir | 0755);
    root->add("/usr/bin/true", s_ifreg | 0755, "ELF");
    root->add("/tmp", s_ifdir | s_isvtx | 0777);
    return root;
}

/// The machine, its task, and calls with C++ arguments.
class World {
  public:
    explicit World(std::shared_ptr<RootView> root = plain_root())
    {
        m.root = std::move(root);
        mount_initial(m);
        const PidId pid = m.allocate<Pid>();
        m.edit(pid).number = 1;
        const SignalId signal = m.allocate<Signal>();
        m.edit(signal).tgid = pid;
        const CredId cred = m.allocate<Cred>();
        m.edit(cred).cap_effective = ~0ull;
        const FilesId files = m.allocate<Files>();
        m.edit(files).refs = 1;
        const FsId fs = m.allocate<Fs>();
        const Path top{m.state.root_mount, m[m.state.root_mount].root};
        m.edit(fs).root = top;
        m.edit(fs).cwd = top;
        m.edit(fs).refs = 1;
        hold_path(m, top);
        hold_path(m, top);
        const MmId mm = new_mm(m);
        MapRequest request;
        request.address = memory;
        request.length = memory_size;
        request.flags = vma_read | vma_write;
        request.fixed = true;
        NORN_ASSERT(map(m, mm, SignalId{}, request).ok());
        self = m.allocate<Task>();
        Task& task = m.edit(self);
        task.pid = pid;
        task.signal = signal;
        task.cred = cred;
        task.files = files;
        task.fs = fs;
        task.mm = mm;
    }

    /// The string's address in the task's memory; each call of a test uses its own.
    UserStr str(const std::string& text)
    {
        const uint64_t at = next_;
        next_ += (text.size() + 8) / 8 * 8;
        if (next_ >= memory + memory_size / 2) next_ = memory;
        const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(text.c_str()), text.size() + 1);
        NORN_ASSERT(write_user(m, m[self].mm, at, bytes) == bytes.size());
        return {at};
    }
    [[nodiscard]] UserPtr<> buffer() const { return {memory + memory_size / 2}; }
    std::string bytes_at(UserPtr<> from, std::size_t size)
    {
        std::string text(size, '\0');
        NORN_ASSERT(read_user(m, m[self].mm, from.address, {reinterpret_cast<uint8_t*>(text.data()), size}) ==
                    size);
        return text;
    }

    Outcome<int> open(const std::string& path, uint32_t flags, uint32_t mode = 0644)
    {
        return sys_open(m, self, str(path), static_cast<int>(flags), mode);
    }
    Outcome<> write(int fd, const std::string& text)
    {
        const UserStr from = str(text);
        return sys_write(m, self, fd, {from.address}, text.size());
    }
    std::string read(int fd, std::size_t size)
    {
        const Outcome<> got = sys_read(m, self, fd, buffer(), size);
        return got.ok() ? bytes_at(buffer(), got.value()) : "error " + std::string(errno_name(got.error()));
    }
    std::string contents(const std::string& path)
    {
        const auto fd = open(path, o_rdonly);
        if (!fd.ok()) return "error " + std::string(errno_name(fd.error()));
        std::string all;
        for (std::string part = read(fd.value(), 4000); !part.empty(); part = read(fd.value(), 4000)) {
            all += part;
            if (part.starts_with("error ")) break;
        }
        EXPECT_TRUE(sys_close(m, self, fd.value()).ok());
        return all;
    }
    Errno write_file(const std::string& path, const std::string& text)
    {
        const auto fd = open(path, o_wronly | o_creat | o_trunc);
        if (!fd.ok()) return fd.error();
        const Errno error = write(fd.value(), text).error();
        EXPECT_TRUE(sys_close(m, self, fd.value()).ok());
        return error;
    }
    Stat stat(const std::string& path)
    {
        EXPECT_TRUE(sys_stat(m, self, str(path), buffer().as<Stat>()).ok()) << path;
        return *get_user(m, self, buffer().as<Stat>());
    }
    /// Names in the order in which getdents gives them, "." and ".." left out.
    std::vector<std::string> list(const std::string& path, uint32_t batch = 512)
    {
        std::vector<std::string> names;
        const auto fd = open(path, o_rdonly | o_directory);
        if (!fd.ok()) return {"error " + std::string(errno_name(fd.error()))};
        while (true) {
            const auto got = sys_getdents64(m, self, fd.value(), buffer(), batch);
            EXPECT_TRUE(got.ok());
            if (!got.ok() || *got == 0) break;
            const std::string bytes = bytes_at(buffer(), *got);
            for (std::size_t at = 0; at < bytes.size();) {
                uint16_t length = 0;
                std::memcpy(&length, bytes.data() + at + 16, 2);
                const std::string name = bytes.c_str() + at + 19;
                if (name != "." && name != "..") names.push_back(name);
                at += length;
            }
        }
        EXPECT_TRUE(sys_close(m, self, fd.value()).ok());
        return names;
    }

    Machine m;
    TaskId self;

  private:
    static constexpr uint64_t memory = 0x10000;
    static constexpr uint64_t memory_size = 0x40000;
    uint64_t next_ = memory;
};

}  // namespace norn::test
