// The dispatcher: finds or makes the unit at rip, enters it, and deals with the way it left.
#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "x86/emit.h"
#include "x86/engine_impl.h"
#include "x86/translate.h"

namespace norn::x86 {

namespace {

/// The budget is handed out in chunks; the unit that meets the end of one is a sample of what runs.
constexpr int64_t sample_period = 50'021;
/// A normal unit's entry turns back when fewer are left.
constexpr int64_t entry_reserve = 64;

constexpr uint64_t virtual_flags = flag::tf | flag::nt | flag::ac | flag::id;

/// One by one: the caller has just written some of them, and wider loads would have to wait for that.
void copy_registers(uint64_t* to, const uint64_t* from)
{
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
        to[i] = from[i];
        asm volatile("" : "+m"(to[i]));
    }
}

}  // namespace

uint64_t Engine::Impl::rflags() const
{
    const uint64_t f = context->flags;
    return (f >> 8 & (flag::arithmetic & ~flag::of)) | (f & 1 ? flag::of : 0) |
           (context->direction ? flag::df : 0) | other_flags | flag::fixed1 | flag::if_;
}

void Engine::Impl::set_rflags(uint64_t value)
{
    context->flags = (value & (flag::arithmetic & ~flag::of)) << 8 | (value & flag::of ? 1 : 0);
    context->direction = value & flag::df ? 1 : 0;
    other_flags = value & virtual_flags;
}

void Engine::Impl::load(const Cpu& cpu, Fpu& image)
{
    copy_registers(context->gpr, cpu.gpr.data());
    context->rip = cpu.rip;
    if (context->fs_base != cpu.fs_base) space->shut_fs_windows();
    context->fs_base = cpu.fs_base;
    context->gs_base = cpu.gs_base;
    set_rflags(cpu.rflags);
    fpu = &image;
    context->fpu = reinterpret_cast<uint64_t>(image.fxsave.data());
    context->x87_absent = 1;
    context->x87_load = 0;
}

void Engine::Impl::store(Cpu& cpu) const
{
    copy_registers(cpu.gpr.data(), context->gpr);
    cpu.rip = context->rip;
    cpu.rflags = rflags();
}

void Engine::Impl::refill()
{
    if (until_sample <= 0) until_sample = sample_period;
    const uint64_t chunk = std::min(beyond_chunk, uint64_t(until_sample));
    beyond_chunk -= chunk;
    until_sample -= int64_t(chunk);
    charge(-int64_t(chunk));
}

void Engine::Impl::run(const Cpu& cpu, Fpu& image, Memory& lender, uint64_t budget)
{
    assert(budget > 0);
    memory = &lender;
    load(cpu, image);
    enter_thread(context, &cache);
    pending = {};
    beyond_chunk = budget;
    context->budget = budget_low;
    budget_given += budget;
    while (!loop()) {
    }
    const uint64_t left = beyond_chunk + uint64_t(left_in_chunk());
    pending.retired = budget - left;
    budget_given -= left;
    until_sample += left_in_chunk();
    x87_out();
    memory = nullptr;
}

/// Runs one unit and whatever is linked to it. True: `pending` is the result of `run`.
bool Engine::Impl::loop()
{
    while (left_in_chunk() < entry_reserve && beyond_chunk) refill();
    if (left_in_chunk() == 0) {
        pending.kind = ExitKind::budget;
        return true;
    }
    stepping = other_flags & flag::tf;
    const int64_t before = left_in_chunk();
    const uint8_t* target = pick(context->rip);
    if (!target) return true;
    for (;;) {
        norn_x86_enter(context, target);
        ++stats.exits;
        const Next next = handle(cache.site(uint32_t(context->site)));
        if (next == Next::exit) return true;
        if (next == Next::dispatch) break;
        target = resume_at;
    }
    if (stepping && left_in_chunk() != before) {
        fault(Vector::debug);
        return true;
    }
    return false;
}

/// Where to enter for rip; nullptr: `pending` says what is wrong with it.
const uint8_t* Engine::Impl::pick(uint64_t rip)
{
    const int64_t left = left_in_chunk();
    const bool plain = std::exchange(only_plain, false);
    if (left >= entry_reserve && !stepping && !plain)
        if (const uint8_t* known = space->jump_target(rip)) return known;
    uint32_t number = CodeCache::none;
    if (!stepping) {
        number = find_block(rip, BlockKind::normal);
        if (number == CodeCache::none) return nullptr;
        const Block& block = cache.block(number);
        if (left >= entry_reserve && !plain) {
            const uint8_t* entry = cache.exec(cache.entry_of(number));
            space->fill_jump(rip, entry);
            return entry;
        }
        if (block.instructions <= left) return cache.exec(block.body);
    }
    number = find_block(rip, BlockKind::single);
    return number == CodeCache::none ? nullptr : cache.exec(cache.block(number).entry);
}

void Engine::Impl::make_room()
{
    if (cache.room_for(Translator::max_unit_bytes)) return;
    cache.drop_all();
    shunned.clear();
    shared_misses.clear();
    shut_windows = 0;
    flush_all_jumps();
    for (auto& s : spaces) s->clear_windows();
    ++stats.flushes;
}

/// The code page at `va`; on failure a fault at `address` is pending.
bool Engine::Impl::look_up_code(uint64_t va, uint64_t address, ExecPage& out)
{
    if (const ExecPage* known = space->exec_page(va)) {
        out = *known;
        return true;
    }
    if (va >= user_end) {
        const bool canonical = is_canonical(va);
        pending.noncanonical = !canonical;
        return canonical ? page_fault(address, 4 | 16 | (va >> 63 ? 1 : 0), 1)
                         : fault(Vector::general_protection);
    }
    ++stats.exec_lookups;
    const ExecPage page = memory->exec_page(va);
    if (!page.host) return page_fault(address, 4 | 16 | (page.fault.code == 2 ? 1 : 0), page.fault.code);
    for (auto& s : spaces) s->drop_write_frame(page.frame);
    space->add_exec_page(va, page);
    out = page;
    return true;
}

uint32_t Engine::Impl::translate(const TranslateRequest& request, const ExecPage& page,
                                 const ExecPage* second)
{
    make_room();
    if (request.kind == BlockKind::hot) cache.align(Translator::bytes_before_entry);
    const uint32_t first_site = cache.next_site();
    Translator translator(cache, *scratch, request);
    const uint32_t number = translator.run();
    if (number == CodeCache::none) return number;
    const Block& block = cache.block(number);
    if (page.code_lines) *page.code_lines |= translator.lines();
    if (second && second->code_lines) *second->code_lines |= 1;
    ++stats.blocks;
    stats.guest_instructions += block.instructions;
    stats.guest_bytes += block.guest_size;
    stats.host_bytes += block.size;
    shut_new_windows();
    if (watcher) show(block, request.code.data(), first_site);
    return number;
}

void Engine::Impl::show(const Block& block, const uint8_t* guest, uint32_t first_site)
{
    // A hot unit is as it was when C++ comes back into it, or C++ does not come back.
    const bool hot = block.kind == BlockKind::hot;
    std::vector<uint32_t> resumes;
    std::vector<WindowView> windows;
    std::vector<uint32_t> links;
    for (uint32_t i = first_site; i < cache.next_site(); ++i) {
        const Site& site = cache.site(i);
        if (site.window) {
            const WindowUse& use = cache.window(site.window);
            windows.push_back({site.window, use.fixed ? use.place.size() : site.size, site.write, use.fixed});
        }
        if (site.link) links.push_back(site.link);
        if ((site.kind == SiteKind::memory && !hot) || site.kind == SiteKind::helper)
            resumes.push_back(site.host - block.start);
    }
    BlockView view;
    view.guest_rip = block.rip;
    view.stamp = block.stamp;
    view.guest = guest;
    view.guest_size = block.guest_size;
    view.instructions = block.instructions;
    view.host = cache.exec(block.start);
    view.host_size = block.size;
    view.constants_offset = block.size;
    view.leave = cache.leave();
    view.entry = block.entry - block.start;
    view.body = block.body - block.start;
    view.resumes = resumes;
    view.windows = windows;
    view.links = links;
    view.first_site = first_site;
    view.end_site = cache.next_site();
    view.bounced = block.kind == BlockKind::bounced;
    watcher->translated(view);
}

uint32_t Engine::Impl::find_block(uint64_t rip, BlockKind kind)
{
    ExecPage page;
    if (!look_up_code(rip & ~page_mask, rip, page)) return CodeCache::none;
    const uint32_t known = cache.find(page.stamp, rip, kind);
    if (known != CodeCache::none) return known;
    const uint64_t offset = rip & page_mask;
    TranslateRequest request{
        page.stamp,   0, rip, {page.host + offset, page_size - offset}, false, kind, options.max_block,
        options.chain};
    request.straight = has_adcx && kind == BlockKind::normal && cache.next_block() >= options.straight_after;
    const uint32_t made = translate(request, page, nullptr);
    if (made == CodeCache::none) return find_crossing(rip, kind, page);
    const uint64_t flushes = stats.flushes;
    if (options.hot_after == 0 && kind == BlockKind::normal) promote(made);
    return flushes == stats.flushes ? made : find_block(rip, kind);
}

/// The instruction at rip goes on in the next page.
uint32_t Engine::Impl::find_crossing(uint64_t rip, BlockKind kind, const ExecPage& page)
{
    const uint64_t next_va = (rip & ~page_mask) + page_size;
    ExecPage second;
    if (!look_up_code(next_va, next_va, second)) return CodeCache::none;
    const uint32_t known = cache.find(page.stamp, rip, kind, second.stamp);
    if (known != CodeCache::none) return known;
    uint8_t bytes[32];
    const size_t first = next_va - rip;
    std::memcpy(bytes, page.host + (rip & page_mask), first);
    std::memcpy(bytes + first, second.host, sizeof bytes - first);
    const TranslateRequest request{page.stamp, second.stamp, rip, {bytes, sizeof bytes},
                                   true,       kind,         1,   options.chain};
    return translate(request, page, &second);
}

uint64_t Engine::Impl::next_rip_of(const Block& block, uint32_t insn)
{
    return rip_of(block, insn) + cache.positions()[block.positions + insn].length;
}

uint64_t Engine::Impl::rip_of(const Block& block, uint32_t insn)
{
    return (block.rip & ~page_mask) + cache.positions()[block.positions + insn].guest;
}

void Engine::Impl::rewind(const Block& block, uint32_t insn)
{
    context->rip = rip_of(block, insn);
    charge(-int64_t(block.instructions - insn));
}

Engine::Impl::Next Engine::Impl::handle(Site site)
{
    const Block& block = cache.block(site.block);
    switch (site.kind) {
        case SiteKind::host_fault:
            return handle_host_fault();
        case SiteKind::budget:
            context->rip = block.rip;
            if (beyond_chunk) sample(site.block);
            return Next::dispatch;
        case SiteKind::load_x87:
            context->x87_absent = 0;
            context->x87_load = 1;
            resume_at = cache.exec(block.body);
            return Next::resume;
        case SiteKind::link:
            return handle_link(site);
        case SiteKind::page_link:
            return handle_page_link(site);
        case SiteKind::jump:
        case SiteKind::next:
            return handle_jump(site);
        case SiteKind::memory:
            return handle_memory(site);
        case SiteKind::helper:
        case SiteKind::helper_end:
            return handle_helper(site);
        case SiteKind::syscall: {
            const uint64_t rip = rip_of(block, site.insn);
            pending.before = {rip, context->gpr[rcx], context->gpr[r11]};
            context->rip = rip + cache.positions()[block.positions + site.insn].length;
            context->gpr[rcx] = context->rip;
            context->gpr[r11] = rflags();
            pending.kind = ExitKind::syscall;
            return Next::exit;
        }
        case SiteKind::rdtsc:
            context->rip = next_rip_of(block, site.insn);
            pending.kind = ExitKind::rdtsc;
            return Next::exit;
        case SiteKind::exception:
            return handle_exception(site);
    }
    std::abort();
}

Engine::Impl::Next Engine::Impl::handle_link(const Site& site)
{
    const uint64_t flushes = stats.flushes;
    context->rip = context->ea;
    const uint32_t number = find_block(context->rip, BlockKind::normal);
    if (number == CodeCache::none) return Next::exit;
    const Block& target = cache.block(number);
    if (flushes == stats.flushes && !target.second_stamp && target.stamp == cache.block(site.block).stamp) {
        const uint32_t entry = cache.entry_of(number);
        cache.lead(site.host, entry);
        if (watcher) watcher->linked(cache.exec(site.host), cache.exec(entry));
    }
    return Next::dispatch;
}

Engine::Impl::Next Engine::Impl::handle_page_link(const Site& site)
{
    const uint64_t rip = context->ea, flushes = stats.flushes;
    context->rip = rip;
    const uint8_t* entry = space->link_target(rip);
    if (!entry) {
        // Where the budget ends here, what is wrong with the next instruction is not asked.
        if (left_in_chunk() == 0) return Next::dispatch;
        const uint32_t number = find_block(rip, BlockKind::normal);
        if (number == CodeCache::none) return Next::exit;
        if (flushes != stats.flushes) return Next::dispatch;
        entry = cache.exec(cache.entry_of(number));
    }
    space->fill_link(site.link, rip, entry);
    resume_at = entry;
    return Next::resume;
}

/// A jump to an address that no code can have is the jumping instruction's fault.
Engine::Impl::Next Engine::Impl::handle_jump(const Site& site)
{
    const uint64_t target = context->ea;
    if (is_canonical(target)) {
        context->rip = target;
        return Next::dispatch;
    }
    const Block& block = cache.block(site.block);
    const uint32_t insn = site.insn < block.instructions ? site.insn : block.instructions - 1u;
    rewind(block, insn);
    Instruction jump;
    if (!decode_at(context->rip, jump)) return Next::exit;
    if (jump.form->op == Op::ret) context->gpr[rsp] -= 8 + (jump.imm & 0xffff);
    pending.noncanonical = true;
    fault(Vector::general_protection);
    return Next::exit;
}

Engine::Impl::Next Engine::Impl::handle_helper(const Site& site)
{
    const Block block = cache.block(site.block);
    const Instruction insn = cache.special(site.special);
    rewind(block, site.insn);
    charge(1);
    code_changed = false;
    const uint64_t rip = context->rip;
    const uint64_t x87_absent = context->x87_absent, changes = space->changes();
    if (!carry_out(insn, rip)) {
        // What did not happen is not retired; `carry_out` of a string counts its own iterations.
        if (insn.form->op != Op::string) charge(-1);
        return Next::exit;
    }
    const bool whole =
        block.kind == BlockKind::normal || (block.kind == BlockKind::hot && changes == space->changes());
    if (site.kind == SiteKind::helper_end || code_changed || !whole) return Next::dispatch;
    charge(block.instructions - site.insn - 1);
    // The rest of the block counts on what its head has checked.
    if (!x87_absent && context->x87_absent) {
        context->x87_absent = 0;
        context->x87_load = 1;
    }
    resume_at = cache.exec(site.host);
    return Next::resume;
}

Engine::Impl::Next Engine::Impl::handle_exception(const Site& site)
{
    const Block& block = cache.block(site.block);
    const Instruction& insn = cache.special(site.special);
    rewind(block, site.insn);
    const uint64_t after = context->rip + insn.length;
    const auto trap = [&](Vector vector) {
        context->rip = after;
        charge(1);
        fault(vector);
    };
    if (!insn.form || insn.form->op == Op::undefined) {
        fault(Vector::invalid_opcode);
        pending.unknown_instruction = site.aligned;
    } else if (insn.form->op == Op::breakpoint ||
               (insn.form->op == Op::interrupt && (insn.imm & 0xff) == 3)) {
        trap(Vector::breakpoint);
    } else if (insn.form->op == Op::debug_trap) {
        trap(Vector::debug);
    } else if (insn.form->op == Op::interrupt && (insn.imm & 0xff) == 4) {
        trap(Vector::overflow);
    } else if (insn.form->op == Op::interrupt) {
        fault(Vector::general_protection, uint32_t(insn.imm & 0xff) * 8 + 2);
    } else {
        fault(Vector::general_protection);
    }
    return Next::exit;
}

/// The processor itself refused an instruction: a division, a misaligned vector, an unmasked
/// floating-point exception. Anything else is an error of the translator.
Engine::Impl::Next Engine::Impl::handle_host_fault()
{
    const uint32_t offset = cache.offset_of(context->fault_rip);
    const Block* block = cache.at(offset);
    Vector vector = Vector::divide;
    switch (context->fault_trap) {
        case 0:
            vector = Vector::divide;
            break;
        case 13:
            vector = Vector::general_protection;
            break;
        case 12:
        case 14:
            if (!block || block->kind != BlockKind::hot) block = nullptr;
            break;
        case 16:
            vector = Vector::x87;
            break;
        case 19:
            vector = Vector::simd;
            break;
        default:
            block = nullptr;
    }
    if (!block) {
        std::fprintf(stderr, "norn: emitted code at %#x trapped (%d, address %#llx)\n", offset,
                     int(context->fault_trap), static_cast<unsigned long long>(context->fault_address));
        std::abort();
    }
    uint32_t insn = 0;
    while (insn + 1 < block->instructions &&
           cache.positions()[block->positions + insn + 1].host <= offset - block->start)
        ++insn;
    // An address that no memory can have may have passed an empty window, or one that is 2^63 away.
    if (block->kind == BlockKind::hot && context->fault_trap >= 12 && context->fault_trap <= 14)
        return fall_back(*block, insn);
    rewind(*block, insn);
    fault(vector);
    return Next::exit;
}

}  // namespace norn::x86
