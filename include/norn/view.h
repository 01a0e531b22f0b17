// The files below a machine's overlay, as a recording: every answer that the host's tree gave, so that
// the same answers can be given again when the files have changed or are gone.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "norn/hash.h"
#include "norn/host.h"

namespace norn {

/// One answer to one question. `error` none: the value counts.
struct PageAnswer {
    Errno error = Errno::none;
    uint32_t size = 0;
    Hash content;  ///< of the `size` bytes
};
struct ViewAnswers {
    struct Stat {
        Errno error = Errno::none;
        HostStat stat;
    };
    struct Link {
        Errno error = Errno::none;
        std::string target;
    };
    struct List {
        Errno error = Errno::none;
        std::vector<std::string> names;
    };
    using PageKey = std::pair<std::string, uint64_t>;
    std::map<std::string, Stat, std::less<>> stats;
    std::map<std::string, Link, std::less<>> links;
    std::map<std::string, List, std::less<>> lists;
    std::map<PageKey, PageAnswer> pages;
};

using PageContents = std::map<Hash, std::string>;  ///< by their hash; at most 4096 bytes each

/// Asks another view and remembers, or (without one) answers from memory alone.
class RecordedView final : public RootView {
  public:
    explicit RecordedView(std::shared_ptr<RootView> inner) : inner_(std::move(inner)) {}
    RecordedView(ViewAnswers answers, PageContents contents)
        : answers_(std::move(answers)), contents_(std::move(contents))
    {
    }

    Result<HostStat> stat(std::string_view path) override;
    Result<std::string> read_link(std::string_view path) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<std::size_t> read_page(std::string_view path, uint64_t page, std::span<uint8_t, 4096> to) override;

    [[nodiscard]] ViewAnswers answers() const;
    /// Contents of the pages that `wanted` accepts.
    template <class F>
    [[nodiscard]] PageContents contents(F&& wanted) const
    {
        const std::lock_guard guard(lock_);
        PageContents chosen;
        for (const auto& [key, bytes] : contents_)
            if (wanted(key)) chosen.emplace(key, bytes);
        return chosen;
    }
    /// The first question that memory alone could not answer; empty if there was none.
    [[nodiscard]] std::string missing() const;

  private:
    Errno unanswered(std::string_view question, std::string_view path);

    mutable std::mutex lock_;
    std::shared_ptr<RootView> inner_;
    ViewAnswers answers_;
    PageContents contents_;
    std::string missing_;
};

}  // namespace norn
