// Loads a machine that another process has saved, goes on with it to the end, and prints the end's hash.
//   go_on FILE PROGRAM
#include "sim/programs.h"

#include <cstdio>
#include <fstream>
#include <iterator>

#include "norn/save.h"

int main(int argc, char** argv)
{
    using namespace norn;
    if (argc != 3) return 2;
    std::ifstream file(argv[1], std::ios::binary);
    auto machine = load_machine(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!machine.ok()) {
        std::fprintf(stderr, "go_on: %s\n", machine.failure().text.c_str());
        return 1;
    }
    const auto root = host_files();
    machine->root = root;
    RunSpec spec = spec_of({argv[2]});
    spec.program.cwd = "/tmp";
    norn::Run run = started(spec, root);
    run.machine() = *std::move(machine);
    NoOutside nothing;
    run.go({}, nothing);
    std::printf("%s\n", run.result().hash.hex().c_str());
    return 0;
}
