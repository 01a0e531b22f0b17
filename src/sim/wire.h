// Plain bytes for files: variable-length numbers, strings, and a reader that no input can hurt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "norn/hash.h"

namespace norn {

class Writer {
  public:
    void number(uint64_t value)
    {
        while (value >= 0x80) {
            out_.push_back(static_cast<char>(value | 0x80));
            value >>= 7;
        }
        out_.push_back(static_cast<char>(value));
    }
    /// Small in either direction is short.
    void signed_number(int64_t value)
    {
        number(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
    }
    void text(std::string_view value)
    {
        number(value.size());
        out_.append(value);
    }
    void hash(const Hash& value)
    {
        for (const uint64_t word : {value.low, value.high})
            for (int shift = 0; shift < 64; shift += 8) out_.push_back(static_cast<char>(word >> shift));
    }
    [[nodiscard]] const std::string& bytes() const { return out_; }

  private:
    std::string out_;
};

/// Past the end, or at nonsense, everything reads as zero and `good` is false from then on.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    uint64_t number()
    {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (left_.empty()) break;
            const auto byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        fail();
        return 0;
    }
    int64_t signed_number()
    {
        const uint64_t raw = number();
        return static_cast<int64_t>(raw >> 1 ^ (0 - (raw & 1)));
    }
    /// A number that must be below `limit`.
    uint64_t below(uint64_t limit)
    {
        const uint64_t value = number();
        if (value < limit) return value;
        fail();
        return 0;
    }
    /// How many items follow: never more than there are bytes for.
    std::size_t count() { return static_cast<std::size_t>(below(left_.size() + 1)); }
    std::string text()
    {
        const std::size_t size = count();
        std::string value(left_.substr(0, size));
        left_.remove_prefix(size);
        return value;
    }
    Hash hash()
    {
        if (left_.size() < 16) {
            fail();
            return {};
        }
        uint64_t words[2] = {};
        for (int i = 0; i < 16; ++i)
            words[i / 8] |=
                static_cast<uint64_t>(static_cast<unsigned char>(left_[static_cast<std::size_t>(i)]))
                << 8 * (i % 8);
        left_.remove_prefix(16);
        return {words[0], words[1]};
    }
    [[nodiscard]] bool good() const { return good_; }
    /// What was not read yet.
    [[nodiscard]] std::string_view left() const { return left_; }
    /// What was read makes no sense.
    void refuse() { fail(); }
    [[nodiscard]] bool done() const { return good_ && left_.empty(); }

  private:
    void fail()
    {
        good_ = false;
        left_ = {};
    }
    std::string_view left_;
    bool good_ = true;
};

}  // namespace norn
