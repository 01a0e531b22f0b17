// Recording choices and giving them back.
#include "norn/record.h"

#include <fmt/format.h>

#include <array>

#include "norn/machine.h"

namespace norn {

uint64_t RecordingDecider::choose(const Machine& machine, const Choice& choice)
{
    const uint64_t value = inner_.choose(machine, choice);
    log_.push_back({choice, value, machine.state.retired});
    return value;
}

namespace {
std::string_view kind_name(ChoiceKind kind)
{
    static constexpr std::array<std::string_view, 9> names{"next_task",   "slice",        "preempt_at",
                                                           "clone_fault", "random_bytes", "pid",
                                                           "wake",        "short_io",     "calls"};
    return names[static_cast<std::size_t>(kind)];
}

std::string described(const Choice& choice, uint64_t retired)
{
    return fmt::format("{} number {} of task {:016x} with {} options after {} instructions",
                       kind_name(choice.kind), choice.ordinal, choice.lineage, choice.options, retired);
}
}  // namespace

uint64_t ReplayDecider::choose(const Machine& machine, const Choice& choice)
{
    if (!mismatch_.empty()) return 0;
    const uint64_t retired = machine.state.retired;
    if (next_ == log_.size()) {
        mismatch_ =
            fmt::format("choice {} is past the end of the recording: {}", next_, described(choice, retired));
        return 0;
    }
    const TakenChoice& taken = log_[next_];
    const Choice& then = taken.choice;
    if (then.kind != choice.kind || then.lineage != choice.lineage || then.ordinal != choice.ordinal ||
        then.options != choice.options || taken.retired != retired) {
        mismatch_ = fmt::format("choice {} was {}, and is now {}", next_, described(then, taken.retired),
                                described(choice, retired));
        return 0;
    }
    ++next_;
    return taken.value;
}

}  // namespace norn
