// The files of kept runs: a head that is read alone, a compressed body, a checksum over each.
#pragma once

#include <string>
#include <vector>

#include "norn/runs.h"

namespace norn {

/// Head and body of any of Norn's files. `kind` is eight letters.
struct Container {
    std::string head, body;
};
[[nodiscard]] std::string pack_container(std::string_view kind, const Container& parts);
/// `path` is for the error alone.
[[nodiscard]] Expected<Container> unpack_container(std::string_view kind, std::string_view bytes,
                                                   const std::string& path);
/// The head of a file of which at least `head_prefix` bytes have been read.
[[nodiscard]] Expected<std::string> unpack_head(std::string_view kind, std::string_view start,
                                                const std::string& path);

inline constexpr std::string_view run_kind = "NORN RUN", pack_kind = "NORNPACK";

/// Head of a run's file.
struct RunHead {
    RunInfo info;
    uint32_t revision = 0;
    std::string processor;
    std::vector<std::string> packs;  ///< names of the packs that hold what it read
};
[[nodiscard]] std::string encode_head(RunHead head);
[[nodiscard]] Expected<RunHead> decode_head(std::string_view bytes, const std::string& path);

/// Body of a run's file.
struct RunBody {
    RunSpec spec;
    Recording recording;
    ViewAnswers answers;
};
[[nodiscard]] std::string encode_body(RunBody body);
[[nodiscard]] Expected<RunBody> decode_body(std::string_view bytes, const std::string& path);

/// A pack: head, the hashes; body, the contents in the same order.
[[nodiscard]] Container encode_pack(const PageContents& pages);
[[nodiscard]] Expected<std::vector<Hash>> decode_pack_head(std::string_view head, const std::string& path);
[[nodiscard]] Expected<> decode_pack(const Container& pack, const std::string& path, PageContents& into);

}  // namespace norn
