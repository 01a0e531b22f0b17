#include "fuzzer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "guest.h"
#include "program.h"
#include "x86/decode.h"

namespace norn::fuzz {

namespace {

constexpr uint64_t small_cache = 96 << 10;
constexpr size_t prefix_limit = 150;  // stopping at every instruction costs the square of them
constexpr uint64_t reports_per_form = 3;
constexpr uint64_t probe_stream = 1ull << 62;  // streams of cases are below it

x86::EngineOptions engine_options(uint64_t cache, bool chain, bool hot, bool windows = true,
                                  bool straight = false)
{
    x86::EngineOptions options;
    options.straight_after = straight ? 0 : ~0u;
    if (hot) options.hot_after = 0;
    options.cache_bytes = cache;
    options.chain = chain;
    options.windows = windows;
    return options;
}

std::string hex(std::span<const uint8_t> bytes)
{
    std::string out;
    std::array<char, 4> text{};
    for (const uint8_t byte : bytes) {
        std::snprintf(text.data(), text.size(), "%02x", byte);
        out += text.data();
    }
    return out;
}

void print_state(std::FILE* to, const SingleCase& c)
{
    std::fprintf(to, "%s at %#llx, memory operand at %#llx\n", disassemble(c.instruction, c.cpu.rip).c_str(),
                 static_cast<unsigned long long>(c.cpu.rip),
                 static_cast<unsigned long long>(c.memory_address));
    for (size_t i = 0; i < c.cpu.gpr.size(); ++i) {
        std::fprintf(to, "%s %016llx%c", register_name(i), static_cast<unsigned long long>(c.cpu.gpr[i]),
                     i % 4 == 3 ? '\n' : ' ');
    }
    std::fprintf(to, "rflags %llx fs %llx gs %llx\n", static_cast<unsigned long long>(c.cpu.rflags),
                 static_cast<unsigned long long>(c.cpu.fs_base),
                 static_cast<unsigned long long>(c.cpu.gs_base));
}

/// These put the flag by which the processor is stepped where the program can see it.
bool shows_trap_flag(const Instruction& instruction)
{
    switch (instruction.info.mnemonic) {
        case ZYDIS_MNEMONIC_PUSHF:
        case ZYDIS_MNEMONIC_PUSHFQ:
        case ZYDIS_MNEMONIC_POPF:
        case ZYDIS_MNEMONIC_POPFQ:
            return true;
        default:
            return false;
    }
}

/// Which row of the allow-list it is, or none.
std::optional<size_t> row_of(const Instruction& instruction)
{
    x86::Instruction decoded;
    const auto code = instruction.code();
    if (x86::decode(code.data(), code.size(), decoded) != x86::DecodeStatus::ok) return std::nullopt;
    return static_cast<size_t>(decoded.form - x86::admitted_forms().data());
}

std::string row_name(size_t row)
{
    const x86::Form& form = x86::admitted_forms()[row];
    return std::string(form.code) + ' ' + form.name + (*form.operands == 0 ? "" : " ") + form.operands;
}

}  // namespace

Fuzzer::Fuzzer(const FuzzOptions& options)
    : options_(options),
      engine_(engine_options(16 << 20, true, false)),
      unchained_(engine_options(16 << 20, false, false)),
      cramped_(engine_options(small_cache, true, false)),
      hot_(engine_options(small_cache, true, true)),
      tabled_(engine_options(small_cache, true, true, false)),
      straight_(engine_options(16 << 20, true, false, true, true)),
      rows_(x86::admitted_forms().size())
{
    for (x86::Engine* engine : {&engine_, &unchained_, &cramped_, &hot_, &tabled_, &straight_}) {
        engine->switch_space(1);
        if (options.watcher != nullptr) engine->watch_blocks(options.watcher);
    }
    probe();
    // Only now, so that the engine's own handlers are the ones found.
    native_ = std::make_unique<Native>();
    Native::on_death([this] { std::fprintf(stderr, "died in %s\n", current_.c_str()); });
}

/// Asks the engine for each template whether its allow-list has it.
void Fuzzer::probe()
{
    for (const Template& form : Forms::all()) {
        Rng rng(1, probe_stream);
        Shape plain;
        plain.odd_prefixes = false;
        const auto instruction = Forms::instance(form, rng, plain);
        if (!instruction) continue;
        const SingleCase c = make_single(*instruction, arena_, rng);
        current_ = "probe of " + hex(c.instruction.code());
        const Outcome outcome = run_guest(engine_, arena_, c.cpu, c.fpu);
        if (outcome.unknown && outcome.faulted && outcome.vector == x86::Vector::invalid_opcode) continue;
        if (native_refuses(c.instruction)) {
            if (const auto row = row_of(c.instruction)) refused_rows_.insert(*row);
            continue;
        }
        Form& entry = form_of(c.instruction);
        if (entry.templates.empty()) admitted_.push_back(form_key(c.instruction));
        entry.templates.push_back(form);
    }
    for (const uint64_t key : admitted_) {
        for (const Template& form : forms_[key].templates) program_templates_.push_back(&form);
    }
}

Fuzzer::Form& Fuzzer::form_of(const Instruction& instruction)
{
    Form& form = forms_[form_key(instruction)];
    if (form.name.empty()) form.name = form_name(instruction);
    return form;
}

void Fuzzer::report(uint64_t index, const std::string& what, const std::string& difference)
{
    ++report_.mismatches;
    if (report_.messages.size() >= options_.max_reports) return;
    std::string line = "mismatch: --seed " + std::to_string(options_.seed) + " --case " +
                       std::to_string(index) + ": " + what + ": " + difference;
    if (options_.log != nullptr) std::fprintf(options_.log, "%s\n", line.c_str());
    report_.messages.push_back(std::move(line));
}

void Fuzzer::run_single(uint64_t index)
{
    Rng rng(options_.seed, index);
    const Form& chosen = forms_[admitted_[rng.below(admitted_.size())]];
    std::optional<Instruction> instance;
    for (unsigned tries = 0; !instance && tries < 8; ++tries) {
        instance = Forms::instance(chosen.templates[rng.below(chosen.templates.size())], rng, {});
    }
    if (!instance || native_refuses(*instance)) {
        ++report_.skipped;
        return;
    }
    const SingleCase c = make_single(*instance, arena_, rng);
    const std::string what = hex(c.instruction.code());
    current_ = "--case " + std::to_string(index) + ": " + what;

    if (options_.list && options_.log != nullptr) print_state(options_.log, c);
    const Outcome engine = run_guest(engine_for(index), arena_, c.cpu, c.fpu);
    // A jump by chance may lead to int1, after which virtual machines differ in where they say it was.
    const bool int1 = engine.faulted && engine.vector == x86::Vector::debug;
    if (engine.unknown || engine.timed_out || int1) {
        ++report_.skipped;
        return;
    }
    const Instruction native_bytes = native_form(c.instruction);
    arena_.write_native(c.cpu.rip, native_bytes.code());
    const bool stepping = rng.one_in(32) && !shows_trap_flag(c.instruction);
    const Outcome native =
        stepping ? native_->run_stepping(c.cpu, c.fpu, trace_) : native_->run(c.cpu, c.fpu);
    arena_.write_native(c.cpu.rip, arena_.guest_bytes(c.cpu.rip, c.instruction.info.length));
    apply_conventions(c.instruction, c.memory_address, native, arena_);

    Form& form = form_of(c.instruction);
    ++form.count.singles;
    if (const auto row = row_of(c.instruction)) ++rows_[*row].singles;
    ++report_.singles;
    if (native.faulted) ++report_.faults;
    std::string text = difference(engine, native, arena_, mask_of(c.instruction, c.cpu));
    if (text.empty() && stepping && engine.retired != native.retired) {
        text = "retired: engine " + std::to_string(engine.retired) + ", processor " +
               std::to_string(native.retired);
    }
    if (!text.empty()) {
        if (++form.reported <= reports_per_form)
            report(index, what + " " + disassemble(c.instruction, c.cpu.rip), text);
        else
            ++report_.mismatches;
    }
}

/// The same program, engine after engine, must end the same way however it is cut and cached.
std::string Fuzzer::compare_engines(const ProgramCase& program, const Outcome& expected, Rng& rng)
{
    struct Way {
        const char* name;
        x86::Engine& engine;
        Slices slices;
    };
    const std::array<Way, 8> ways = {{{"in slices", engine_, {1 + rng.below(20), rng.next()}},
                                      {"hot", hot_, {}},
                                      {"hot in slices", hot_, {300, rng.next()}},
                                      {"hot without windows", tabled_, {}},
                                      {"with straight checks", straight_, {}},
                                      {"unchained", unchained_, {}},
                                      {"with a small cache", cramped_, {}},
                                      {"with a small cache in slices", cramped_, {3, rng.next()}}}};
    const uint64_t digest = arena_.guest_digest();
    for (const Way& way : ways) {
        arena_.restore_guest();
        const Outcome outcome = run_guest(way.engine, arena_, program.cpu, program.fpu, way.slices);
        std::string text = difference_of_runs(outcome, expected);
        if (text.empty() && arena_.guest_digest() != digest) text = "memory";
        if (!text.empty()) return std::string(way.name) + ": (engine this way, processor: first run) " + text;
    }
    return "";
}

/// Both sides one instruction at a time, state against state.
std::string Fuzzer::compare_steps(const ProgramCase& program)
{
    arena_.restore_guest();
    engine_.recheck_code();
    Step now{program.cpu, program.fpu};
    for (size_t i = 0; i < trace_.size(); ++i) {
        const x86::Cpu before = now.cpu;
        const auto executed = decode(arena_.guest_tail(now.cpu.rip));
        const x86::Exit exit = engine_.run(now.cpu, now.fpu, arena_, 1);
        std::string text;
        if (exit.kind != x86::ExitKind::budget || exit.retired != 1) {
            text = "retired " + std::to_string(exit.retired);
        } else {
            normalize(trace_[i].fpu);
            const uint64_t undefined = executed ? mask_of(*executed, before).undefined_flags : 0;
            text = difference_of_steps(now, trace_[i], undefined);
        }
        if (!text.empty()) {
            return "step " + std::to_string(i) + " (" +
                   (executed ? disassemble(*executed, before.rip) : "?") + "): " + text;
        }
    }
    return "";
}

/// Both sides from the start, stopped after each number of instructions.
std::string Fuzzer::compare_prefixes(const ProgramCase& program, x86::Engine& engine)
{
    for (size_t i = 0; i < trace_.size(); ++i) {
        arena_.restore_guest();
        engine.recheck_code();
        Step now{program.cpu, program.fpu};
        const x86::Exit exit = engine.run(now.cpu, now.fpu, arena_, i + 1);
        const auto executed = decode(arena_.guest_tail(i == 0 ? program.cpu.rip : trace_[i - 1].cpu.rip));
        std::string text;
        if (exit.kind != x86::ExitKind::budget) {
            text = "retired " + std::to_string(exit.retired);
        } else {
            normalize(trace_[i].fpu);
            const uint64_t undefined =
                executed ? mask_of(*executed, i == 0 ? program.cpu : trace_[i - 1].cpu).undefined_flags : 0;
            text = difference_of_steps(now, trace_[i], undefined);
        }
        if (!text.empty()) {
            return "stopped after " + std::to_string(i + 1) + " (" +
                   (executed ? disassemble(*executed, 0) : "?") + "): " + text;
        }
    }
    return "";
}

/// For a program that differs: where. Memory is not compared, since the stepped processor may have
/// its trap flag there.
void Fuzzer::locate(uint64_t index, const ProgramCase& program)
{
    Rng again(options_.seed, index);
    make_program(program_templates_, arena_, again);
    native_->run_stepping(program.cpu, program.fpu, trace_);
    for (const std::string& text : {compare_steps(program), compare_prefixes(program, engine_for(index))}) {
        if (!text.empty()) report(index, "program", text);
    }
}

void Fuzzer::run_program(uint64_t index)
{
    Rng rng(options_.seed, index);
    const ProgramCase program = make_program(program_templates_, arena_, rng);
    current_ = "--case " + std::to_string(index) + " (program)";
    arena_.save_guest();
    const Outcome engine = run_guest(engine_for(index), arena_, program.cpu, program.fpu);
    if (engine.timed_out || engine.unknown) {
        ++report_.skipped;
        return;
    }
    const bool stepping = program.can_step && (rng.one_in(16) || options_.list);
    const Outcome native = stepping ? native_->run_stepping(program.cpu, program.fpu, trace_)
                                    : native_->run(program.cpu, program.fpu);
    ++report_.programs;
    report_.instructions += engine.retired;
    if (native.faulted) ++report_.faults;
    Mask mask;
    if (const auto last = decode(arena_.guest_tail(engine.cpu.rip)); engine.faulted && last)
        mask.either_operand_faults = mask_of(*last, engine.cpu).either_operand_faults;
    std::string text = difference(engine, native, arena_, mask);
    if (text.empty() && stepping && engine.retired != native.retired) {
        text = "retired: engine " + std::to_string(engine.retired) + ", processor " +
               std::to_string(native.retired);
    }
    if (text.empty() || stepping) {
        if (const std::string ways = compare_engines(program, engine, rng); text.empty()) text = ways;
    }
    if (stepping) {
        if (const std::string steps = compare_steps(program); !steps.empty()) text = steps;
        if (text.empty() && trace_.size() <= prefix_limit)
            text = compare_prefixes(program, engine_for(index));
        count_executed(program);
    }
    if (!text.empty()) {
        report(index, "program", text);
        if (options_.list) locate(index, program);
        if (options_.list && options_.log != nullptr) {
            arena_.restore_guest();
            std::fputs(list_program(program, arena_).c_str(), options_.log);
        }
    }
}

FuzzReport Fuzzer::run()
{
    for (uint64_t index = options_.first; index < options_.first + options_.cases; ++index) {
        Rng kind(options_.seed ^ 0x5eed, index);
        if (kind.percent(options_.program_percent)) {
            run_program(index);
        } else {
            run_single(index);
        }
    }
    report_coverage();
    return report_;
}

/// What a stepped program executed, as its code is at the end.
void Fuzzer::count_executed(const ProgramCase& program)
{
    uint64_t rip = program.cpu.rip;
    for (const Step& step : trace_) {
        if (const auto executed = decode(arena_.guest_tail(rip))) {
            ++form_of(*executed).count.programs;
            if (const auto row = row_of(*executed)) ++rows_[*row].programs;
        }
        rip = step.cpu.rip;
    }
}

void Fuzzer::report_coverage()
{
    const auto add = [](Count& to, const Count& from) {
        to.singles += from.singles;
        to.programs += from.programs;
    };
    for (const auto& [key, form] : forms_) add(report_.forms[form.name], form.count);
    for (const uint64_t key : admitted_)
        if (forms_[key].count.singles == 0) report_.uncovered.push_back(forms_[key].name);
    for (size_t row = 0; row < rows_.size(); ++row) {
        add(report_.rows[row_name(row)], rows_[row]);
        if (rows_[row].singles != 0) continue;
        if (refused_rows_.contains(row))
            report_.not_comparable.insert(row_name(row));
        else
            report_.uncovered.push_back(row_name(row));
    }
}

}  // namespace norn::fuzz
