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

/// Any runnable task may be next, and a slice may end before any system call and at any instruction. Where
/// it looks for trouble is up to the seed: each strategy meets races that the others hardly ever do.
class RandomWalk : public Decider {
  public:
    explicit RandomWalk(uint64_t seed);
    uint64_t choose(const Machine& machine, const Choice& choice) override;

  private:
    enum class Strategy : uint8_t {
        calls,         ///< nearly every slice ends before one of the next few system calls
        few_calls,     ///< now and then one does: few preemptions, far apart
        instructions,  ///< half of the slices end at some instruction, near ones as likely as far ones
        short_slices,  ///< slices of one magnitude, time and again
        both,          ///< calls and instructions
    };
    static constexpr uint64_t strategy_count = 5;
    /// Who goes first where several could: a race may need that those who made the others wait for them,
    /// or the other way round.
    enum class Order : uint8_t { any, parents_first, children_first };
    static constexpr uint64_t order_count = 3;

    [[nodiscard]] uint64_t next_task(const Machine& m, uint64_t random, uint64_t options) const;
    [[nodiscard]] bool cuts_at_instruction(uint64_t random, const Choice& choice) const;
    [[nodiscard]] uint64_t cut_before_call(uint64_t random, uint64_t options) const;

    uint64_t seed_;
    Strategy strategy_;
    Order order_;
    uint64_t reach_;  ///< most instructions of a short slice
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
