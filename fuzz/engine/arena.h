// The memory that guest code of the fuzzer sees. The same addresses exist twice: mapped at those
// very addresses for the processor, and as an ordinary copy that the engine translates to.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "x86/engine.h"

namespace norn::fuzz {

struct Region {
    uint64_t start;
    uint64_t pages;
    bool writable;
    bool executable;

    [[nodiscard]] constexpr uint64_t size() const { return pages * x86::page_size; }
    [[nodiscard]] constexpr uint64_t end() const { return start + size(); }
};

enum RegionId : unsigned {
    code_region,
    data_region,
    read_only_region,
    stack_region,
    island_region,
    high_region
};

/// Every region but `data_region` (followed by `read_only_region`) has unmapped pages on both sides.
inline constexpr std::array<Region, 6> regions = {{
    {0x1000'0000, 3, true, true},
    {0x1010'0000, 2, true, false},
    {0x1010'2000, 1, false, false},
    {0x1018'0000, 2, true, false},
    {0x1020'0000, 1, true, false},
    {0x7e00'1234'5000, 1, true, false},
}};

/// Guest code ends by jumping to `exit_address(k)`. There the processor finds a stub that saves its
/// state; the engine finds nothing and reports a failed fetch.
inline constexpr uint64_t exit_page = 0x1030'0000;
inline constexpr unsigned exit_count = 8;
inline constexpr uint64_t exit_stride = 32;
constexpr uint64_t exit_address(unsigned k)
{
    return exit_page + k * exit_stride;
}
constexpr bool is_exit(uint64_t rip)
{
    return rip >= exit_page && rip < exit_address(exit_count);
}

/// Both copies of the arena, with the engine's view of one of them.
class Arena final : public x86::Memory {
  public:
    Arena();
    ~Arena() override;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Gives both copies the content that belongs to `salt`; all code becomes int3.
    void reset(uint64_t salt);
    /// Writes to both copies. The range must lie within one writable region.
    void write(uint64_t va, std::span<const uint8_t> bytes);
    /// So that the engine can run a case again: its copy as it is now, and back to that.
    void write_native(uint64_t va, std::span<const uint8_t> bytes);
    void save_guest();
    void restore_guest();

    /// The first address at which the copies differ, or 0.
    [[nodiscard]] uint64_t first_difference() const;
    [[nodiscard]] std::span<const uint8_t> guest_bytes(uint64_t va, size_t size) const
    {
        return {guest(va), size};
    }
    /// All bytes from `va` to the end of its region.
    [[nodiscard]] std::span<const uint8_t> guest_tail(uint64_t va) const;
    /// A number for the content of the engine's copy.
    [[nodiscard]] uint64_t guest_digest() const;
    [[nodiscard]] uint8_t guest_byte(uint64_t va) const { return *guest(va); }
    [[nodiscard]] static bool mapped(uint64_t va, uint64_t size);
    [[nodiscard]] static bool writable(uint64_t va, uint64_t size);
    [[nodiscard]] static uint8_t native_byte(uint64_t va);
    /// Changes the processor's copy: to the engine's bytes where they are not compared, to zero.
    void make_equal(uint64_t va, uint64_t size);
    static void clear_native(uint64_t va, uint64_t size);

    x86::ReadPage read_page(uint64_t va) override;
    x86::WritePage write_page(uint64_t va) override;
    x86::ExecPage exec_page(uint64_t va) override;
    void void_code(uint64_t va) override;

  private:
    struct Code {
        uint64_t stamp = 0;
        uint64_t lines = 0;
    };
    static constexpr uint64_t total_pages();
    static const Region* region_of(uint64_t va);
    [[nodiscard]] uint8_t* guest(uint64_t va) const;
    void restamp();

    std::unique_ptr<uint8_t[]> storage_;
    std::unique_ptr<uint8_t[]> saved_;
    std::unique_ptr<uint8_t[]> pattern_;
    uint8_t* guest_ = nullptr;  ///< regions one after the other, page-aligned
    std::array<Code, regions[code_region].pages> code_;
    uint64_t next_stamp_ = 1;
};

}  // namespace norn::fuzz
