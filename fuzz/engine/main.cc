// fuzz_engine: runs the differential fuzzer and prints what it covered.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "fuzzer.h"
#include "x86/verify.h"

namespace {

using norn::fuzz::FuzzOptions;
using norn::fuzz::FuzzReport;

void usage(std::FILE* to)
{
    std::fputs(
        "usage: fuzz_engine [--cases N] [--seed N] [--first N] [--programs PERCENT] [--verify 0|1]\n"
        "       fuzz_engine --seed N --case N     one case again, with its listing\n"
        "Compares the engine with this host's processor. Ends with 1 if they differ, or if of many cases "
        "not\n"
        "one was of some form that the engine admits.\n",
        to);
}

bool parse(int argc, char** argv, FuzzOptions& options, bool& verify)
{
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 >= argc) return false;
        const uint64_t value = std::strtoull(argv[i + 1], nullptr, 0);
        if (name == "--cases") {
            options.cases = value;
        } else if (name == "--seed") {
            options.seed = value;
        } else if (name == "--first") {
            options.first = value;
        } else if (name == "--programs") {
            options.program_percent = static_cast<unsigned>(value);
        } else if (name == "--verify") {
            verify = value != 0;
        } else if (name == "--case") {
            options.first = value;
            options.cases = 1;
            options.list = true;
        } else {
            return false;
        }
    }
    return true;
}

void print_counts(const char* title, const std::map<std::string, norn::fuzz::Count>& counts)
{
    std::printf("%s (%zu), as single instructions + in stepped programs:\n", title, counts.size());
    int column = 0;
    for (const auto& [name, count] : counts) {
        column +=
            std::printf("%s: %llu + %llu; ", name.c_str(), static_cast<unsigned long long>(count.singles),
                        static_cast<unsigned long long>(count.programs));
        if (column < 90) continue;
        std::putchar('\n');
        column = 0;
    }
    std::putchar('\n');
}

template <typename Names>
void print_names(const char* title, const Names& names)
{
    std::printf("%s (%zu):", title, names.size());
    const char* separator = " ";
    for (const std::string& name : names) {
        std::printf("%s%s", separator, name.c_str());
        separator = "; ";
    }
    std::putchar('\n');
}

/// All that was compared and was not; false when a form was forgotten.
bool print_coverage(const FuzzReport& report)
{
    print_counts("forms, as the decoder tells them apart", report.forms);
    print_counts("rows of the allow-list", report.rows);
    print_names("rows that show the host or leave the process, and so are not compared",
                report.not_comparable);
    print_names("forms and rows that no case was made of", report.uncovered);
    std::fputs(norn::fuzz::describe_masks().c_str(), stdout);
    return report.uncovered.empty();
}

}  // namespace

int main(int argc, char** argv)
{
    FuzzOptions options;
    bool verify = false;
    options.log = stdout;
    if (!parse(argc, argv, options, verify)) {
        usage(stderr);
        return 2;
    }
    const auto start = std::chrono::steady_clock::now();
    norn::x86::Verifier verifier;
    if (verify) options.watcher = &verifier;
    norn::fuzz::Fuzzer fuzzer(options);
    const FuzzReport report = fuzzer.run();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    constexpr uint64_t enough_for_all_forms = 100'000;
    bool good = report.mismatches == 0;
    if (options.cases > 1) good &= print_coverage(report) || options.cases < enough_for_all_forms;
    std::printf(
        "seed %llu: %llu single instructions and %llu programs (%llu instructions) compared, "
        "%llu ended with an exception, %llu passed over, %.0f cases/s, %llu mismatches\n",
        static_cast<unsigned long long>(options.seed), static_cast<unsigned long long>(report.singles),
        static_cast<unsigned long long>(report.programs),
        static_cast<unsigned long long>(report.instructions), static_cast<unsigned long long>(report.faults),
        static_cast<unsigned long long>(report.skipped), static_cast<double>(options.cases) / seconds,
        static_cast<unsigned long long>(report.mismatches));
    if (verify) {
        std::printf("%llu units verified, %llu break a rule; the first: %s\n",
                    static_cast<unsigned long long>(verifier.blocks()),
                    static_cast<unsigned long long>(verifier.violations()),
                    verifier.violations() == 0 ? "none" : verifier.first_violation().c_str());
    }
    return good && verifier.violations() == 0 ? 0 : 1;
}
