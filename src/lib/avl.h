// Balanced search trees (AVL) whose nodes are records of a pool, with fields `left`, `right` and `height`.
//
//  A1  The heights of a node's two subtrees differ by one at most; a leaf has height 1.
//  A2  In order, keys ascend.
#pragma once

#include "norn/machine.h"

namespace norn {

/// `Of` says what the tree is of:
///   `Id<T> own(m, id)`: the node to write to instead of `id`. Trees that share nodes copy it here.
///   `void update(m, id)`: sets `height`, and whatever else a node knows of its subtree, from its children.
///   `int order(m, key, id)`: below 0 if `key` comes before the node, 0 if it is the node's own.
template <class T, class Of>
class Avl {
  public:
    static uint32_t height(const Machine& m, Id<T> tree) { return tree ? m[tree].height : 0; }

    /// Returns the new root. `node` has no children, and no node of the tree has its key.
    template <class Key>
    static Id<T> insert(Machine& m, Id<T> root, Id<T> node, const Key& key)
    {
        if (!root) {
            Of::update(m, node);
            return node;
        }
        root = Of::own(m, root);
        if (Of::order(m, key, root) < 0)
            set_left(m, root, insert(m, m[root].left, node, key));
        else
            set_right(m, root, insert(m, m[root].right, node, key));
        return balance(m, root);
    }

    /// Returns the new root; `erased`, whose key it is, is then on no tree.
    template <class Key>
    static Id<T> erase(Machine& m, Id<T> root, const Key& key, Id<T>& erased)
    {
        NORN_ASSERT(root);
        root = Of::own(m, root);
        const int order = Of::order(m, key, root);
        if (order < 0) {
            set_left(m, root, erase(m, m[root].left, key, erased));
            return balance(m, root);
        }
        if (order > 0) {
            set_right(m, root, erase(m, m[root].right, key, erased));
            return balance(m, root);
        }
        erased = root;
        return without_root(m, root);
    }

  private:
    static void set_left(Machine& m, Id<T> node, Id<T> child)
    {
        if (m[node].left != child) m.edit(node).left = child;
    }
    static void set_right(Machine& m, Id<T> node, Id<T> child)
    {
        if (m[node].right != child) m.edit(node).right = child;
    }
    static Id<T> own_left(Machine& m, Id<T> node)
    {
        const Id<T> left = Of::own(m, m[node].left);
        set_left(m, node, left);
        return left;
    }
    static Id<T> own_right(Machine& m, Id<T> node)
    {
        const Id<T> right = Of::own(m, m[node].right);
        set_right(m, node, right);
        return right;
    }

    static Id<T> without_root(Machine& m, Id<T> root)
    {
        const Id<T> left = m[root].left;
        const Id<T> right = m[root].right;
        T& out = m.edit(root);
        out.left = out.right = {};
        out.height = 1;
        if (!left || !right) return left ? left : right;
        Id<T> heir;
        const Id<T> rest = take_lowest(m, right, heir);
        set_left(m, heir, left);
        set_right(m, heir, rest);
        return balance(m, heir);
    }

    static Id<T> take_lowest(Machine& m, Id<T> root, Id<T>& lowest)
    {
        root = Of::own(m, root);
        if (!m[root].left) {
            lowest = root;
            return m[root].right;
        }
        set_left(m, root, take_lowest(m, m[root].left, lowest));
        return balance(m, root);
    }

    static Id<T> rotate_right(Machine& m, Id<T> root)
    {
        const Id<T> up = own_left(m, root);
        set_left(m, root, m[up].right);
        set_right(m, up, root);
        Of::update(m, root);
        Of::update(m, up);
        return up;
    }
    static Id<T> rotate_left(Machine& m, Id<T> root)
    {
        const Id<T> up = own_right(m, root);
        set_right(m, root, m[up].left);
        set_left(m, up, root);
        Of::update(m, root);
        Of::update(m, up);
        return up;
    }

    /// The node is ours; its subtrees are balanced and differ by two at most.
    static Id<T> balance(Machine& m, Id<T> root)
    {
        const uint32_t left = height(m, m[root].left);
        const uint32_t right = height(m, m[root].right);
        if (left > right + 1) {
            const Id<T> child = own_left(m, root);
            if (height(m, m[child].left) < height(m, m[child].right))
                set_left(m, root, rotate_left(m, child));
            return rotate_right(m, root);
        }
        if (right > left + 1) {
            const Id<T> child = own_right(m, root);
            if (height(m, m[child].right) < height(m, m[child].left))
                set_right(m, root, rotate_right(m, child));
            return rotate_left(m, root);
        }
        Of::update(m, root);
        return root;
    }
};

}  // namespace norn
