#include "norn/hash.h"

#include <xxhash.h>

#include <cstring>

namespace norn {

std::string Hash::hex() const
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (int i = 0; i < 16; ++i) {
        text[static_cast<std::size_t>(15 - i)] = digits[high >> (4 * i) & 15];
        text[static_cast<std::size_t>(31 - i)] = digits[low >> (4 * i) & 15];
    }
    return text;
}

Hash hash_bytes(const void* data, std::size_t size)
{
    const XXH128_hash_t hash = XXH3_128bits(data, size);
    return {hash.low64, hash.high64};
}

void Hasher::bytes(const void* data, std::size_t size)
{
    const auto* from = static_cast<const unsigned char*>(data);
    while (size > 0) {
        if (used_ == sizeof buffer_) flush();
        const std::size_t room = sizeof buffer_ - used_;
        const std::size_t part = size < room ? size : room;
        std::memcpy(buffer_ + used_, from, part);
        used_ += part;
        from += part;
        size -= part;
    }
}

// A chain: each full buffer is digested together with what came before it.
void Hasher::flush()
{
    const Hash part = hash_bytes(buffer_, used_);
    const uint64_t link[4] = {state_.low, state_.high, part.low, part.high};
    state_ = hash_bytes(link, sizeof link);
    used_ = 0;
}

Hash Hasher::finish()
{
    flush();
    return state_;
}

}  // namespace norn
