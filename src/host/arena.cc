// Frames come from 2 MiB-aligned regions, made present in batches (a host page fault costs microseconds
// where the host is itself virtual), and are recycled last-in-first-out: each thread keeps a stack of
// its own and trades batches with the depot that all share.
#include "host/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
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

void* map_bytes(std::size_t bytes)
{
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/// Address space that is kept back, in blocks of which one is let go each time the host refuses.
class Reserve {
  public:
    void keep()
    {
        void* const raw = map_bytes(blocks * block_bytes);
        if (raw == MAP_FAILED) return;
        start_ = static_cast<uint8_t*>(raw);
        left_ = blocks;
    }
    /// False: nothing is left.
    bool spend()
    {
        const int block = left_.fetch_sub(1) - 1;
        if (block < 0) return false;
        spent_ = true;
        return munmap(start_ + static_cast<std::size_t>(block) * block_bytes, block_bytes) == 0;
    }
    [[nodiscard]] bool spent() const { return spent_.load(std::memory_order_relaxed); }

  private:
    static constexpr int blocks = 8;
    static constexpr std::size_t block_bytes = 16u << 20;
    uint8_t* start_ = nullptr;
    std::atomic<int> left_{0};
    std::atomic<bool> spent_{false};
};

Reserve& reserve()
{
    static Reserve shared;
    return shared;
}

void spend_or_end()
{
    if (!reserve().spend()) out_of_host_memory();
}

uint8_t* map_region()
{
    void* raw = map_bytes(2 * region_bytes);
    while (raw == MAP_FAILED) {
        spend_or_end();
        raw = map_bytes(2 * region_bytes);
    }
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
        if (free_.size() < batch && far_.size() >= batch)
            move_last(far_, batch, free_);
        else if (free_.size() < batch)
            carve();
        move_last(free_, batch, to);
    }
    void give(std::vector<uint8_t*>& from, std::size_t count)
    {
        const std::lock_guard lock(mutex_);
        move_last(from, count, free_);
        if (free_.size() > most_near) give_back();
    }

  private:
    static constexpr std::size_t most_near = (256u << 20) / frame_bytes;

    static void move_last(std::vector<uint8_t*>& from, std::size_t count, std::vector<uint8_t*>& to)
    {
        to.insert(to.end(), from.end() - static_cast<std::ptrdiff_t>(count), from.end());
        from.resize(from.size() - count);
    }
    /// The half that has been free for longest becomes the host's memory again, at addresses that stay ours.
    void give_back()
    {
        const auto end = free_.begin() + most_near / 2;
        std::sort(free_.begin(), end);
        for (auto run = free_.begin(); run != end;) {
            auto next = run + 1;
            while (next != end && *next == *(next - 1) + frame_bytes) ++next;
            (void)madvise(*run, static_cast<std::size_t>(next - run) * frame_bytes, MADV_DONTNEED);
            run = next;
        }
        far_.insert(far_.end(), free_.begin(), end);
        free_.erase(free_.begin(), end);
    }
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
    std::vector<uint8_t*> far_;  ///< free, and not backed by memory
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

void keep_host_memory()
{
    reserve().keep();
    std::set_new_handler(spend_or_end);
}

bool host_memory_spent()
{
    return reserve().spent();
}

void give_frame_bytes(uint8_t* bytes)
{
    std::vector<uint8_t*>& free = thread_stack().free;
    free.push_back(bytes);
    if (free.size() > 8 * batch) depot().give(free, 4 * batch);
}

}  // namespace norn
