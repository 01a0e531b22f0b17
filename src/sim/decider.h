// Deciders: who answers when Linux leaves a choice open.
#pragma once

#include "norn/run.h"

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
