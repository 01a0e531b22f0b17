// Memory for engine tests: pages by address, permissions, stamps; no kernel.
#pragma once

#include <cstring>
#include <memory>
#include <unordered_map>

#include "x86/engine.h"

namespace norn::x86::test {

class FlatMemory : public Memory {
  public:
    enum : int { r = 1, w = 2, x = 4 };
    struct Frame {
        alignas(4096) uint8_t bytes[page_size] = {};
        uint64_t stamp = 0;
        uint64_t code_lines = 0;
    };
    struct Page {
        std::shared_ptr<Frame> frame;
        int permissions = 0;
    };

    void map(uint64_t va, uint64_t size, int permissions)
    {
        for (uint64_t p = va & ~page_mask; p < va + size; p += page_size)
            pages[p] = {std::make_shared<Frame>(), permissions};
    }
    /// Shows the frame at `from` at `to` as well.
    void alias(uint64_t from, uint64_t to, int permissions)
    {
        pages[to] = {pages.at(from).frame, permissions};
    }

    void poke(uint64_t va, const void* from, uint64_t size)
    {
        for (uint64_t i = 0; i < size; ++i)
            pages.at((va + i) & ~page_mask).frame->bytes[(va + i) & page_mask] =
                static_cast<const uint8_t*>(from)[i];
    }
    template <class T>
    T peek(uint64_t va) const
    {
        uint8_t bytes[sizeof(T)];
        for (uint64_t i = 0; i < sizeof(T); ++i)
            bytes[i] = pages.at((va + i) & ~page_mask).frame->bytes[(va + i) & page_mask];
        T value;
        std::memcpy(&value, bytes, sizeof value);
        return value;
    }

    ReadPage read_page(uint64_t va) override
    {
        ReadPage out;
        if (Page* page = find(va, r, out.fault)) out.host = page->frame->bytes, out.frame = key(*page);
        return out;
    }
    WritePage write_page(uint64_t va) override
    {
        WritePage out;
        if (Page* page = find(va, w, out.fault)) {
            out.host = page->frame->bytes;
            out.frame = key(*page);
            if (page->frame->stamp) out.code_lines = &page->frame->code_lines;
        }
        return out;
    }
    ExecPage exec_page(uint64_t va) override
    {
        ExecPage out;
        if (Page* page = find(va, x, out.fault)) {
            if (!page->frame->stamp) page->frame->stamp = ++last_stamp_;
            out.host = page->frame->bytes;
            out.frame = key(*page);
            out.stamp = page->frame->stamp;
            out.code_lines = &page->frame->code_lines;
        }
        return out;
    }
    void void_code(uint64_t va) override
    {
        pages.at(va).frame->stamp = 0;
        pages.at(va).frame->code_lines = 0;
        ++voided;
    }

    std::unordered_map<uint64_t, Page> pages;
    int voided = 0;

  private:
    static FrameKey key(const Page& page) { return reinterpret_cast<FrameKey>(page.frame.get()); }
    Page* find(uint64_t va, int permission, MemoryFault& fault)
    {
        auto it = pages.find(va);
        fault.code = it == pages.end() ? 1 : 2;
        if (it == pages.end() || !(it->second.permissions & permission)) return nullptr;
        return &it->second;
    }
    inline static uint64_t last_stamp_ = 0;  ///< of all memories: a stamp is never given twice
};

}  // namespace norn::x86::test
