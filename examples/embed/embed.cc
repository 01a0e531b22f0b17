// Embeds a machine: starts a shell with two writers, stops half-way, copies the whole, and lets the two
// futures go on with other choices. Nothing of this touches a host process.
//
//   cmake --install build/release --prefix /usr/local
//   cmake -S examples/embed -B build/embed && cmake --build build/embed && build/embed/embed
#include <norn/root.h>
#include <norn/run.h>

#include <cstdio>
#include <string>

namespace {

/// Collects what the guest writes.
class Output : public norn::NoOutside {
  public:
    norn::Result<void> write(int /*stream*/, std::span<const uint8_t> bytes) override
    {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    }
    std::string text;
};

constexpr const char* script = R"(
writer() { for i in 1 2 3 4 5 6 7 8; do echo -n $1; done; }
echo "from pid $$"; writer a & writer b & wait; echo)";

norn::RunSpec shell_spec()
{
    norn::RunSpec spec;
    spec.program.argv = {"bash", "-c", script};
    spec.program.envp = {"PATH=/usr/bin:/bin"};
    spec.boot.streams[1].kind = spec.boot.streams[2].kind = norn::StreamKind::pipe;
    return spec;
}

int report(const norn::Failure& failure)
{
    std::fprintf(stderr, "embed: %s\n", failure.text.c_str());
    return 1;
}

}  // namespace

int main()
{
    const auto root = norn::host_root("/");
    if (!root.ok()) return report({"cannot look at /"});
    auto started = norn::Run::start(shell_spec(), *root);
    if (!started.ok()) return report(started.failure());

    norn::Run first = *std::move(started);
    Output before;
    first.go({.first_choice = true}, before);
    std::printf("half-way: %u tasks, %llu instructions, hash %s\n", first.machine().state.task_count,
                static_cast<unsigned long long>(first.machine().state.retired),
                first.machine().hash().hex().c_str());

    norn::Run second = first;  // the snapshot
    std::printf("the copy: hash %s\n", second.machine().hash().hex().c_str());
    first.branch(1, norn::Scheduler::random_walk);
    second.branch(2, norn::Scheduler::random_walk);

    Output one = before, two = before;
    first.go({}, one);
    second.go({}, two);
    std::printf("one future:   %s", one.text.c_str());
    std::printf("the other:    %s", two.text.c_str());
    std::printf("their hashes: %s and %s\n", first.result().hash.hex().c_str(),
                second.result().hash.hex().c_str());
    return 0;
}
