// What a TLB miss leads to: a fill, a fault, or the instruction done out of line because it crosses a
// page or stores to a page that holds translated code.
#include <cstring>

#include "x86/engine_impl.h"
#include "x86/translate.h"

namespace norn::x86 {

namespace {

constexpr uint32_t error_present = 1, error_write = 2, error_user = 4;
constexpr uint32_t segv_maperr = 1, segv_accerr = 2;

}  // namespace

bool Engine::Impl::fault(Vector vector, uint32_t error)
{
    pending.kind = ExitKind::fault;
    pending.vector = vector;
    pending.error = error;
    return false;
}

/// The address itself is looked at before its alignment.
bool Engine::Impl::aligned_to_16(uint64_t ea, bool stack)
{
    if (!is_canonical(ea)) return bad_address(ea, 16, false, stack);
    return (ea & 15) == 0 || fault(Vector::general_protection);
}

bool Engine::Impl::page_fault(uint64_t address, uint32_t error, uint32_t code)
{
    fault(Vector::page_fault, error);
    pending.address = address;
    pending.code = code;
    return false;
}

/// No memory can be at [ea, ea + size) (or at the part of it from `user_end` on).
bool Engine::Impl::bad_address(uint64_t ea, uint32_t size, bool write, bool stack)
{
    const uint64_t last = ea + size - 1;
    if (!is_canonical(ea) || !is_canonical(last)) {
        pending.noncanonical = true;
        return fault(stack ? Vector::stack : Vector::general_protection);
    }
    const uint64_t address = ea < user_end && last >= user_end ? user_end : ea;
    const uint32_t error = error_user | (write ? error_write : 0) | (address >> 63 ? error_present : 0);
    return page_fault(address, error, segv_maperr);
}

bool Engine::Impl::touch_page(uint64_t va, uint64_t address, uint32_t size, bool write, Touched& out,
                              int part)
{
    const uint64_t offset = address - va;
    const uint32_t base_error = error_user | (write ? error_write : 0);
    const auto refused = [&](const MemoryFault& f) {
        return page_fault(address, base_error | (f.code == segv_accerr ? error_present : 0), f.code);
    };
    out.va[part] = va;
    out.size[part] = size;
    out.offset[part] = uint32_t(offset);
    // What the table has need not be asked for; it has no page for writing that holds code.
    if (const uint8_t* known = space->host_of(address, write)) {
        out.host[part] = const_cast<uint8_t*>(known);
        return true;
    }
    ++stats.tlb_misses;
    if (!write) {
        const ReadPage page = memory->read_page(va);
        if (!page.host) return refused(page.fault);
        space->fill_read(va, page.host);
        out.host[part] = const_cast<uint8_t*>(page.host) + offset;
        return true;
    }
    const WritePage page = memory->write_page(va);
    if (!page.host) return refused(page.fault);
    out.host[part] = page.host + offset;
    out.frame[part] = page.frame;
    // A write may have given the page another frame: what was known of the old one is stale.
    space->fill_read(va, page.host);
    if (const ExecPage* code = space->exec_page(va);
        code && (code->frame != page.frame || !page.code_lines)) {
        space->drop_exec_page(va);
        space->flush_jumps();
        code_changed = true;
        out.cached = false;
    }
    if (!page.code_lines) {
        space->fill_write(va, page.host, page.frame);
        return true;
    }
    out.cached = false;
    out.hits_code[part] = holds_code(va, address, size, page.code_lines);
    return true;
}

/// Finds the host memory for an access, all of it, before anything is changed.
bool Engine::Impl::touch(uint64_t ea, uint32_t size, bool write, bool stack, Touched& out)
{
    const uint64_t last = ea + size - 1;
    if (ea >= user_end || last >= user_end || last < ea) {
        const bool starts_inside = ea < user_end;
        if (!starts_inside || !is_canonical(last)) return bad_address(ea, size, write, stack);
        // The first page is looked at first.
        Touched ignored;
        const uint64_t va = ea & ~page_mask;
        return touch_page(va, ea, uint32_t(user_end - ea), write, ignored, 0) &&
               bad_address(ea, size, write, stack);
    }
    const uint64_t va = ea & ~page_mask;
    if ((last & ~page_mask) == va) {
        out.cached = true;
        return touch_page(va, ea, size, write, out, 0);
    }
    out.cached = false;
    const uint32_t first = uint32_t(va + page_size - ea);
    return touch_page(va, ea, first, write, out, 0) &&
           touch_page(va + page_size, va + page_size, size - first, write, out, 1);
}

bool Engine::Impl::holds_code(uint64_t va, uint64_t address, uint32_t size, const uint64_t* code_lines)
{
    if (!size || !code_lines) return false;
    const uint64_t first = address - va, last = first + size - 1;
    for (uint64_t line = first / 64; line <= last / 64; ++line)
        if (*code_lines >> line & 1) return true;
    return false;
}

/// After a store: translated code that it changed is void everywhere.
void Engine::Impl::stored(const Touched& touched)
{
    for (int part = 0; part < 2; ++part) {
        const bool hit = touched.hits_code[part];
        const uint64_t va = touched.va[part], address = va + touched.offset[part];
        if (!touched.size[part] || (!hit && space->host_of(va, true))) continue;
        // The page may have become a code page since it was touched: the storing instruction's own.
        const ExecPage* now = space->exec_page(va);
        if (!hit && !(now && holds_code(va, address, touched.size[part], now->code_lines))) continue;
        const FrameKey frame = hit ? touched.frame[part] : now->frame;
        memory->void_code(va);
        for (auto& s : spaces)
            if (s->drop_exec_frame(frame)) s->flush_jumps();
        code_changed = true;
        ++stats.voided;
    }
}

bool Engine::Impl::decode_at(uint64_t rip, Instruction& insn)
{
    ExecPage page;
    if (!look_up_code(rip & ~page_mask, rip, page)) return false;
    const uint64_t offset = rip & page_mask;
    if (decode(page.host + offset, page_size - offset, insn) == DecodeStatus::ok) return true;
    ExecPage second;
    const uint64_t next_va = (rip & ~page_mask) + page_size;
    if (!look_up_code(next_va, next_va, second)) return false;
    uint8_t bytes[32];
    std::memcpy(bytes, page.host + offset, page_size - offset);
    std::memcpy(bytes + (page_size - offset), second.host, sizeof bytes - (page_size - offset));
    return decode(bytes, sizeof bytes, insn) == DecodeStatus::ok || fault(Vector::invalid_opcode);
}

/// An unmasked x87 exception that is pending comes before the operand's address is looked at.
bool Engine::Impl::x87_refuses(const Instruction& insn) const
{
    if (!insn.form->uses_x87 || context->x87_absent) return false;
    const bool waits = insn.form->name[0] != 'f' || insn.form->name[1] != 'n';
    uint16_t status = 0;
    asm volatile("fnstsw %0" : "=m"(status));
    return waits && (status & 0x80);
}

Engine::Impl::Next Engine::Impl::handle_memory(const Site& site)
{
    if (site.window || site.shared) return handle_window(site);
    const uint64_t ea = context->ea;
    const Block block = cache.block(site.block);
    const uint64_t changes = space->changes();
    code_changed = false;
    // Alignment is looked at before the address.
    const bool misaligned = site.aligned && (ea & (site.size - 1));
    Touched touched;
    bool ok = false;
    if (misaligned)
        ok = fault(Vector::general_protection);
    else
        ok = touch(ea, site.size, site.write, site.stack, touched);
    if (ok && touched.cached) {
        if (block.kind == BlockKind::hot && changes != space->changes()) return fall_back(block, site.insn);
        resume_at = cache.exec(site.host);
        return Next::resume;
    }
    rewind(block, site.insn);
    const Exit refused = pending;
    Instruction insn;
    if (!decode_at(context->rip, insn)) return Next::exit;
    if (!ok) {
        pending = refused;
        if (x87_refuses(insn)) fault(Vector::x87);
        return Next::exit;
    }
    if (is_structured(insn.form->op)) {
        charge(1);
        if (carry_out(insn, context->rip)) return Next::dispatch;
        if (insn.form->op != Op::string) charge(-1);  // that has taken it back
        return Next::exit;
    }
    return bounce(insn, site, touched);
}

/// Does one instruction with its memory operand wherever C++ has put it.
Engine::Impl::Next Engine::Impl::bounce(const Instruction& insn, const Site& site, const Touched& touched)
{
    const bool crosses = touched.size[1] != 0;
    const uint64_t offset = context->ea & page_mask;
    uint8_t* operand = touched.host[0];
    if (crosses) {
        operand = bounce_buffer + offset;
        std::memcpy(operand, touched.host[0], touched.size[0]);
        std::memcpy(operand + touched.size[0], touched.host[1], touched.size[1]);
    }
    const uint64_t next = context->rip + insn.length;
    const uint32_t number = find_block(context->rip, BlockKind::bounced);
    if (number == CodeCache::none) return Next::exit;
    context->bounce = reinterpret_cast<uint64_t>(operand);
    const uint8_t* target = cache.exec(cache.block(number).entry);
    for (;;) {
        norn_x86_enter(context, target);
        const Site way_out = cache.site(uint32_t(context->site));
        if (way_out.kind == SiteKind::next) break;
        // Only the wish for x87 state comes back here.
        if (handle(way_out) != Next::resume) return Next::exit;
        target = resume_at;
    }
    context->rip = next;
    if (crosses && site.write) {
        std::memcpy(touched.host[0], operand, touched.size[0]);
        std::memcpy(touched.host[1], operand + touched.size[0], touched.size[1]);
    }
    stored(touched);
    return Next::dispatch;
}

}  // namespace norn::x86
