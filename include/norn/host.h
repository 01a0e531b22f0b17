// The only way out of a machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "norn/result.h"

namespace norn {

/// What stat(2) says of a file of the outside.
struct HostStat {
    uint64_t dev = 0, ino = 0, rdev = 0, size = 0, blocks = 0;
    uint32_t mode = 0, nlink = 0, uid = 0, gid = 0;
    int64_t atime_ns = 0, mtime_ns = 0, ctime_ns = 0;
};

/// The read-only files below a machine's overlay: the host's `/` or a folder. The first answer to a
/// question is the answer for good, for all copies of a machine that share the view, so a run sees one
/// unchanging tree and a recording of the answers replays it. Safe to call from several threads.
class RootView {
  public:
    virtual ~RootView() = default;
    /// lstat(2) of an absolute, normalised path ("/usr/bin/env"); no link in it is followed, the
    /// caller walks. ENOENT, EACCES, ENOTDIR.
    virtual Result<HostStat> stat(std::string_view path) = 0;
    virtual Result<std::string> read_link(std::string_view path) = 0;
    /// Names in the directory but "." and "..", sorted by bytes.
    virtual Result<std::vector<std::string>> list(std::string_view path) = 0;
    /// Up to 4096 bytes of page `page` of a regular file into `to`; the rest stays as it is. Returns
    /// how many. EACCES, EIO.
    virtual Result<std::size_t> read_page(std::string_view path, uint64_t page,
                                          std::span<uint8_t, 4096> to) = 0;
};

enum class StreamKind : uint8_t { null, pipe, file, terminal, closed };

/// What a standard stream of the outside is, for a new machine.
struct StreamSetup {
    StreamKind kind = StreamKind::null;
    uint8_t same_as = 255;  ///< a lower stream that is the same file; 255: none
    /// As fcntl(F_GETFL) gives them; of these the access mode, O_APPEND and O_LARGEFILE count.
    uint32_t open_flags = as_numbered;
    static constexpr uint32_t as_numbered = ~0u;  ///< 0 for reading, the others for writing
    uint16_t rows = 24, columns = 80;             ///< terminal
    uint64_t offset = 0, size = 0;                ///< file
};

/// The standard streams and signals of the outside.
class Host {
  public:
    virtual ~Host() = default;
    /// Output of the guest; never blocks for long. Returns EPIPE when the reader has gone.
    virtual Result<void> write(int stream, std::span<const uint8_t> bytes) = 0;
    /// ^Z, or who caught it, would stop a process of the terminal whose group is orphaned: no shell inside
    /// could continue it, so Linux does not stop it. A shell outside may take the whole machine from the
    /// terminal.
    virtual void suspend() {}
};

/// Keeps what is written.
class CaptureHost final : public Host {
  public:
    Result<void> write(int stream, std::span<const uint8_t> bytes) override
    {
        output[static_cast<std::size_t>(stream)].append(reinterpret_cast<const char*>(bytes.data()),
                                                        bytes.size());
        return {};
    }
    std::array<std::string, 3> output;
};

/// Something from outside, in the order in which it reaches the machine; part of the recording.
struct Arrival {
    enum class Kind : uint8_t { input, end_of_input, signal, window_size };
    Kind kind = Kind::input;
    bool typed = false;  ///< input: at the terminal, where standard input is something else
    int signal = 0;
    uint16_t rows = 0, columns = 0;
    std::vector<uint8_t> bytes;
};

}  // namespace norn
