#include "host/caller.h"

#include <sched.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

extern char** environ;

namespace norn {

Caller caller()
{
    Caller who;
    who.uid = geteuid();
    who.gid = getegid();
    const int count = getgroups(0, nullptr);
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
    const int got = getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(got, 0)));
    who.groups.assign(groups.begin(), groups.end());
    std::sort(who.groups.begin(), who.groups.end());
    const mode_t mask = umask(0);
    umask(mask);
    who.umask = mask;
    char path[PATH_MAX];
    if (getcwd(path, sizeof path)) who.cwd = path;
    for (char** entry = environ; entry && *entry; ++entry) who.environment.emplace_back(*entry);
    return who;
}

bool is_terminal(int fd)
{
    return isatty(fd) == 1;
}

uint64_t fresh_random()
{
    uint64_t value = 0;
    if (getrandom(&value, sizeof value, 0) != sizeof value) value = static_cast<uint64_t>(getpid());
    return value;
}

bool allow_open_files()
{
    rlimit limit = {};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
    constexpr rlim_t plenty = 4096;
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, plenty));
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur >= needed_files;
}

unsigned usable_processors()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::max(1u, static_cast<unsigned>(CPU_COUNT(&set)));
}

}  // namespace norn
