#include "x86/engine.h"

#include <cpuid.h>
#include <algorithm>

#include <cstdlib>

#include "x86/engine_impl.h"
#include "x86/translate.h"
#include "x86/verify.h"

namespace norn::x86 {

namespace {

constexpr size_t max_spaces = 32;

std::unique_ptr<BlockWatcher> make_auditor()
{
#ifdef NORN_VERIFY
    return std::make_unique<Verifier>(Verifier::OnViolation::abort);
#else
    return nullptr;
#endif
}

}  // namespace

Fpu initial_fpu()
{
    Fpu fpu;
    fpu.fxsave[0] = 0x7f;  // FCW 0x037f
    fpu.fxsave[1] = 0x03;
    fpu.fxsave[24] = 0x80;  // MXCSR 0x1f80
    fpu.fxsave[25] = 0x1f;
    fpu.fxsave[28] = 0xff;  // MXCSR_MASK 0xffff
    fpu.fxsave[29] = 0xff;
    return fpu;
}

bool host_supported(const char** missing)
{
    const auto need = [&](bool there, const char* name) {
        if (!there && missing) *missing = name;
        return there;
    };
    return need(__builtin_cpu_supports("sse4.2"), "sse4.2") &&
           need(__builtin_cpu_supports("popcnt"), "popcnt") && need(__builtin_cpu_supports("avx2"), "avx2") &&
           need(__builtin_cpu_supports("bmi"), "bmi1") && need(__builtin_cpu_supports("bmi2"), "bmi2") &&
           need(__builtin_cpu_supports("fma"), "fma");
}

/// adcx adds to a flag and leaves the others alone; not every processor with AVX2 has it.
static bool host_has_adcx()
{
    constexpr uint32_t adx = 1u << 19;
    uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & adx) != 0;
}

Engine::Impl::Impl(const EngineOptions& o)
    : options(o),
      has_adcx(host_has_adcx()),
      cache(o.cache_bytes),
      scratch(new TranslateScratch),
      auditor(make_auditor()),
      watcher(auditor.get()),
      bounce_memory(new uint8_t[3 * page_size])
{
    const auto address = reinterpret_cast<uintptr_t>(bounce_memory.get());
    bounce_buffer = bounce_memory.get() + (page_size - address % page_size) % page_size;
    space = &claim_space(0);
    context = &space->context();
}

Engine::Impl::~Impl() = default;

Space* Engine::Impl::find_space(uint64_t id)
{
    for (auto& s : spaces)
        if (s->live && s->id == id) return s.get();
    return nullptr;
}

/// A free context, a new one, or the one that was not used for longest.
Space& Engine::Impl::claim_space(uint64_t id)
{
    Space* victim = nullptr;
    for (auto& s : spaces)
        if (!s->live || !victim || (victim->live && s->last_used < victim->last_used)) victim = s.get();
    if (!victim || (victim->live && spaces.size() < max_spaces))
        victim = spaces.emplace_back(std::make_unique<Space>()).get();
    else
        victim->flush_all();
    victim->id = id;
    victim->live = true;
    victim->last_used = ++clock;
    for (const uint32_t number : cache.fixed_windows()) victim->shut_fixed_window(number);
    victim->context().x87_absent = 1;
    victim->context().host_mxcsr = __builtin_ia32_stmxcsr();
    return *victim;
}

void Engine::Impl::flush_all_jumps()
{
    for (auto& s : spaces) s->flush_jumps();
}

Engine::Engine(const EngineOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Engine::~Engine() = default;

void Engine::switch_space(uint64_t id)
{
    if (impl_->space->live && impl_->space->id == id) return;
    Space* found = impl_->find_space(id);
    if (!found) found = &impl_->claim_space(id);
    found->last_used = ++impl_->clock;
    impl_->space = found;
    impl_->context = &found->context();
}

void Engine::invalidate(uint64_t id, uint64_t start, uint64_t end)
{
    if (Space* s = impl_->find_space(id)) s->invalidate(start, end);
}

void Engine::copy_space(uint64_t id, uint64_t copy)
{
    Space* const parent = impl_->find_space(id);
    if (!parent) return;
    parent->flush_writes();
    parent->last_used = ++impl_->clock;
    impl_->claim_space(copy).inherit(*parent);
}

void Engine::revoke_all_writes()
{
    for (auto& s : impl_->spaces) s->flush_writes();
}

void Engine::recheck_code()
{
    for (auto& s : impl_->spaces) {
        s->drop_all_exec_pages();
        s->flush_jumps();
    }
}

void Engine::invalidate_all()
{
    for (auto& s : impl_->spaces) s->flush_all();
}

void Engine::forget_space(uint64_t id)
{
    Space* s = impl_->find_space(id);
    if (!s) return;
    s->flush_all();
    s->live = false;
}

Exit Engine::run(Cpu& cpu, Fpu& fpu, Memory& memory, uint64_t budget)
{
    const Exit& exit = run_from(cpu, fpu, memory, budget);
    store(cpu);
    return exit;
}

const Exit& Engine::run_from(const Cpu& cpu, Fpu& fpu, Memory& memory, uint64_t budget)
{
    impl_->run(cpu, fpu, memory, budget);
    return impl_->pending;
}

void Engine::store(Cpu& cpu) const
{
    impl_->store(cpu);
}

EngineStats Engine::stats() const
{
    return impl_->stats;
}

void Engine::watch_blocks(BlockWatcher* watcher)
{
    impl_->watcher = watcher;
}

}  // namespace norn::x86
