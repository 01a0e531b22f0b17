// The code pages that an address space is known to have, by address. A process that forks often needs a few
// of them for a short time: nothing here is allocated or freed page by page.
#pragma once

#include <cstdint>
#include <vector>

#include "x86/engine.h"

namespace norn::x86 {

struct CodePage {
    uint64_t va = 0;
    ExecPage page;
    uint64_t learned = 0;  ///< when (Space)
};

class CodePages {
  public:
    CodePages() : heads_(buckets) {}

    /// Good until the next change.
    [[nodiscard]] const CodePage* find(uint64_t va) const
    {
        for (uint32_t i = heads_[bucket_of(va)]; i != 0; i = entries_[i - 1].next)
            if (entries_[i - 1].known.va == va) return &entries_[i - 1].known;
        return nullptr;
    }
    /// Instead of what was known of the same page.
    void add(const CodePage& page)
    {
        erase(page.va);
        uint32_t& head = heads_[bucket_of(page.va)];
        entries_.push_back({page, head});
        head = static_cast<uint32_t>(entries_.size());
    }
    /// True if it was known.
    bool erase(uint64_t va)
    {
        for (uint32_t i = heads_[bucket_of(va)]; i != 0; i = entries_[i - 1].next)
            if (entries_[i - 1].known.va == va) return erase_entry(i), true;
        return false;
    }
    /// Those that `goes` (of a CodePage) says; true if there was one.
    template <class F>
    bool erase_if(F goes)
    {
        const size_t before = entries_.size();
        for (auto i = static_cast<uint32_t>(before); i > 0; --i)
            if (goes(entries_[i - 1].known)) erase_entry(i);
        return entries_.size() != before;
    }
    void clear()
    {
        for (const Entry& entry : entries_) heads_[bucket_of(entry.known.va)] = 0;
        entries_.clear();
    }

  private:
    struct Entry {
        CodePage known;
        uint32_t next = 0;  ///< in its bucket, counted from 1
    };
    static constexpr uint32_t buckets = 4096;
    static uint32_t bucket_of(uint64_t va) { return uint32_t(va * 0x9e3779b97f4a7c15 >> 52); }

    uint32_t& link_to(uint32_t number)
    {
        uint32_t* link = &heads_[bucket_of(entries_[number - 1].known.va)];
        while (*link != number) link = &entries_[*link - 1].next;
        return *link;
    }
    /// The last entry takes its place.
    void erase_entry(uint32_t number)
    {
        link_to(number) = entries_[number - 1].next;
        const auto last = static_cast<uint32_t>(entries_.size());
        if (number != last) {
            link_to(last) = number;
            entries_[number - 1] = entries_[last - 1];
        }
        entries_.pop_back();
    }

    std::vector<uint32_t> heads_;
    std::vector<Entry> entries_;
};

}  // namespace norn::x86
