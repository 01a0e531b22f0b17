// Frames and nodes come from 2 MiB-aligned regions, made present in batches (a host page fault costs
// microseconds where the host is itself virtual), and are recycled last-in-first-out: each thread keeps
// stacks of its own and trades batches with the depots that all share.
#include "host/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
#include <span>
#include <vector>

#include "norn/pool.h"

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

/// Older host kernels do not have this advice; the pages then come one by one.
void make_present(uint8_t* start, std::size_t bytes)
{
    (void)madvise(start, bytes, MADV_POPULATE_WRITE);
}

/// The frames that all threads share.
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
        make_present(next_, batch * frame_bytes);
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

// Nodes: sizes are rounded up to classes, and a free node holds the link to the next.
constexpr std::size_t node_step = 64;
constexpr std::size_t node_most = 16384;
constexpr std::size_t node_classes = node_most / node_step;

struct FreeNode {
    FreeNode* next = nullptr;
};

struct NodeList {
    FreeNode* first = nullptr;
    std::size_t count = 0;

    void push(void* bytes)
    {
        first = new (bytes) FreeNode{first};
        ++count;
    }
    void* pop()
    {
        FreeNode* const node = first;
        first = node->next;
        --count;
        return node;
    }
    /// The first `some` of them.
    NodeList split(std::size_t some)
    {
        NodeList front{first, some};
        FreeNode* last = first;
        for (std::size_t i = 1; i < some; ++i) last = last->next;
        first = last->next;
        last->next = nullptr;
        count -= some;
        return front;
    }
};

/// The nodes that no thread keeps, and the regions they are cut from.
class NodeDepot {
  public:
    NodeList take(std::size_t node_class)
    {
        const std::lock_guard lock(mutex_);
        std::vector<NodeList>& lists = free_.at(node_class);
        if (lists.empty()) return {};
        const NodeList list = lists.back();
        lists.pop_back();
        return list;
    }
    void give(std::size_t node_class, NodeList list)
    {
        const std::lock_guard lock(mutex_);
        free_.at(node_class).push_back(list);
    }
    /// Memory that nothing was cut from yet: what an ended thread left, or a region.
    std::span<uint8_t> uncut()
    {
        const std::lock_guard lock(mutex_);
        if (rests_.empty()) return {map_region(), region_bytes};
        const std::span<uint8_t> rest = rests_.back();
        rests_.pop_back();
        return rest;
    }
    void give_rest(std::span<uint8_t> rest)
    {
        const std::lock_guard lock(mutex_);
        rests_.push_back(rest);
    }

  private:
    std::mutex mutex_;
    std::array<std::vector<NodeList>, node_classes> free_;
    std::vector<std::span<uint8_t>> rests_;
};

NodeDepot& node_depot()
{
    static auto* const shared = new NodeDepot();
    return *shared;
}

/// What one thread keeps.
class NodeShelf {
  public:
    NodeShelf() = default;
    NodeShelf(const NodeShelf&) = delete;
    NodeShelf& operator=(const NodeShelf&) = delete;
    ~NodeShelf()
    {
        for (std::size_t i = 0; i < node_classes; ++i)
            if (free_[i].count) node_depot().give(i, free_[i]);
        if (uncut_.size() >= node_most) node_depot().give_rest(uncut_);
    }
    void* take(std::size_t node_class)
    {
        NodeList& list = free_[node_class];
        if (!list.count) list = node_depot().take(node_class);
        return list.count ? list.pop() : cut((node_class + 1) * node_step);
    }
    void give(std::size_t node_class, void* bytes)
    {
        NodeList& list = free_[node_class];
        list.push(bytes);
        if (list.count >= 2 * batch) node_depot().give(node_class, list.split(batch));
    }

  private:
    void* cut(std::size_t size)
    {
        if (uncut_.size() < size) {
            uncut_ = node_depot().uncut();
            present_ = reinterpret_cast<uintptr_t>(uncut_.data()) & ~(frame_bytes - 1);
        }
        uint8_t* const bytes = uncut_.data();
        uncut_ = uncut_.subspan(size);
        while (present_ < reinterpret_cast<uintptr_t>(uncut_.data())) more_present();
        return bytes;
    }
    /// Up to the next edge of a batch, of which a region's end is one.
    void more_present()
    {
        constexpr uintptr_t step = batch * frame_bytes;
        const uintptr_t end = (present_ | (step - 1)) + 1;
        make_present(reinterpret_cast<uint8_t*>(present_), end - present_);
        present_ = end;
    }

    std::array<NodeList, node_classes> free_;
    std::span<uint8_t> uncut_;
    uintptr_t present_ = 0;  ///< up to where it is
};

NodeShelf& node_shelf()
{
    thread_local NodeShelf shelf;
    return shelf;
}

// A sanitizer sees a use after free only through the C++ library's own allocator.
#ifdef __SANITIZE_ADDRESS__
constexpr bool own_nodes = false;
#else
constexpr bool own_nodes = true;
#endif

constexpr std::size_t node_class_of(std::size_t size)
{
    return (size - 1) / node_step;
}

}  // namespace

void* take_node_bytes(std::size_t size)
{
    return own_nodes && size <= node_most ? node_shelf().take(node_class_of(size)) : ::operator new(size);
}

void give_node_bytes(void* bytes, std::size_t size)
{
    if (own_nodes && size <= node_most)
        node_shelf().give(node_class_of(size), bytes);
    else
        ::operator delete(bytes);
}

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
