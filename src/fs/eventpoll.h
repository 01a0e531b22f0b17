// epoll(7).
#pragma once

#include "fs/ops.h"

namespace norn {

/// A wake-up reached an item's entry: it joins its epoll's list of ready items.
void epoll_item_woken(Machine& m, EpollItemId item, uint32_t events);
/// The last reference to a watched file or to an epoll goes.
void epoll_forget_target(Machine& m, FileId target);
void epoll_release(Machine& m, FileId epoll);
[[nodiscard]] uint32_t epoll_ready(const Machine& m, TaskId self, FileId epoll);

}  // namespace norn
