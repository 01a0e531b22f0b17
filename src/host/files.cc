// Kept runs on the host's disk.
#include "host/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace norn {

namespace {
Failure failed(const char* doing, const std::string& path)
{
    return {std::string(doing) + " " + path + ": " + std::strerror(errno)};
}

bool write_all(int fd, const std::string& bytes)
{
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t part = write(fd, bytes.data() + done, bytes.size() - done);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) return false;
        done += static_cast<std::size_t>(part);
    }
    return true;
}
}  // namespace

Expected<std::string> read_start(const std::string& path, std::size_t limit)
{
    // Without waiting: the other end of a pipe may never come.
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat about = {};
    if (!fd || fstat(fd.get(), &about) != 0) return failed("cannot read", path);
    if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return Failure{"cannot read " + path + ": it is a pipe or a device"};
    std::string bytes;
    char buffer[65536];
    while (bytes.size() < limit) {
        const std::size_t room = limit - bytes.size();
        const ssize_t part = read(fd.get(), buffer, room < sizeof buffer ? room : sizeof buffer);
        if (part < 0 && errno == EINTR) continue;
        if (part < 0) return failed("cannot read", path);
        if (part == 0) break;
        bytes.append(buffer, static_cast<std::size_t>(part));
    }
    return bytes;
}

Expected<std::string> read_whole(const std::string& path)
{
    return read_start(path, SIZE_MAX);
}

Expected<> write_whole(const std::string& path, const std::string& bytes)
{
    const std::string beside = own_path(path);
    const UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd) return failed("cannot write", path);
    if (write_all(fd.get(), bytes)) return move_whole(beside, path);
    Failure failure = failed("cannot write", path);
    unlink(beside.c_str());
    return failure;
}

Expected<> append(const std::string& path, const std::string& bytes)
{
    const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!fd || !write_all(fd.get(), bytes)) return failed("cannot write", path);
    return {};
}

Expected<> move_whole(const std::string& from, const std::string& to)
{
    if (std::rename(from.c_str(), to.c_str()) == 0) return {};
    Failure failure = failed("cannot write", to);
    unlink(from.c_str());
    return failure;
}

std::string own_path(const std::string& path)
{
    static std::atomic<uint64_t> count{0};
    return path + "." + std::to_string(getpid()) + "-" + std::to_string(count++);
}

Expected<> write_out(const std::string& to, const std::string& name, const std::string& bytes)
{
    struct stat status = {};
    const bool folder = stat(to.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    const std::string path = folder ? to + "/" + name.substr(name.rfind('/') + 1) : to;
    const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd || !write_all(fd.get(), bytes)) return failed("cannot write", path);
    return {};
}

Expected<> make_private_folder(const std::string& path)
{
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        const std::string part = path.substr(0, slash);
        if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return failed("cannot make", part);
        if (slash == std::string::npos) return {};
    }
}

Expected<FolderLock> FolderLock::take(const std::string& path)
{
    constexpr int tries = 6000;
    constexpr timespec pause{0, 5'000'000};
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    for (int i = 0; fd && i < tries; ++i) {
        if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return FolderLock(std::move(fd));
        if (errno != EWOULDBLOCK && errno != EINTR) break;
        nanosleep(&pause, nullptr);
    }
    if (fd && errno == EWOULDBLOCK) return Failure{path + " has been held by another norn for 30 seconds"};
    return failed("cannot lock", path);
}

}  // namespace norn
