// Strings in the machine: chains of pieces of 56 bytes. Each piece tells how much is left from it on.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "fs/file.h"

namespace norn {

namespace {
constexpr std::size_t piece_bytes = sizeof(Text::bytes);

std::size_t bytes_here(const Text& piece)
{
    return std::min<std::size_t>(piece.size, piece_bytes);
}
}  // namespace

TextId new_text(Machine& m, std::string_view text)
{
    constexpr uint64_t dearer_than_copying = 8;
    m.call_bytes += text.size() * dearer_than_copying;
    TextId rest;
    const std::size_t pieces = std::max<std::size_t>(1, (text.size() + piece_bytes - 1) / piece_bytes);
    for (std::size_t i = pieces; i-- > 0;) {
        const std::string_view from_here = text.substr(i * piece_bytes);
        const TextId id = m.allocate<Text>();
        Text& piece = m.edit(id);
        piece.next = rest;
        piece.size = static_cast<uint32_t>(from_here.size());
        std::memcpy(piece.bytes.data(), from_here.data(), bytes_here(piece));
        rest = id;
    }
    return rest;
}

std::string text_of(const Machine& m, TextId text)
{
    std::string whole;
    if (text) whole.reserve(m[text].size);
    for (; text; text = m[text].next) whole.append(m[text].bytes.data(), bytes_here(m[text]));
    return whole;
}

int compare_text(const Machine& m, TextId text, std::string_view other)
{
    for (; text; text = m[text].next) {
        const Text& piece = m[text];
        const std::size_t here = bytes_here(piece);
        const std::size_t both = std::min(here, other.size());
        if (const int order = std::memcmp(piece.bytes.data(), other.data(), both)) return order;
        if (here > both) return 1;
        other.remove_prefix(both);
    }
    return other.empty() ? 0 : -1;
}

bool text_is(const Machine& m, TextId text, std::string_view other)
{
    if (text && m[text].size != other.size()) return false;
    return compare_text(m, text, other) == 0;
}

void free_text(Machine& m, TextId text)
{
    while (text) {
        const TextId next = m[text].next;
        m.free(text);
        text = next;
    }
}

std::string text_part(const Machine& m, TextId text, uint64_t start, uint64_t size)
{
    std::string part;
    for (; text && part.size() < size; text = m[text].next) {
        const Text& piece = m[text];
        const std::size_t here = bytes_here(piece);
        if (start < here) part.append(piece.bytes.data() + start, std::min(here - start, size - part.size()));
        start -= std::min<uint64_t>(start, here);
    }
    return part;
}

GeneratedText skip_text(Machine& m, GeneratedText rest, uint64_t at)
{
    while (m[rest.text].next && at - rest.start >= piece_bytes) {
        const TextId next = m[rest.text].next;
        m.free(rest.text);
        rest = {next, rest.start + piece_bytes};
    }
    return rest;
}

}  // namespace norn
