#include "host/doctor.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "host/clock.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr uint64_t mib = 1 << 20;
constexpr uint64_t least_memory = 512 * mib;
constexpr uint64_t least_address_space = 8ull << 30;

HostFinding processor()
{
    const char* missing = nullptr;
    if (x86::host_supported(&missing)) return {"processor", "has what Norn needs", Health::fine, ""};
    return {"processor", std::string("lacks ") + missing, Health::wrong,
            "Norn needs a processor of the level x86-64-v3 (Haswell, Excavator or later)"};
}

HostFinding kernel()
{
    utsname name = {};
    uname(&name);
    int major = 0, minor = 0;
    const bool known = std::sscanf(name.release, "%d.%d", &major, &minor) == 2;
    if (known && (major > 5 || (major == 5 && minor >= 4))) return {"kernel", name.release, Health::fine, ""};
    return {"kernel", name.release, Health::wrong, "Norn is made for Linux 5.4 or later"};
}

HostFinding processors()
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return {"processors", std::to_string(count), Health::fine, ""};
}

HostFinding memory()
{
    struct sysinfo info = {};
    sysinfo(&info);
    const uint64_t total = info.totalram * info.mem_unit;
    const std::string found = std::to_string(total / mib) + " MiB";
    if (total >= least_memory) return {"memory", found, Health::fine, ""};
    return {"memory", found, Health::slow, "give machines less than they have by default: norn run -m 128m"};
}

HostFinding address_space()
{
    rlimit limit = {};
    getrlimit(RLIMIT_AS, &limit);
    if (limit.rlim_cur == RLIM_INFINITY) return {"address space", "unlimited", Health::fine, ""};
    const std::string found = std::to_string(limit.rlim_cur / mib) + " MiB";
    if (limit.rlim_cur >= least_address_space) return {"address space", found, Health::fine, ""};
    return {"address space", found, Health::slow, "raise it (ulimit -v unlimited) or use norn run -m"};
}

/// Translated code is written and then made executable; some hardened hosts forbid that.
HostFinding executable_memory()
{
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool may = page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
    if (page != MAP_FAILED) munmap(page, 4096);
    if (may) return {"executable memory", "allowed", Health::fine, ""};
    return {"executable memory", "refused", Health::wrong,
            "a security policy (SELinux execmem, PaX) keeps processes from making code; Norn needs to"};
}

HostFinding seccomp()
{
    const int mode = prctl(PR_GET_SECCOMP);
    return {"seccomp filter", mode == 0 ? "none" : "in force", Health::fine, ""};
}

HostFinding open_files()
{
    constexpr rlim_t enough = 512;
    rlimit limit = {};
    getrlimit(RLIMIT_NOFILE, &limit);
    const std::string found = std::to_string(limit.rlim_cur);
    if (limit.rlim_cur >= enough) return {"open files", found, Health::fine, ""};
    return {"open files", found, Health::slow, "raise it: ulimit -n 1024"};
}

/// The directory that exists of $XDG_STATE_HOME, ~/.local/state, ~: where runs are kept.
HostFinding run_store()
{
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    const std::string place = state && *state ? state : home ? home : "";
    if (place.empty())
        return {"kept runs", "no place", Health::slow, "set HOME or XDG_STATE_HOME to keep runs for replay"};
    if (access(place.c_str(), W_OK) == 0) return {"kept runs", "below " + place, Health::fine, ""};
    return {"kept runs", place + " cannot be written", Health::slow,
            "runs are not kept there; set XDG_STATE_HOME to a directory of yours"};
}

/// What the first touch of a page costs decides how fast programs start.
HostFinding page_faults()
{
    constexpr std::size_t pages = 1024;
    constexpr uint64_t dear_ns = 4000;
    void* area = mmap(nullptr, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return {"first touch of a page", "no memory", Health::wrong, "the host has no memory left"};
    const uint64_t before = wall_clock_ns();
    for (std::size_t page = 0; page < pages; ++page) static_cast<volatile char*>(area)[page * 4096] = 1;
    const uint64_t each_ns = (wall_clock_ns() - before) / pages;
    munmap(area, pages * 4096);
    const std::string found = std::to_string(each_ns) + " ns";
    if (each_ns < dear_ns) return {"first touch of a page", found, Health::fine, ""};
    return {"first touch of a page", found, Health::slow, "memory is dear on this host (a virtual machine?)"};
}

}  // namespace

std::vector<HostFinding> examine_host()
{
    return {processor(),         kernel(),  processors(), memory(),    address_space(),
            executable_memory(), seccomp(), open_files(), run_store(), page_faults()};
}

}  // namespace norn
