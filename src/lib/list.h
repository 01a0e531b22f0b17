// Doubly linked lists whose members are records of a pool. The links are two fields of each member, the ends
// one or two fields of the list's owner; so a list is hashed, saved and audited with the records it is in.
//
//   using Threads = List<&Signal::first_thread, &Signal::last_thread, &Task::next_thread,
//   &Task::prev_thread>; Threads::push_back(m, signal, task);
#pragma once

#include "norn/machine.h"

namespace norn {

/// For lists that only grow at the front: the owner does not know the last member.
inline constexpr std::nullptr_t no_last = nullptr;

template <auto First, auto Last, auto Next, auto Prev>
class List;

template <class Owner, class T, Id<T> Owner::*First, auto Last, Id<T> T::*Next, Id<T> T::*Prev>
class List<First, Last, Next, Prev> {
  public:
    static void push_front(Machine& m, Id<Owner> owner, Id<T> member)
    {
        const Id<T> next = m[owner].*First;
        join(m, owner, member, next);
        join(m, owner, {}, member);
    }
    static void push_back(Machine& m, Id<Owner> owner, Id<T> member)
    {
        const Id<T> prev = m[owner].*Last;
        join(m, owner, prev, member);
        join(m, owner, member, {});
    }
    static void remove(Machine& m, Id<Owner> owner, Id<T> member)
    {
        join(m, owner, m[member].*Prev, m[member].*Next);
        forget(m, member);
    }
    /// `by`, which is on no such list, takes the place of `member`.
    static void replace(Machine& m, Id<Owner> owner, Id<T> member, Id<T> by)
    {
        const Id<T> prev = m[member].*Prev;
        const Id<T> next = m[member].*Next;
        join(m, owner, prev, by);
        join(m, owner, by, next);
        forget(m, member);
    }

  private:
    /// Makes two members neighbours. None before: `next` is the first; none after: `prev` is the last.
    static void join(Machine& m, Id<Owner> owner, Id<T> prev, Id<T> next)
    {
        if (prev)
            m.edit(prev).*Next = next;
        else
            m.edit(owner).*First = next;
        if (next)
            m.edit(next).*Prev = prev;
        else if constexpr (!std::is_null_pointer_v<decltype(Last)>)
            m.edit(owner).*Last = prev;
    }
    static void forget(Machine& m, Id<T> member)
    {
        T& record = m.edit(member);
        record.*Next = record.*Prev = {};
    }
};

}  // namespace norn
