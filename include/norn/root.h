// A folder of the host as the files below a machine's overlay.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "norn/host.h"

namespace norn {

/// A view of the host's files that also tells which of them changed while it was looked at.
class HostRootView : public RootView {
  public:
    /// Files that were found changed or shorter than they were at the first look, sorted.
    [[nodiscard]] virtual std::vector<std::string> changed() const = 0;
};

/// Looks at `folder` ("/": the whole host), as the user may. Nothing is written, followed out of the
/// folder, mapped, or remembered but for what tells a changed file; `RecordedView` gives the first answer
/// for good.
[[nodiscard]] Result<std::shared_ptr<HostRootView>> host_root(const std::string& folder);

}  // namespace norn
