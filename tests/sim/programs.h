// Runs of real programs of this host, for the tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "norn/root.h"
#include "norn/run.h"
#include "norn/view.h"

namespace norn {

/// Keeps what the guest writes.
class Output : public NoOutside {
  public:
    Result<void> write(int /*stream*/, std::span<const uint8_t> bytes) override
    {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    }
    std::string text;
};

inline RunSpec spec_of(std::vector<std::string> argv, uint64_t seed = 0)
{
    RunSpec spec;
    spec.program.argv = std::move(argv);
    spec.program.envp = {"PATH=/usr/bin:/bin", "LC_ALL=C"};
    spec.boot.seed = seed;
    spec.boot.streams[1].kind = spec.boot.streams[2].kind = StreamKind::pipe;
    return spec;
}

/// A static shell with its own applets.
inline RunSpec busybox(const std::string& script, uint64_t seed = 0)
{
    return spec_of({"/bin/busybox", "sh", "-c", script}, seed);
}

inline std::shared_ptr<RecordedView> host_files()
{
    auto root = host_root("/");
    if (!root.ok()) std::abort();
    return std::make_shared<RecordedView>(*root);
}

inline Run started(const RunSpec& spec, std::shared_ptr<RootView> root)
{
    auto run = Run::start(spec, std::move(root));
    if (!run.ok()) {
        ADD_FAILURE() << run.failure().text;
        std::abort();
    }
    return *std::move(run);
}

/// Two writers whose letters show how they took turns.
inline const std::string two_writers =
    "w() { i=0; while [ $i -lt 40 ]; do echo -n $1; i=$((i+1)); done; }; w a & w b & wait";

}  // namespace norn
