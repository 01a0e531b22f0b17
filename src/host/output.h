// What the command itself writes to its standard output and error.
#pragma once

#include <cstdio>
#include <string_view>

namespace norn {

/// Where no descriptor 0, 1 or 2 was passed, there is /dev/null from here on: no file of Norn's own comes to
/// lie there.
void keep_standard_descriptors();
/// What cannot be written is lost; `output_lost` tells of it for standard output. When its reader is gone
/// this does not return: the process ends by SIGPIPE, unless it was told to ignore that.
void write_text(std::FILE* to, std::string_view text);
/// The same at once, not only when there is a buffer full.
void write_now(std::FILE* to, std::string_view text);
/// Writes what is left. True: not all of standard output was taken.
[[nodiscard]] bool output_lost();

}  // namespace norn
