// norn doctor: is this host fit to run Norn?
#include <fmt/format.h>

#include "cli/command.h"
#include "host/doctor.h"

namespace norn::cli {

namespace {
int doctor_command()
{
    int status = ok;
    const bool coloured = colour(1);
    for (const HostFinding& finding : examine_host()) {
        const bool fine = finding.health == Health::fine, wrong = finding.health == Health::wrong;
        const char* mark = fine ? "ok  " : wrong ? "BAD " : "slow";
        const char* paint = !coloured ? "" : fine ? "\033[32m" : wrong ? "\033[31m" : "\033[33m";
        fmt::print("{}{}{}  {:<20} {}\n", paint, mark, coloured ? "\033[0m" : "", finding.what,
                   finding.found);
        if (!finding.advice.empty()) fmt::print("      {}\n", finding.advice);
        if (wrong) status = found;
    }
    return status;
}
}  // namespace

void add_doctor(CLI::App& app, Action& action)
{
    CLI::App* command = app.add_subcommand("doctor", "Say what of this host matters, and whether it is fine");
    command->footer("\nExit status: 0 when nothing is wrong, 1 otherwise.");
    command->callback([&action] { action = doctor_command; });
}

}  // namespace norn::cli
