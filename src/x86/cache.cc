#include "x86/cache.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "x86/context.h"
#include "x86/engine.h"

namespace norn::x86 {

namespace {

constexpr uint32_t head_bytes = 64;

[[noreturn]] void out_of_host_memory()
{
    std::perror("norn: the host gives no memory for translated code (see ulimit -v and -f)");
    std::_Exit(125);
}

constexpr uint64_t huge_page = 2u << 20;

/// Maps the file at a 2 MiB boundary and asks for huge pages: guest code is many small units, and
/// instruction fetch from 4 KiB pages would spend its time on page walks.
uint8_t* map_aligned(int fd, uint64_t bytes, int protection)
{
    void* room =
        mmap(nullptr, bytes + huge_page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) out_of_host_memory();
    const auto address = reinterpret_cast<uintptr_t>(room);
    const uint64_t before = (huge_page - address % huge_page) % huge_page;
    auto* at = static_cast<uint8_t*>(room) + before;
    if (before) munmap(room, before);
    munmap(at + bytes, huge_page - before);
    if (mmap(at, bytes, protection, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) out_of_host_memory();
    madvise(at, bytes, MADV_HUGEPAGE);
    return at;
}

}  // namespace

CodeCache::CodeCache(uint64_t bytes) : bytes_(std::clamp<uint64_t>(bytes & ~page_mask, 1u << 20, 1u << 30))
{
    const int fd = memfd_create("norn-code", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, off_t(bytes_)) != 0) out_of_host_memory();
    writable_ = map_aligned(fd, bytes_, PROT_READ | PROT_WRITE);
    exec_ = map_aligned(fd, bytes_, PROT_READ | PROT_EXEC);
    close(fd);
    write_head();
    drop_all();
}

CodeCache::~CodeCache()
{
    munmap(writable_, bytes_);
    munmap(const_cast<uint8_t*>(exec_), bytes_);
}

/// jmp [rip + 2] ; ud2 ; address
void CodeCache::write_head()
{
    const uint8_t jump[] = {0xff, 0x25, 2, 0, 0, 0, 0x0f, 0x0b};
    const uint64_t target = reinterpret_cast<uint64_t>(&norn_x86_leave);
    std::memcpy(writable_, jump, sizeof jump);
    std::memcpy(writable_ + sizeof jump, &target, sizeof target);
}

void CodeCache::drop_all()
{
    used_ = head_bytes;
    entries_ = 0;
    slots_.assign(1u << 14, {});
    blocks_.assign(1, {});
    sites_.assign(1, {});
    specials_.clear();
    positions_.clear();
    windows_.assign(1, {});
    fixed_windows_.clear();
    fixed_by_place_.clear();
    link_numbers_.clear();
    hot_.clear();
}

uint64_t CodeCache::hash(uint64_t stamp, uint64_t rip, BlockKind kind)
{
    uint64_t h = (stamp * 0x9e3779b97f4a7c15 ^ rip) + uint64_t(kind);
    h *= 0xd6e8feb86659fd93;
    return h ^ h >> 32;
}

uint32_t CodeCache::find(uint64_t stamp, uint64_t rip, BlockKind kind, uint64_t second_stamp) const
{
    const uint64_t mask = slots_.size() - 1;
    for (uint64_t i = hash(stamp, rip, kind) & mask;; i = (i + 1) & mask) {
        const Slot& slot = slots_[i];
        if (!slot.block) return none;
        if (slot.rip == rip && slot.stamp == stamp && slot.kind == kind &&
            blocks_[slot.block].second_stamp == second_stamp)
            return slot.block;
    }
}

void CodeCache::place(const Slot& slot)
{
    const uint64_t mask = slots_.size() - 1;
    uint64_t i = hash(slot.stamp, slot.rip, slot.kind) & mask;
    while (slots_[i].block) i = (i + 1) & mask;
    slots_[i] = slot;
}

void CodeCache::grow()
{
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
        if (slot.block) place(slot);
}

uint32_t CodeCache::add_block(const Block& block)
{
    const uint32_t number = next_block();
    blocks_.push_back(block);
    if (++entries_ > slots_.size() / 2) grow();
    place({block.stamp, block.rip, number, block.kind});
    return number;
}

const Block* CodeCache::at(uint32_t offset) const
{
    auto after = std::upper_bound(blocks_.begin() + 1, blocks_.end(), offset,
                                  [](uint32_t at, const Block& b) { return at < b.start; });
    if (after == blocks_.begin() + 1) return nullptr;
    const Block& block = *std::prev(after);
    return offset < block.start + block.size ? &block : nullptr;
}

uint32_t CodeCache::add_site(const Site& site)
{
    sites_.push_back(site);
    return uint32_t(sites_.size() - 1);
}

uint32_t CodeCache::add_window()
{
    if (windows_.size() == window_count) return 0;
    windows_.emplace_back();
    return uint32_t(windows_.size() - 1);
}

uint32_t CodeCache::fixed_window(const FixedPlace& place)
{
    // Places are multiples of 64.
    const uint64_t key = place.at | uint64_t(place.after_fs) << 1 | uint64_t(place.write);
    uint32_t& number = fixed_by_place_[key];
    if (!number && (number = add_window())) {
        windows_[number].fixed = true;
        windows_[number].place = place;
        fixed_windows_.push_back(number);
    }
    return number;
}

uint32_t CodeCache::link_number(uint64_t rip)
{
    if (link_numbers_.size() + 1 == link_count) return known_link_number(rip);
    return link_numbers_.try_emplace(rip, uint32_t(link_numbers_.size() + 1)).first->second;
}

uint32_t CodeCache::known_link_number(uint64_t rip) const
{
    const auto known = link_numbers_.find(rip);
    return known == link_numbers_.end() ? 0 : known->second;
}

void CodeCache::lead(uint32_t rel, uint32_t target)
{
    const auto distance = int32_t(int64_t(target) - int64_t(rel + 4));
    std::memcpy(writable(rel), &distance, 4);
}

const std::vector<CodeCache::Link>& CodeCache::replace(uint32_t old, uint32_t made)
{
    constexpr uint8_t jmp = 0xe9;
    Block& plain = blocks_[old];
    const uint32_t entry = blocks_[made].entry;
    relinked_.clear();
    const auto relink = [&](uint32_t from) {
        lead(from, entry);
        relinked_.push_back({from, entry});
    };
    for (const uint32_t number : {old, plain.better}) {
        if (!number) continue;
        *writable(blocks_[number].entry) = jmp;
        relink(blocks_[number].entry + 1);
    }
    plain.better = made;
    hot_.push_back(made);
    for (const uint32_t number : hot_) {
        const Block& from = blocks_[number];
        if (from.stamp != plain.stamp || (from.rip ^ plain.rip) & ~page_mask) continue;
        for (uint32_t i = from.first_site; i < from.end_site; ++i) {
            const Site& site = sites_[i];
            if (site.kind == SiteKind::link && site.host && site.target == (plain.rip & page_mask))
                relink(site.host);
        }
    }
    return relinked_;
}

uint32_t CodeCache::add_special(const Instruction& insn)
{
    specials_.push_back(insn);
    return uint32_t(specials_.size() - 1);
}

}  // namespace norn::x86
