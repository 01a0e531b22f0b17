// Builds the image: an ELF shared object of one page with a dynamic section, and for each function the
// system call of the same name.
#include "kernel/vdso.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "norn/assert.h"

namespace norn {

namespace {
struct Function {
    std::string_view name;
    uint32_t number;
};
constexpr std::array functions{
    Function{"__vdso_clock_gettime", 228}, Function{"__vdso_gettimeofday", 96}, Function{"__vdso_time", 201},
    Function{"__vdso_clock_getres", 229},  Function{"__vdso_getcpu", 309},
};
constexpr std::size_t symbols = functions.size() + 1;  // the first one is none
constexpr std::string_view soname = "linux-vdso.so.1", version = "LINUX_2.6";

// The structures of elf(5).
struct Header {
    std::array<uint8_t, 16> ident{0x7f, 'E', 'L', 'F', 2, 1, 1};
    uint16_t type = 3, machine = 62;
    uint32_t version = 1;
    uint64_t entry = 0, phoff = 64, shoff = 0;
    uint32_t flags = 0;
    uint16_t ehsize = 64, phentsize = 56, phnum = 2, shentsize = 64, shnum = 0, shstrndx = 0;
};
struct Segment {
    uint32_t type = 0, flags = 0;
    uint64_t offset = 0, vaddr = 0, paddr = 0, filesz = 0, memsz = 0, align = 0;
};
struct Symbol {
    uint32_t name = 0;
    uint8_t info = 0, other = 0;
    uint16_t section = 0;
    uint64_t value = 0, size = 0;
};
struct Dynamic {
    uint64_t tag = 0, value = 0;
};
struct Verdef {
    uint16_t version = 1, flags = 0, index = 0, count = 1;
    uint32_t hash = 0, aux = 20, next = 0;
};
struct Verdaux {
    uint32_t name = 0, next = 0;
};
static_assert(sizeof(Header) == 64 && sizeof(Segment) == 56 && sizeof(Symbol) == 24 && sizeof(Verdef) == 20);

/// The hash of the System V ABI.
uint32_t elf_hash(std::string_view name)
{
    uint32_t hash = 0;
    for (const char c : name) {
        hash = (hash << 4) + static_cast<unsigned char>(c);
        const uint32_t top = hash & 0xf000'0000;
        hash = (hash ^ top >> 24) & ~top;
    }
    return hash;
}

class Image {
  public:
    /// Where something of this type may stand next.
    template <class T>
    uint64_t place(const T& what)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        used_ = (used_ + alignof(T) - 1) & ~(alignof(T) - 1);
        return append(&what, sizeof(T));
    }
    uint64_t append(const void* from, std::size_t size)
    {
        NORN_ASSERT(used_ + size <= bytes_.size());
        std::memcpy(bytes_.data() + used_, from, size);
        used_ += size;
        return used_ - size;
    }
    template <class T>
    void replace(uint64_t at, const T& what)
    {
        std::memcpy(bytes_.data() + at, &what, sizeof(T));
    }
    void align(std::size_t to) { used_ = (used_ + to - 1) & ~(to - 1); }
    [[nodiscard]] const std::array<uint8_t, vdso_size>& bytes() const { return bytes_; }

  private:
    std::array<uint8_t, vdso_size> bytes_{};
    std::size_t used_ = 0;
};

uint64_t append_function(Image& image, uint32_t number)
{
    image.align(16);
    std::array<uint8_t, 8> code{0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0xc3};  // mov $number,%eax; syscall; ret
    std::memcpy(code.data() + 1, &number, 4);
    return image.append(code.data(), code.size());
}

uint32_t append_string(Image& image, uint64_t table, std::string_view text)
{
    const auto at = static_cast<uint32_t>(image.append(text.data(), text.size()) - table);
    image.place('\0');
    return at;
}

uint64_t append_versions(Image& image, uint32_t soname_at, uint32_t version_at)
{
    Verdef base;
    base.flags = 1;  // VER_FLG_BASE
    base.index = 1;
    base.hash = elf_hash(soname);
    base.next = sizeof(Verdef) + sizeof(Verdaux);
    image.align(8);
    const uint64_t at = image.place(base);
    image.place(Verdaux{soname_at, 0});
    Verdef named;
    named.index = 2;
    named.hash = elf_hash(version);
    image.place(named);
    image.place(Verdaux{version_at, 0});
    return at;
}

/// One bucket whose chain goes through all symbols.
uint64_t append_hash(Image& image)
{
    image.align(8);
    const uint64_t at = image.place(std::array<uint32_t, 3>{1, symbols, 1});
    for (uint32_t i = 0; i < symbols; ++i) image.place(i == 0 || i + 1 == symbols ? 0 : i + 1);
    return at;
}

Image build()
{
    Image image;
    const uint64_t header_at = image.place(Header{});
    const uint64_t load_at = image.place(Segment{});
    const uint64_t dynamic_segment_at = image.place(Segment{});

    const uint64_t strings = image.place('\0');
    std::array<uint32_t, functions.size()> names{};
    for (std::size_t i = 0; i < functions.size(); ++i)
        names[i] = append_string(image, strings, functions[i].name);
    const uint32_t soname_at = append_string(image, strings, soname);
    const uint32_t version_at = append_string(image, strings, version);
    const uint64_t strings_size = image.place('\0') - strings + 1;

    std::array<uint64_t, functions.size()> code{};
    for (std::size_t i = 0; i < functions.size(); ++i) code[i] = append_function(image, functions[i].number);

    const uint64_t symbols_at = image.place(Symbol{});
    for (std::size_t i = 0; i < functions.size(); ++i)
        image.place(Symbol{names[i], 0x12, 0, 1, code[i], 8});  // STB_GLOBAL, STT_FUNC
    const uint64_t versym_at = image.place(uint16_t{0});
    for (std::size_t i = 0; i < functions.size(); ++i) image.place(uint16_t{2});
    const uint64_t verdef_at = append_versions(image, soname_at, version_at);
    const uint64_t hash_at = append_hash(image);

    const std::array<Dynamic, 10> dynamic{{{4, hash_at},
                                           {5, strings},
                                           {6, symbols_at},
                                           {10, strings_size},
                                           {11, sizeof(Symbol)},
                                           {14, soname_at},
                                           {0x6fff'fff0, versym_at},
                                           {0x6fff'fffc, verdef_at},
                                           {0x6fff'fffd, 2},
                                           {0, 0}}};
    const uint64_t dynamic_at = image.place(dynamic);
    Header header;
    header.entry = code[0];
    image.replace(header_at, header);
    image.replace(load_at, Segment{1, 5, 0, 0, 0, vdso_size, vdso_size, vdso_size});
    image.replace(dynamic_segment_at,
                  Segment{2, 4, dynamic_at, dynamic_at, dynamic_at, sizeof dynamic, sizeof dynamic, 8});
    return image;
}
}  // namespace

std::span<const uint8_t> vdso_image()
{
    static const Image image = build();
    return image.bytes();
}

}  // namespace norn
