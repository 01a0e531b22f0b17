// A small generator: each case has its own, seeded by (seed, case), so that one line reproduces it.
#pragma once

#include <cstdint>

namespace norn::fuzz {

class Rng {
  public:
    Rng(uint64_t seed, uint64_t stream) : state_(seed * 0x9e37'79b9'7f4a'7c15 ^ mix(stream + 1)) {}

    uint64_t next()
    {
        state_ += 0x9e37'79b9'7f4a'7c15;
        return mix(state_);
    }
    /// A number below `bound` (bound ≥ 1); the tiny bias does not matter here.
    uint64_t below(uint64_t bound) { return next() % bound; }
    bool one_in(uint64_t n) { return below(n) == 0; }
    bool percent(unsigned p) { return below(100) < p; }
    int64_t between(int64_t low, int64_t high)
    {
        return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low) + 1));
    }

  private:
    static uint64_t mix(uint64_t z)
    {
        z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
        z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
        return z ^ (z >> 31);
    }
    uint64_t state_;
};

}  // namespace norn::fuzz
