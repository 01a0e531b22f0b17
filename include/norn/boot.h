// Starting a machine: Norn's own init, and the program that a run is of.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "norn/host.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// What `boot` fixes for good; part of the value.
struct BootSpec {
    uint64_t seed = 0;
    int64_t realtime_ns = 0;  ///< CLOCK_REALTIME at the start
    std::string hostname = "norn";
    std::array<StreamSetup, 3> streams{};  ///< the outside's standard streams, descriptors 0 to 2 of PROGRAM
};

/// Makes pid 1 (Norn's own init: no program; adopts orphans and reaps them), mounts the initial tree.
/// `m.root` must be set.
void boot(Machine& m, const BootSpec& spec);

/// The program that a run is of, as execve would be given it.
struct ProgramSpec {
    std::string path;  ///< no search along PATH
    std::vector<std::string> argv, envp;
    std::string cwd = "/";
    uint32_t uid = 0, gid = 0;
    std::vector<uint32_t> groups;
    uint32_t umask = 022;
    SigSet ignored = 0;
    bool pid1 = false;  ///< the program is pid 1 itself, with all that comes with it
};

/// Makes the program's process and loads it; nothing of it stays when that fails. The machine has been
/// booted. The error is execve's, or chdir's for `cwd`.
[[nodiscard]] Result<TaskId> spawn_program(Machine& m, const ProgramSpec& spec);

}  // namespace norn
