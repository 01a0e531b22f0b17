// The options that say what a run is: shared by `norn run` and `norn explore`.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "cli/command.h"

namespace norn::cli {

struct SpecOptions {
    std::string root = "/", workdir, user, hostname = "norn", memory = "4g", timeout, time = "virtual",
                faults;
    std::string seed = "0", on_unsupported = "enosys";
    std::vector<std::string> environment;
    uint32_t cpus = 2;
    uint32_t pids_limit = 0;
    bool pid1 = false;
};

/// Adds the options to a subcommand; PROGRAM and its arguments are what is left.
void add_spec_options(CLI::App& command, SpecOptions& options);

/// What is to be run, and the files it will see.
struct Prepared {
    RunSpec spec;
    std::shared_ptr<RecordedView> root;
    std::string drawn_seed;  ///< for --seed random: what was drawn
};
Expected<Prepared> prepare(const SpecOptions& options, const std::vector<std::string>& program,
                           const std::array<StreamSetup, 3>& streams, SigSet ignored);

/// PROGRAM and its arguments: what the options left, and what came after the first `--`.
std::vector<std::string> program_words(const CLI::App& command, const std::vector<std::string>& after_mark);

}  // namespace norn::cli
