// An independent judge of emitted code: isolation is a property of the bytes, so they are decoded again,
// by another library than the translator's, and proved to follow the rules at the head of emit.h.
//
// What is proved for each unit: every memory operand is a context slot, the unit's own constants, or a
// host address that was looked up and compared for the full size of the access, on every path that leads
// to it, including those on which C++ comes back into the middle of the unit; stores went through the
// table of writable pages; host addresses do not reach guest registers or slots; the budget is charged
// once; jumps reach only places in the unit, entries of other units of the same page, the way out (with
// the number of an exit of this unit) and, after a hit, what the jump tables name; and there is nothing
// that can leave the guest otherwise (system calls, segment bases, string and stack instructions …).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "x86/engine.h"

namespace norn::x86 {

struct VerifiedUnit {
    uint64_t end = 0, entry = 0;
    uint64_t guest_page = 0, stamp = 0;  ///< units may link where both are equal
};
using Units = std::map<uint64_t, VerifiedUnit>;  ///< by host address of the first byte

class Verifier final : public BlockWatcher {
  public:
    enum class OnViolation : uint8_t { remember, abort };

    explicit Verifier(OnViolation on_violation = OnViolation::remember);
    ~Verifier() override;
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;

    /// "" when the unit follows the rules, else what is wrong with it and where.
    [[nodiscard]] std::string check(const BlockView& block) const;

    void translated(const BlockView& block) override;
    void linked(const uint8_t* from, const uint8_t* to) override;

    [[nodiscard]] uint64_t blocks() const { return blocks_; }
    [[nodiscard]] uint64_t violations() const { return violations_; }
    [[nodiscard]] const std::string& first_violation() const { return first_violation_; }

  private:
    struct Decoder;
    void remember(const BlockView& block);
    void report(uint64_t guest_rip, const std::string& violation);

    std::unique_ptr<Decoder> decoder_;
    Units units_;  ///< those that may be linked to
    OnViolation on_violation_;
    uint64_t blocks_ = 0;
    uint64_t violations_ = 0;
    std::string first_violation_;
};

}  // namespace norn::x86
