// The host's files, looked at and never changed.
//
//  H1  A path is walked component by component from the folder's descriptor, and no component but the
//      last may be a link, so nothing leads out of the folder, however it changes meanwhile.
//  H2  Only regular files are opened for reading, and never so that it could block or have an effect.
//  H3  /proc, /dev and /sys are the machine's own: they look like empty directories, and file systems of
//      those kinds are not entered anywhere else either.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>

#include "host/unique_fd.h"
#include "norn/root.h"

namespace norn {

namespace {

constexpr std::array<std::string_view, 3> own_directories = {"/proc", "/dev", "/sys"};
constexpr std::size_t most_open = 128;  ///< descriptors kept open, of each kind

Errno last_error()
{
    return static_cast<Errno>(errno);
}

bool own_directory(std::string_view path)
{
    return std::find(own_directories.begin(), own_directories.end(), path) != own_directories.end();
}

bool below_own_directory(std::string_view path)
{
    return std::any_of(own_directories.begin(), own_directories.end(), [&](std::string_view own) {
        return path.size() > own.size() && path.substr(0, own.size()) == own && path[own.size()] == '/';
    });
}

/// Kernel interfaces that show the host and not files (statfs(2)).
bool is_kernel_interface(int fd)
{
    constexpr std::array<uint64_t, 7> magics = {
        0x9fa0,      // proc
        0x62656572,  // sysfs
        0x1cd1,      // devpts
        0x27e0eb,    // cgroup
        0x63677270,  // cgroup2
        0x64626720,  // debugfs
        0x74726163,  // tracefs
    };
    struct statfs about = {};
    if (fstatfs(fd, &about) != 0) return false;
    return std::find(magics.begin(), magics.end(), static_cast<uint64_t>(about.f_type)) != magics.end();
}

int64_t nanoseconds(const timespec& time)
{
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

HostStat to_host_stat(const struct stat& from)
{
    HostStat to;
    to.dev = from.st_dev;
    to.ino = from.st_ino;
    to.rdev = from.st_rdev;
    to.size = static_cast<uint64_t>(from.st_size);
    to.blocks = static_cast<uint64_t>(from.st_blocks);
    to.mode = from.st_mode;
    to.nlink = static_cast<uint32_t>(from.st_nlink);
    to.uid = from.st_uid;
    to.gid = from.st_gid;
    to.mtime_ns = nanoseconds(from.st_mtim);
    // Our own reading moves the host's access times; a run must not depend on who read before.
    to.atime_ns = to.mtime_ns;
    to.ctime_ns = nanoseconds(from.st_ctim);
    return to;
}

/// What /proc, /dev and /sys look like from outside: places to mount on. The C library's readdir passes over
/// names whose inode number is 0.
HostStat own_directory_stat(std::string_view path)
{
    constexpr uint64_t least_ino = (1ull << 40) - own_directories.size();
    HostStat stat;
    const auto* const at = std::find(own_directories.begin(), own_directories.end(), path);
    stat.ino = least_ino + static_cast<uint64_t>(at - own_directories.begin());
    stat.mode = S_IFDIR | 0555;
    stat.nlink = 2;
    return stat;
}

/// Descriptors by path, all dropped when there are too many.
class FdCache {
  public:
    [[nodiscard]] int find(std::string_view path) const
    {
        const auto at = fds_.find(path);
        return at == fds_.end() ? -1 : at->second.get();
    }
    int keep(std::string_view path, UniqueFd fd)
    {
        if (fds_.size() >= most_open) fds_.clear();
        return fds_.insert_or_assign(std::string(path), std::move(fd)).first->second.get();
    }

  private:
    std::map<std::string, UniqueFd, std::less<>> fds_;
};

class HostFolder final : public HostRootView {
  public:
    explicit HostFolder(UniqueFd folder) : folder_(std::move(folder)) {}

    Result<HostStat> stat(std::string_view path) override;
    Result<std::string> read_link(std::string_view path) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<std::size_t> read_page(std::string_view path, uint64_t page, std::span<uint8_t, 4096> to) override;
    std::vector<std::string> changed() const override;

  private:
    /// What tells whether a file is still the one that was seen first.
    struct Seen {
        uint64_t dev = 0, ino = 0, size = 0;
        int64_t mtime_ns = 0;
        bool changed = false;
    };
    /// Where the last component of a path is looked up, and its name ("." for the folder itself).
    struct Place {
        int directory = -1;
        std::string name;
    };

    Result<Place> place_of(std::string_view path);
    Result<int> directory_at(std::string_view path);
    Result<int> regular_file_at(std::string_view path);
    void note(std::string_view path, const struct stat& now);

    mutable std::mutex lock_;
    UniqueFd folder_;
    FdCache directories_, files_;
    std::map<std::string, Seen, std::less<>> seen_;
};

/// The directory itself, as a place to look things up in (O_PATH), walked to without following links.
Result<int> HostFolder::directory_at(std::string_view path)
{
    if (path.empty() || path == "/") return folder_.get();
    if (const int known = directories_.find(path); known >= 0) return known;
    const std::size_t slash = path.rfind('/');
    const int parent = TRY(directory_at(path.substr(0, slash)));
    const std::string name(path.substr(slash + 1));
    if (name.empty() || name == "." || name == "..") return Errno::ENOENT;
    UniqueFd fd(openat(parent, name.c_str(), O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return last_error();
    if (is_kernel_interface(fd.get())) return Errno::ENOENT;
    return directories_.keep(path, std::move(fd));
}

Result<HostFolder::Place> HostFolder::place_of(std::string_view path)
{
    if (below_own_directory(path) || path.empty() || path[0] != '/') return Errno::ENOENT;
    if (path == "/") return Place{folder_.get(), "."};
    const std::size_t slash = path.rfind('/');
    std::string name(path.substr(slash + 1));
    if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string::npos)
        return Errno::ENOENT;
    return Place{TRY(directory_at(path.substr(0, slash))), std::move(name)};
}

void HostFolder::note(std::string_view path, const struct stat& now)
{
    if (!S_ISREG(now.st_mode)) return;
    const Seen found{now.st_dev, now.st_ino, static_cast<uint64_t>(now.st_size), nanoseconds(now.st_mtim)};
    const auto [at, fresh] = seen_.try_emplace(std::string(path), found);
    if (fresh) return;
    Seen& first = at->second;
    if (first.dev != found.dev || first.ino != found.ino || first.size != found.size ||
        first.mtime_ns != found.mtime_ns)
        first.changed = true;
}

Result<HostStat> HostFolder::stat(std::string_view path)
{
    if (own_directory(path)) return own_directory_stat(path);
    const std::lock_guard guard(lock_);
    const Place place = TRY(place_of(path));
    struct stat found = {};
    if (fstatat(place.directory, place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0)
        return last_error();
    note(path, found);
    return to_host_stat(found);
}

Result<std::string> HostFolder::read_link(std::string_view path)
{
    const std::lock_guard guard(lock_);
    const Place place = TRY(place_of(path));
    std::array<char, 4096> target;
    const ssize_t size = readlinkat(place.directory, place.name.c_str(), target.data(), target.size());
    if (size < 0) return last_error();
    return std::string(target.data(), static_cast<std::size_t>(size));
}

Result<std::vector<std::string>> HostFolder::list(std::string_view path)
{
    if (own_directory(path)) return std::vector<std::string>();
    const std::lock_guard guard(lock_);
    const Place place = TRY(place_of(path));
    const int fd = openat(place.directory, place.name.c_str(),
                          O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return last_error();
    DIR* directory = fdopendir(fd);
    if (!directory) {
        const Errno error = last_error();
        close(fd);
        return error;
    }
    std::vector<std::string> names;
    if (!is_kernel_interface(fd))
        while (const dirent* entry = readdir(directory))
            if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
                names.emplace_back(entry->d_name);
    closedir(directory);
    if (path == "/")
        for (const std::string_view own : own_directories) names.emplace_back(own.substr(1));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

Result<int> HostFolder::regular_file_at(std::string_view path)
{
    if (const int known = files_.find(path); known >= 0) return known;
    const Place place = TRY(place_of(path));
    struct stat found = {};
    if (fstatat(place.directory, place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0)
        return last_error();
    if (!S_ISREG(found.st_mode)) return S_ISDIR(found.st_mode) ? Errno::EISDIR : Errno::ENXIO;
    UniqueFd fd(openat(place.directory, place.name.c_str(),
                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd) return last_error();
    // Another file may have taken the name since.
    if (fstat(fd.get(), &found) != 0 || !S_ISREG(found.st_mode)) return Errno::ENXIO;
    return files_.keep(path, std::move(fd));
}

Result<std::size_t> HostFolder::read_page(std::string_view path, uint64_t page, std::span<uint8_t, 4096> to)
{
    const std::lock_guard guard(lock_);
    const int fd = TRY(regular_file_at(path));
    struct stat now = {};
    if (fstat(fd, &now) != 0) return last_error();
    note(path, now);
    std::size_t done = 0;
    while (done < to.size()) {
        const ssize_t size =
            pread(fd, to.data() + done, to.size() - done, static_cast<off_t>(page * to.size() + done));
        if (size < 0 && errno == static_cast<int>(Errno::EINTR)) continue;
        if (size < 0) return last_error();
        if (size == 0) break;
        done += static_cast<std::size_t>(size);
    }
    return done;
}

std::vector<std::string> HostFolder::changed() const
{
    const std::lock_guard guard(lock_);
    std::vector<std::string> paths;
    for (const auto& [path, seen] : seen_)
        if (seen.changed) paths.push_back(path);
    return paths;
}

}  // namespace

Result<std::shared_ptr<HostRootView>> host_root(const std::string& folder)
{
    UniqueFd fd(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd || faccessat(fd.get(), ".", X_OK, AT_EACCESS) != 0) return last_error();
    return std::shared_ptr<HostRootView>(std::make_shared<HostFolder>(std::move(fd)));
}

}  // namespace norn
