// A machine as a file, and back. The cost is that of the machine's state, not of how it came about.
#pragma once

#include <string>
#include <string_view>

#include "norn/expected.h"
#include "norn/machine.h"

namespace norn {

/// The machine as bytes: compressed, with a checksum. Between runs only. What lies below the overlay is not
/// in it but for what the machine has read.
[[nodiscard]] std::string save_machine(const Machine& m);
/// Equal to what was saved, with the same future. `root` is to be set by the caller. Fails when the bytes are
/// no machine, damaged, or of a Norn whose machines are made otherwise.
[[nodiscard]] Expected<Machine> load_machine(std::string_view bytes);

}  // namespace norn
