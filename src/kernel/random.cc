#include "kernel/random.h"

#include <algorithm>
#include <cstring>

#include "kernel/sched.h"
#include "mm/usercopy.h"

namespace norn {

void random_bytes(Machine& m, TaskId self, std::span<uint8_t> to)
{
    while (!to.empty()) {
        // Before the run begins (the program's AT_RANDOM) nobody decides yet: the seed does.
        const Choice first{ChoiceKind::random_bytes, m[self].lineage, 0, 0};
        const uint64_t word =
            m.decider ? choose(m, self, ChoiceKind::random_bytes, 0) : random_for(m.state.seed, first);
        const std::size_t part = std::min(to.size(), sizeof word);
        std::memcpy(to.data(), &word, part);
        to = to.subspan(part);
    }
}

Result<uint64_t> sys_getrandom(Machine& m, TaskId self, UserPtr<uint8_t> buffer, uint64_t size,
                               uint32_t flags)
{
    enum Flag : uint32_t { nonblock = 1, random = 2, insecure = 4 };
    constexpr uint64_t most = INT32_MAX;
    if (flags & ~(nonblock | random | insecure)) return EINVAL;
    if ((flags & random) && (flags & insecure)) return EINVAL;
    size = std::min(size, most);
    uint64_t done = 0;
    while (done < size) {
        std::array<uint8_t, 256> piece{};
        const std::size_t part = std::min<uint64_t>(piece.size(), size - done);
        random_bytes(m, self, {piece.data(), part});
        const std::size_t copied = write_user(m, m[self].mm, buffer.address + done, {piece.data(), part});
        done += copied;
        if (copied < part) break;
    }
    if (done == 0 && size > 0) return EFAULT;
    return done;
}

}  // namespace norn
