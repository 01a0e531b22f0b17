#include "host/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

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

}  // namespace
}  // namespace norn
