// A pairing heap whose nodes are records of a pool, linked by ids: the run queue, the deadlines.
//
//  H1  `heap_child` is the first child. Siblings are linked through `heap_next`; `heap_prev` of a first
//      child is its parent, of the others the sibling before. The root has neither.
//  H2  No node comes before its parent. Order has no ties, so what comes first does not depend on history.
#pragma once

#include "norn/machine.h"

namespace norn {

/// `Before(m, a, b)`: does a come before b? A strict total order.
template <class T, bool (*Before)(const Machine&, Id<T>, Id<T>)>
class PairingHeap {
  public:
    static void insert(Machine& m, Id<T>& root, Id<T> node) { root = root ? meld(m, root, node) : node; }

    static void remove(Machine& m, Id<T>& root, Id<T> node)
    {
        const Id<T> rest = meld_children(m, node);
        if (node == root) {
            root = rest;
        } else {
            cut(m, node);
            if (rest) root = meld(m, root, rest);
        }
        T& record = m.edit(node);
        record.heap_child = record.heap_next = record.heap_prev = {};
    }

  private:
    /// Two roots become one.
    static Id<T> meld(Machine& m, Id<T> a, Id<T> b)
    {
        if (Before(m, b, a)) std::swap(a, b);
        const Id<T> sibling = m[a].heap_child;
        m.edit(a).heap_child = b;
        T& loser = m.edit(b);
        loser.heap_next = sibling;
        loser.heap_prev = a;
        if (sibling) m.edit(sibling).heap_prev = b;
        return a;
    }

    /// Takes a node that is not the root off its parent.
    static void cut(Machine& m, Id<T> node)
    {
        const Id<T> prev = m[node].heap_prev;
        const Id<T> next = m[node].heap_next;
        if (next) m.edit(next).heap_prev = prev;
        if (m[prev].heap_child == node)
            m.edit(prev).heap_child = next;
        else
            m.edit(prev).heap_next = next;
    }

    /// Melds the children of `node` in pairs from left to right, then the pairs from right to left.
    static Id<T> meld_children(Machine& m, Id<T> node)
    {
        Id<T> pairs;  // a stack through heap_next
        Id<T> left = m[node].heap_child;
        while (left) {
            const Id<T> right = take_root(m, left);
            Id<T> after;
            Id<T> pair = left;
            if (right) {
                after = take_root(m, right);
                pair = meld(m, left, right);
            }
            m.edit(pair).heap_next = pairs;
            pairs = pair;
            left = after;
        }
        Id<T> root;
        while (pairs) {
            const Id<T> next = take_root(m, pairs);
            root = root ? meld(m, root, pairs) : pairs;
            pairs = next;
        }
        return root;
    }

    /// Makes `node` a root of its own; returns the sibling that followed it.
    static Id<T> take_root(Machine& m, Id<T> node)
    {
        T& record = m.edit(node);
        const Id<T> next = record.heap_next;
        record.heap_next = record.heap_prev = {};
        return next;
    }
};

}  // namespace norn
