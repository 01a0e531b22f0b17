// norn doctor: is this host fit to run Norn?
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "host/doctor.h"

namespace norn::cli {

namespace {
int doctor_command(bool json)
{
    int status = ok;
    const bool coloured = colour(1);
    for (const HostFinding& finding : examine_host()) {
        const bool fine = finding.health == Health::fine, wrong = finding.health == Health::wrong;
        if (wrong) status = found;
        if (json) {
            print_json({{"what", finding.what},
                        {"found", finding.found},
                        {"health", fine    ? "fine"
                                   : wrong ? "wrong"
                                           : "slow"},
                        {"advice", finding.advice}});
            continue;
        }
        const char* mark = fine ? "ok  " : wrong ? "BAD " : "slow";
        const char* paint = !coloured ? "" : fine ? "\033[32m" : wrong ? "\033[31m" : "\033[33m";
        print("{}{}{}  {:<20} {}\n", paint, mark, coloured ? "\033[0m" : "", finding.what, finding.found);
        if (!finding.advice.empty()) print("      {}\n", finding.advice);
    }
    return status;
}
}  // namespace

void add_doctor(CLI::App& app, Action& action)
{
    CLI::App* command = app.add_subcommand("doctor", "Say what of this host matters, and whether it is fine");
    auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "one JSON object a line");
    command->footer(
        "\nExamples:\n  norn doctor\n  norn doctor --json | jq .health\n\n"
        "Exit status: 0 when nothing is wrong, 1 otherwise.");
    command->callback([&action, json] { action = [=] { return doctor_command(*json); }; });
}

}  // namespace norn::cli
