#include "arena.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "rng.h"

namespace norn::fuzz {

namespace {

constexpr uint64_t pattern_bytes = 128 * 1024;
constexpr uint8_t int3 = 0xcc;
constexpr uint32_t segv_maperr = 1, segv_accerr = 2;

uint8_t* native(uint64_t va)
{
    return reinterpret_cast<uint8_t*>(va);
}

void map_region(const Region& region)
{
    const int protection = PROT_READ | PROT_WRITE | (region.executable ? PROT_EXEC : 0);
    void* wanted = native(region.start);
    void* got = mmap(wanted, region.size(), protection,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0);
    if (got != wanted) {
        std::perror("fuzz: the arena's addresses are taken");
        std::exit(2);
    }
}

/// Numbers that programs and processors find interesting, as 8-byte words.
uint64_t interesting_word(Rng& rng)
{
    static constexpr uint64_t special[] = {0,
                                           1,
                                           ~0ull,
                                           0x7fff'ffff,
                                           0x8000'0000,
                                           0x7fff'ffff'ffff'ffff,
                                           0x8000'0000'0000'0000,
                                           0x3ff0'0000'0000'0000,
                                           0x3f80'0000'3f80'0000,
                                           0x7ff0'0000'0000'0000,
                                           0x7fc0'0000'7f80'0000,
                                           0x0000'0001'0000'0001,
                                           0x6162'6300'6162'6364,
                                           0x7fff'8000'00ff'0080};
    return rng.one_in(4) ? special[rng.below(std::size(special))] : rng.next() >> rng.below(64);
}

}  // namespace

constexpr uint64_t Arena::total_pages()
{
    uint64_t pages = 0;
    for (const Region& region : regions) pages += region.pages;
    return pages;
}

Arena::Arena()
    : storage_(new uint8_t[(total_pages() + 1) * x86::page_size]),
      saved_(new uint8_t[total_pages() * x86::page_size]),
      pattern_(new uint8_t[pattern_bytes])
{
    const auto raw = reinterpret_cast<uintptr_t>(storage_.get());
    guest_ = storage_.get() + (-raw & x86::page_mask);
    Rng rng(1, 0);
    for (uint64_t i = 0; i < pattern_bytes; i += 8) {
        const uint64_t word = interesting_word(rng);
        std::memcpy(pattern_.get() + i, &word, 8);
    }
    for (const Region& region : regions) {
        map_region(region);
        std::memcpy(guest(region.start), pattern_.get(), region.size());
        std::memcpy(native(region.start), pattern_.get(), region.size());
        if (!region.writable) mprotect(native(region.start), region.size(), PROT_READ);
    }
}

Arena::~Arena()
{
    for (const Region& region : regions) munmap(native(region.start), region.size());
}

const Region* Arena::region_of(uint64_t va)
{
    for (const Region& region : regions) {
        if (va >= region.start && va < region.end()) return &region;
    }
    return nullptr;
}

uint8_t* Arena::guest(uint64_t va) const
{
    uint64_t offset = 0;
    for (const Region& region : regions) {
        if (va >= region.start && va < region.end()) return guest_ + offset + (va - region.start);
        offset += region.size();
    }
    return nullptr;
}

void Arena::reset(uint64_t salt)
{
    for (const Region& region : regions) {
        if (region.executable) {
            std::memset(guest(region.start), int3, region.size());
            std::memset(native(region.start), int3, region.size());
        } else if (region.writable) {
            const uint64_t from = (salt * 64 + region.start / 64) % (pattern_bytes - region.size());
            std::memcpy(guest(region.start), pattern_.get() + from, region.size());
            std::memcpy(native(region.start), pattern_.get() + from, region.size());
        }
    }
    restamp();
}

void Arena::restamp()
{
    for (Code& code : code_) code = {next_stamp_++, 0};
}

void Arena::write(uint64_t va, std::span<const uint8_t> bytes)
{
    std::memcpy(guest(va), bytes.data(), bytes.size());
    std::memcpy(native(va), bytes.data(), bytes.size());
}

std::span<const uint8_t> Arena::guest_tail(uint64_t va) const
{
    const Region* region = region_of(va);
    return region == nullptr ? std::span<const uint8_t>() : guest_bytes(va, region->end() - va);
}

uint64_t Arena::guest_digest() const
{
    uint64_t digest = 0;
    for (uint64_t i = 0; i < total_pages() * x86::page_size; i += sizeof digest) {
        uint64_t word;
        std::memcpy(&word, guest_ + i, sizeof word);
        digest = (digest ^ word) * 0x9e37'79b9'7f4a'7c15;
        digest ^= digest >> 32;
    }
    return digest;
}

void Arena::write_native(uint64_t va, std::span<const uint8_t> bytes)
{
    std::memcpy(native(va), bytes.data(), bytes.size());
}

void Arena::save_guest()
{
    std::memcpy(saved_.get(), guest_, total_pages() * x86::page_size);
}

void Arena::restore_guest()
{
    std::memcpy(guest_, saved_.get(), total_pages() * x86::page_size);
    restamp();
}

uint64_t Arena::first_difference() const
{
    for (const Region& region : regions) {
        const uint8_t* mine = guest(region.start);
        const uint8_t* theirs = native(region.start);
        if (!region.writable || std::memcmp(mine, theirs, region.size()) == 0) continue;
        uint64_t i = 0;
        while (mine[i] == theirs[i]) ++i;
        return region.start + i;
    }
    return 0;
}

bool Arena::mapped(uint64_t va, uint64_t size)
{
    const Region* region = region_of(va);
    return region != nullptr && size <= region->end() - va;
}

bool Arena::writable(uint64_t va, uint64_t size)
{
    return mapped(va, size) && region_of(va)->writable;
}

void Arena::make_equal(uint64_t va, uint64_t size)
{
    for (uint64_t i = 0; i < size; ++i) *native(va + i) = *guest(va + i);
}

uint8_t Arena::native_byte(uint64_t va)
{
    return *native(va);
}

void Arena::clear_native(uint64_t va, uint64_t size)
{
    std::memset(native(va), 0, size);
}

x86::ReadPage Arena::read_page(uint64_t va)
{
    if (region_of(va) == nullptr) return {nullptr, 0, {segv_maperr}};
    return {guest(va), va / x86::page_size, {}};
}

x86::WritePage Arena::write_page(uint64_t va)
{
    const Region* region = region_of(va);
    if (region == nullptr || !region->writable) {
        return {nullptr, 0, nullptr, {region == nullptr ? segv_maperr : segv_accerr}};
    }
    const uint64_t* lines = nullptr;
    if (region->executable) {
        const Code& code = code_[(va - region->start) / x86::page_size];
        if (code.lines != 0) lines = &code.lines;
    }
    return {guest(va), va / x86::page_size, lines, {}};
}

x86::ExecPage Arena::exec_page(uint64_t va)
{
    const Region* region = region_of(va);
    if (region == nullptr || !region->executable) {
        return {nullptr, 0, 0, nullptr, {region == nullptr ? segv_maperr : segv_accerr}};
    }
    Code& code = code_[(va - region->start) / x86::page_size];
    return {guest(va), va / x86::page_size, code.stamp, &code.lines, {}};
}

void Arena::void_code(uint64_t va)
{
    code_[(va - regions[code_region].start) / x86::page_size] = {next_stamp_++, 0};
}

}  // namespace norn::fuzz
