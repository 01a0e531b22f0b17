// Deciders: who answers when Linux leaves a choice open.
#pragma once

#include <string_view>

#include "norn/decider.h"
#include "norn/expected.h"

namespace norn {

/// The default. Fair: nearly always the scheduler's own choice, no faults; the lengths of slices vary
/// with the seed, so that two seeds interleave differently.
class SeededDecider : public Decider {
  public:
    explicit SeededDecider(uint64_t seed) : seed_(seed) {}
    uint64_t choose(const Machine& machine, const Choice& choice) override;

  private:
    uint64_t seed_;
};

/// Any runnable task may be next, and a slice may end at any instruction, short slices as likely as
/// long ones.
class RandomWalk : public Decider {
  public:
    explicit RandomWalk(uint64_t seed) : seed_(seed) {}
    uint64_t choose(const Machine& machine, const Choice& choice) override;

  private:
    uint64_t seed_;
};

/// How often something goes wrong that Linux allows to go wrong, in parts of a million.
struct FaultRates {
    uint32_t fork = 0;      ///< clone fails with EAGAIN or ENOMEM
    uint32_t short_io = 0;  ///< a read or write does less than asked
    [[nodiscard]] bool any() const { return fork != 0 || short_io != 0; }
    friend bool operator==(const FaultRates&, const FaultRates&) = default;
};

/// Reads "fork", "fork=5%", "fork=0.05,short-io=1%". A kind without a rate means 10%.
[[nodiscard]] Expected<FaultRates> parse_faults(std::string_view text);

/// Adds faults to the choices of another decider.
class FaultDecider : public Decider {
  public:
    FaultDecider(Decider& inner, uint64_t seed, const FaultRates& rates)
        : inner_(inner), seed_(seed), rates_(rates)
    {
    }
    uint64_t choose(const Machine& machine, const Choice& choice) override;

  private:
    Decider& inner_;
    uint64_t seed_;
    FaultRates rates_;
};

}  // namespace norn
