// Frames come from 2 MiB-aligned regions, made present in batches (a host page fault costs microseconds
// where the host is itself virtual), and are recycled last-in-first-out: each thread keeps a stack of
// its own and trades batches with the depot that all share.
#include "host/arena.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace norn {

namespace {

constexpr std::size_t frame_bytes = 4096;
constexpr std::size_t region_bytes = 2u << 20;
constexpr std::size_t batch = 64;

[[noreturn]] void out_of_host_memory()
{
    std::fprintf(stderr, "norn: the host has no memory left for the machine\n");
    std::_Exit(125);
}

uint8_t* map_region()
{
    void* raw = mmap(nullptr, 2 * region_bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (raw == MAP_FAILED) out_of_host_memory();
    const auto start = reinterpret_cast<uintptr_t>(raw);
    const uintptr_t aligned = (start + region_bytes - 1) & ~(region_bytes - 1);
    if (aligned != start) munmap(raw, aligned - start);
    munmap(reinterpret_cast<void*>(aligned + region_bytes), start + region_bytes - aligned);
    return reinterpret_cast<uint8_t*>(aligned);
}

/// What all threads share.
class Depot {
  public:
    void take(std::vector<uint8_t*>& to)
    {
        const std::lock_guard lock(mutex_);
        if (free_.size() < batch) carve();
        to.insert(to.end(), free_.end() - batch, free_.end());
        free_.resize(free_.size() - batch);
    }
    void give(std::vector<uint8_t*>& from, std::size_t count)
    {
        const std::lock_guard lock(mutex_);
        free_.insert(free_.end(), from.end() - static_cast<std::ptrdiff_t>(count), from.end());
        from.resize(from.size() - count);
    }

  private:
    void carve()
    {
        if (next_ == end_) {
            next_ = map_region();
            end_ = next_ + region_bytes;
        }
        // Older host kernels do not have this advice; the pages then come one by one.
        (void)madvise(next_, batch * frame_bytes, MADV_POPULATE_WRITE);
        for (std::size_t i = 0; i < batch; ++i) free_.push_back(next_ + (batch - 1 - i) * frame_bytes);
        next_ += batch * frame_bytes;
    }

    std::mutex mutex_;
    std::vector<uint8_t*> free_;
    uint8_t* next_ = nullptr;
    uint8_t* end_ = nullptr;
};

// The depot outlives every thread, so it is never destroyed.
Depot& depot()
{
    static auto* const shared = new Depot();
    return *shared;
}

struct ThreadStack {
    std::vector<uint8_t*> free;
    ThreadStack() { free.reserve(9 * batch); }
    ~ThreadStack() { depot().give(free, free.size()); }
};

ThreadStack& thread_stack()
{
    thread_local ThreadStack stack;
    return stack;
}

}  // namespace

uint8_t* take_frame_bytes()
{
    std::vector<uint8_t*>& free = thread_stack().free;
    if (free.empty()) depot().take(free);
    uint8_t* const bytes = free.back();
    free.pop_back();
    return bytes;
}

void give_frame_bytes(uint8_t* bytes)
{
    std::vector<uint8_t*>& free = thread_stack().free;
    free.push_back(bytes);
    if (free.size() > 8 * batch) depot().give(free, 4 * batch);
}

}  // namespace norn
