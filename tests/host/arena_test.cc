#include "host/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "norn/pool.h"

namespace norn {
namespace {

/// Pages of this process that are in memory.
long resident_pages()
{
    long total = 0, resident = 0;
    std::FILE* statm = std::fopen("/proc/self/statm", "r");
    EXPECT_EQ(std::fscanf(statm, "%ld %ld", &total, &resident), 2);
    std::fclose(statm);
    return resident;
}

TEST(Arena, GivesTheHostBackWhatIsFreeAndMuch)
{
    constexpr std::size_t many = 100'000;
    std::vector<uint8_t*> frames(many);
    for (auto& frame : frames) std::memset(frame = take_frame_bytes(), 7, 4096);
    const long full = resident_pages();
    for (uint8_t* frame : frames) give_frame_bytes(frame);
    EXPECT_LT(resident_pages(), full - 30'000);
    // They can be had again, each once.
    for (auto& frame : frames) std::memset(frame = take_frame_bytes(), 8, 4096);
    std::sort(frames.begin(), frames.end());
    EXPECT_EQ(std::adjacent_find(frames.begin(), frames.end()), frames.end());
    for (uint8_t* frame : frames) give_frame_bytes(frame);
}

std::vector<void*> take_nodes(std::size_t many, std::size_t size)
{
    std::vector<void*> nodes(many);
    for (auto& node : nodes) std::memset(node = take_node_bytes(size), 9, size);
    return nodes;
}

TEST(Arena, NodesDoNotOverlapAndAreAligned)
{
    constexpr std::array<std::size_t, 5> sizes = {1, 64, 65, 8300, 20'000};
    for (const std::size_t size : sizes) {
        std::vector<void*> nodes = take_nodes(1000, size);
        std::sort(nodes.begin(), nodes.end());
        for (std::size_t i = 1; i < nodes.size(); ++i)
            ASSERT_GE(static_cast<uint8_t*>(nodes[i]) - static_cast<uint8_t*>(nodes[i - 1]),
                      static_cast<std::ptrdiff_t>(size));
        for (void* node : nodes) {
            ASSERT_EQ(reinterpret_cast<uintptr_t>(node) % 16, 0u) << size;
            give_node_bytes(node, size);
        }
    }
}

TEST(Arena, NodesThatOneThreadGivesBackServeTheNext)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP()
        << "nodes are the sanitizer's then, which keeps what is freed away from the next for a while";
#endif
    constexpr std::size_t many = 4000, size = 8300;
    const auto work = [] {
        for (void* node : take_nodes(many, size)) give_node_bytes(node, size);
    };
    std::thread(work).join();
    const long before = resident_pages();
    for (int i = 0; i < 20; ++i) std::thread(work).join();
    EXPECT_LT(resident_pages(), before + static_cast<long>(many * size / 4096));
}

}  // namespace
}  // namespace norn
