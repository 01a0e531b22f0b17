// Recording choices and giving them back.
#include "norn/record.h"

#include <fmt/format.h>

#include <array>

#include "norn/machine.h"
#include "sim/wire.h"

namespace norn {

namespace {
constexpr std::size_t chunk_bytes = 16384;

// The first byte of a choice: its kind, and what is as expected and therefore left out.
constexpr uint8_t kind_bits = 0x0f;
constexpr uint8_t known_asker = 0x10;   ///< a byte names it
constexpr uint8_t next_ordinal = 0x20;  ///< follows the one before
constexpr uint8_t zero_value = 0x40;

/// Which of a task's two counts of choices: see Task::choices and Task::sched_choices.
std::size_t count_of(ChoiceKind kind)
{
    return scheduling_choices & choice_bit(kind) ? 1 : 0;
}
}  // namespace

void ChoiceLog::Expected::take(const TakenChoice& taken)
{
    Asker& asker = this->asker(taken.choice.lineage);
    if (asker.lineage != taken.choice.lineage) asker = {taken.choice.lineage, {}};
    asker.ordinal[count_of(taken.choice.kind)] = taken.choice.ordinal;
    retired = taken.retired;
}

void ChoiceLog::push_back(const TakenChoice& taken)
{
    const Choice& choice = taken.choice;
    const Expected::Asker& asker = expected_.asker(choice.lineage);
    auto first = static_cast<uint8_t>(choice.kind);
    if (asker.lineage == choice.lineage) {
        first |= known_asker;
        if (asker.ordinal[count_of(choice.kind)] + 1 == choice.ordinal) first |= next_ordinal;
    }
    if (taken.value == 0) first |= zero_value;

    Writer w;
    w.number(first);
    w.number(first & known_asker ? choice.lineage % expected_.askers.size() : choice.lineage);
    if (!(first & next_ordinal)) w.number(choice.ordinal);
    w.number(choice.options);
    if (!(first & zero_value)) w.number(taken.value);
    w.number(taken.retired - expected_.retired);
    append(taken, w.bytes());
}

void ChoiceLog::append(const TakenChoice& taken, std::string_view encoded)
{
    last_ += encoded;
    ++size_;
    expected_.take(taken);
    if (last_.size() < chunk_bytes) return;
    full_.push_back(std::make_shared<const std::string>(std::move(last_)));
    last_ = {};
}

std::string ChoiceLog::bytes() const
{
    std::string all;
    for (const auto& chunk : full_) all += *chunk;
    return all + last_;
}

std::optional<ChoiceLog> ChoiceLog::from_bytes(std::string_view bytes)
{
    ChoiceLog log;
    while (!bytes.empty()) {
        const std::string_view before = bytes;
        const auto taken = Cursor::decode(bytes, log.expected_);
        if (!taken) return {};
        log.append(*taken, before.substr(0, before.size() - bytes.size()));
    }
    return log;
}

std::optional<TakenChoice> ChoiceLog::Cursor::decode(std::string_view& bytes, const Expected& expected)
{
    Reader reader(bytes);
    const uint64_t first = reader.below(0x80);
    const uint64_t kind = first & kind_bits;
    const bool known = first & known_asker;
    TakenChoice taken;
    Choice& choice = taken.choice;
    if (kind >= choice_kinds) return {};
    choice.kind = static_cast<ChoiceKind>(kind);
    const uint64_t who = known ? reader.below(expected.askers.size()) : reader.number();
    choice.lineage = known ? expected.askers[who].lineage : who;
    choice.ordinal =
        first & next_ordinal
            ? expected.askers[choice.lineage % expected.askers.size()].ordinal[count_of(choice.kind)] + 1
            : static_cast<uint32_t>(reader.below(1ull << 32));
    choice.options = reader.number();
    taken.value = first & zero_value ? 0 : reader.number();
    taken.retired = expected.retired + reader.number();
    if (!reader.good() || (choice.options && taken.value >= choice.options)) return {};
    bytes = reader.left();
    return taken;
}

std::optional<TakenChoice> ChoiceLog::Cursor::next()
{
    if (index_ == log_->size_) return {};
    const bool in_full = chunk_ < log_->full_.size();
    const std::string& chunk = in_full ? *log_->full_[chunk_] : log_->last_;
    std::string_view left = std::string_view(chunk).substr(offset_);
    const auto taken = decode(left, expected_);
    if (!taken) return {};
    expected_.take(*taken);
    ++index_;
    offset_ = chunk.size() - left.size();
    if (in_full && left.empty()) {
        ++chunk_;
        offset_ = 0;
    }
    return taken;
}

uint64_t RecordingDecider::choose(const Machine& machine, const Choice& choice)
{
    const uint64_t value = inner_.choose(machine, choice);
    log_.push_back({choice, value, machine.state.retired});
    return value;
}

namespace {
std::string_view kind_name(ChoiceKind kind)
{
    static constexpr std::array<std::string_view, choice_kinds> names{
        "next_task", "slice", "preempt_at", "clone_fault", "random_bytes",
        "pid",       "wake",  "short_io",   "calls"};
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
    const std::size_t index = cursor_.index();
    const auto taken = cursor_.next();
    if (!taken) {
        mismatch_ =
            fmt::format("choice {} is past the end of the recording: {}", index, described(choice, retired));
        return 0;
    }
    const Choice& then = taken->choice;
    if (then.kind != choice.kind || then.lineage != choice.lineage || then.ordinal != choice.ordinal ||
        then.options != choice.options || taken->retired != retired) {
        mismatch_ = fmt::format("choice {} was {}, and is now {}", index, described(then, taken->retired),
                                described(choice, retired));
        return 0;
    }
    return taken->value;
}

}  // namespace norn
