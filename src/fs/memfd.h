// Files without a name, and their seals (memfd_create(2)).
#pragma once

#include "fs/ops.h"

namespace norn {

[[nodiscard]] Result<uint64_t> get_seals(const Machine& m, FileId file);
[[nodiscard]] Result<> add_seals(Machine& m, FileId file, uint32_t seals);

}  // namespace norn
