// The hash of a machine: XXH3, 128 bits, the same on every host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace norn {

struct Hash {
    uint64_t low = 0, high = 0;
    friend bool operator==(const Hash&, const Hash&) = default;
    friend auto operator<=>(const Hash&, const Hash&) = default;
    [[nodiscard]] std::string hex() const;
};

/// Hash of a run of bytes.
[[nodiscard]] Hash hash_bytes(const void* data, std::size_t size);

/// Hash of a sequence. Cheap to make; collects small pieces before it digests them.
class Hasher {
  public:
    void bytes(const void* data, std::size_t size);
    template <class T>
    void add(const T& value)
    {
        static_assert(std::has_unique_object_representations_v<T>);
        bytes(&value, sizeof(T));
    }
    [[nodiscard]] Hash finish();

  private:
    void flush();
    Hash state_;
    std::size_t used_ = 0;
    unsigned char buffer_[4096];  // NOLINT(modernize-avoid-c-arrays): filled before it is read
};

}  // namespace norn
