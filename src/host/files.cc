// Kept runs on the host's disk.
#include "host/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

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
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return failed("cannot read", path);
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
    const std::string beside = path + "." + std::to_string(getpid());
    const UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd) return failed("cannot write", path);
    if (!write_all(fd.get(), bytes) || std::rename(beside.c_str(), path.c_str()) != 0) {
        Failure failure = failed("cannot write", path);
        unlink(beside.c_str());
        return failure;
    }
    return {};
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
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd || flock(fd.get(), LOCK_EX) != 0) return failed("cannot lock", path);
    return FolderLock(std::move(fd));
}

}  // namespace norn
