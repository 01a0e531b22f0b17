// The differential fuzzer: makes cases, runs them on the engine and on the processor, compares.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "arena.h"
#include "compare.h"
#include "forms.h"
#include "native.h"
#include "program.h"
#include "single.h"
#include "x86/engine.h"

namespace norn::fuzz {

struct FuzzOptions {
    uint64_t seed = 1;
    uint64_t first = 0;  ///< first case
    uint64_t cases = 1'000'000;
    unsigned program_percent = 12;
    uint64_t max_reports = 100;
    bool list = false;  ///< programs that fail are listed
    x86::BlockWatcher* watcher = nullptr;
    std::FILE* log = nullptr;
};

/// How often something was compared.
struct Count {
    uint64_t singles = 0;   ///< as the instruction of a single case
    uint64_t programs = 0;  ///< as an instruction that a stepped program executed
};

struct FuzzReport {
    uint64_t singles = 0, programs = 0, faults = 0, mismatches = 0, skipped = 0, instructions = 0;
    std::map<std::string, Count> forms;    ///< as the decoder tells them apart
    std::map<std::string, Count> rows;     ///< of the engine's allow-list
    std::set<std::string> not_comparable;  ///< rows that show the host or leave the process
    std::vector<std::string> uncovered;    ///< forms and rows that nothing was compared of
    std::vector<std::string> messages;
};

class Fuzzer {
  public:
    explicit Fuzzer(const FuzzOptions& options);
    FuzzReport run();

  private:
    struct Form {
        std::vector<Template> templates;
        std::string name;
        Count count;
        uint64_t reported = 0;
    };

    void probe();
    void run_single(uint64_t index);
    void run_program(uint64_t index);
    std::string compare_engines(const ProgramCase& program, const Outcome& expected, Rng& rng);
    std::string compare_steps(const ProgramCase& program);
    std::string compare_prefixes(const ProgramCase& program, x86::Engine& engine);
    void locate(uint64_t index, const ProgramCase& program);
    Form& form_of(const Instruction& instruction);
    void count_executed(const ProgramCase& program);
    void report_coverage();
    void report(uint64_t index, const std::string& what, const std::string& difference);

    FuzzOptions options_;
    FuzzReport report_;
    Arena arena_;
    x86::Engine engine_;
    x86::Engine unchained_;
    x86::Engine cramped_;   ///< a cache so small that it is flushed again and again
    x86::Engine hot_;       ///< takes every unit for one that runs often
    x86::Engine tabled_;    ///< the same, but asks the tables only
    x86::Engine straight_;  ///< checks jump only on a miss

    x86::Engine& engine_for(uint64_t index)
    {
        x86::Engine* const engines[] = {&engine_, &hot_, &tabled_, &straight_};
        return *engines[index % std::size(engines)];
    }
    std::unique_ptr<Native> native_;
    std::vector<uint64_t> admitted_;  ///< keys of `forms_` that cases are made from
    std::unordered_map<uint64_t, Form> forms_;
    std::vector<Count> rows_;  ///< like the allow-list
    std::set<size_t> refused_rows_;
    std::vector<const Template*> program_templates_;
    std::vector<Step> trace_;
    std::string current_;  ///< the case at hand, for a crash
};

}  // namespace norn::fuzz
