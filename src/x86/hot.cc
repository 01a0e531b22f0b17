// Hot units: found by sampling, made with windows onto memory (windows.cc), left for plain ones whenever
// something is not as it mostly is.
#include "x86/engine_impl.h"

namespace norn::x86 {

namespace {

/// Opening a window costs as much as hundreds of instructions: in each period there may be so many misses.
constexpr uint64_t miss_period = 1 << 16;
constexpr uint32_t misses_free = 4;
constexpr uint8_t most_strikes = 8;

}  // namespace

/// The unit was about to run when a chunk of the budget was used up.
void Engine::Impl::sample(uint32_t number)
{
    Block& block = cache.block(number);
    if (block.kind != BlockKind::normal || block.better || !options.chain) return;
    if (++block.samples == options.hot_after) promote(number);
}

/// Makes (again) a hot unit in place of a normal one.
bool Engine::Impl::promote(uint32_t number)
{
    const Block old = cache.block(number);
    const uint64_t offset = old.rip & page_mask;
    const ExecPage* page = space->exec_page(old.rip - offset);
    if (!page || page->stamp != old.stamp || old.second_stamp || !options.chain) return false;
    const uint64_t flushes = stats.flushes;
    TranslateRequest request{old.stamp, 0, old.rip, {page->host + offset, page_size - offset}};
    request.kind = BlockKind::hot;
    request.max_instructions = options.max_block;
    request.shunned = &shunned;
    request.windows = options.windows;
    const uint32_t made = translate(request, *page, nullptr);
    if (made == CodeCache::none || flushes != stats.flushes) return false;
    for (const CodeCache::Link& link : cache.replace(number, made))
        if (watcher) watcher->linked(cache.exec(link.from), cache.exec(link.to));
    space->move_entry(old.rip, cache.known_link_number(old.rip), cache.exec(cache.block(made).entry));
    ++stats.hot_blocks;
    return true;
}

/// Goes on at an instruction of a hot unit in a unit that asks the tables.
Engine::Impl::Next Engine::Impl::fall_back(const Block& block, uint32_t insn)
{
    rewind(block, insn);
    only_plain = true;
    return Next::dispatch;
}

/// A place after the base of fs may lie in two pages, if that is nothing that the C library has made.
bool Engine::Impl::in_one_page(const Site& site)
{
    const WindowUse& use = cache.window(site.window);
    if (!use.fixed || !use.place.after_fs) return true;
    const uint64_t first = use.place.at + context->fs_base;
    return (first & page_mask) + use.place.size() <= page_size;
}

/// Opens the window onto what the access wants (or fills the table), if that lies in one page and is there.
Engine::Impl::Next Engine::Impl::handle_window(const Site& site)
{
    const uint64_t ea = context->ea;
    const Block block = cache.block(site.block);
    const Exit before = pending;
    const uint64_t changes = space->changes();
    ++stats.window_misses;
    const bool fits = ea < user_end && (ea & page_mask) + site.size <= page_size && in_one_page(site);
    const uint8_t* host = fits ? space->host_of(ea, site.write) : nullptr;
    Touched touched;
    if (fits && !host && touch(ea, site.size, site.write, false, touched) && touched.cached)
        host = touched.host[0];
    pending = before;
    const bool given_up =
        site.window ? gives_up(site, fits) : !fits && shares_no_more(rip_of(block, site.insn), ea);
    if (host && !given_up && changes == space->changes()) {
        if (site.window) open_window(site, ea, host);
        resume_at = cache.exec(site.host);
        return Next::resume;
    }
    const Next next = fall_back(block, site.insn);
    const uint32_t plain = cache.find(block.stamp, block.rip, BlockKind::normal);
    if (given_up && plain != CodeCache::none) promote(plain);
    return next;
}

/// `host`: where the host has `ea`.
void Engine::Impl::open_window(const Site& site, uint64_t ea, const uint8_t* host)
{
    const WindowUse& use = cache.window(site.window);
    if (!use.fixed) return space->fill_window(site.window, ea, site.size, host, site.write);
    const uint64_t first = use.place.at + (use.place.after_fs ? context->fs_base : 0);
    space->fill_fixed_window(site.window, first, host - (ea - first), use.place);
}

/// In spaces that were there before them, fixed windows are shut from the start.
void Engine::Impl::shut_new_windows()
{
    const auto& fixed = cache.fixed_windows();
    for (; shut_windows < fixed.size(); ++shut_windows)
        for (auto& s : spaces) s->shut_fixed_window(fixed[shut_windows]);
}

/// Whether the window misses so often that its unit is to be made again: without it, or, if what it is to
/// show often lies in two pages, without the sharing of one check.
bool Engine::Impl::gives_up(const Site& site, bool fits)
{
    WindowUse& use = cache.window(site.window);
    const uint64_t period = retired() / miss_period;
    if (period != window_period) window_period = period, misses_in_period = 0;
    if (++misses_in_period <= misses_free) return false;
    use.strikes = period - use.last_miss < 4 ? uint8_t(use.strikes + 1) : uint8_t{1};
    use.last_miss = period;
    if (use.strikes < most_strikes) return false;
    use.strikes = 0;
    shunned[rip_of(cache.block(site.block), site.insn)] |= use.shared && !fits ? shun_sharing : shun_window;
    return true;
}

/// The same for a check that asks the table for several accesses: they often lie in two pages. Who walks
/// through memory comes to such a place once in each page.
bool Engine::Impl::shares_no_more(uint64_t rip, uint64_t ea)
{
    constexpr uint32_t most_misses = 64;
    constexpr uint64_t often = 1024, often_in_place = 1 << 16;
    SharedMisses& misses = shared_misses[rip];
    const uint64_t page = ea & ~page_mask, since = retired() - misses.at;
    misses.strikes = since < (page == misses.page ? often_in_place : often) ? misses.strikes + 1 : 1;
    misses.at = retired();
    misses.page = page;
    if (misses.strikes < most_misses) return false;
    misses = {};
    shunned[rip] |= shun_sharing;
    return true;
}

}  // namespace norn::x86
