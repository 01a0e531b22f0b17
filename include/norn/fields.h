// Records that know their own fields.
//
// A pooled record lists its fields once, with NORN_FIELDS. From that list come the hash, the masking
// of ids, and the comparison of two machines. A field that is not listed, or a byte of padding, does
// not compile: the sizes of the fields must add up to the size of the record.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "norn/ids.h"

#define NORN_FIELDS(...)                            \
    template <class F>                              \
    constexpr decltype(auto) with_fields(F&& f)     \
    {                                               \
        return f(__VA_ARGS__);                      \
    }                                               \
    static constexpr std::string_view field_names() \
    {                                               \
        return #__VA_ARGS__;                        \
    }

namespace norn {

template <class T>
concept Record = requires
{
    T::field_names();
};

template <class T>
struct IsId : std::false_type {
};
template <class T>
struct IsId<Id<T>> : std::true_type {
};

template <class T>
struct IsStdArray : std::false_type {
};
template <class T, std::size_t N>
struct IsStdArray<std::array<T, N>> : std::true_type {
};

template <class T>
constexpr std::size_t accounted_bytes();

/// Bytes that a list of fields accounts for.
struct AccountedBytes {
    template <class... Field>
    constexpr auto operator()(Field&...) const
    {
        return std::integral_constant<std::size_t, (accounted_bytes<Field>() + ... + 0u)>{};
    }
};

/// Bytes of `T` that its fields account for.
template <class T>
constexpr std::size_t accounted_bytes()
{
    if constexpr (Record<T>) {
        return decltype(std::declval<T&>().with_fields(AccountedBytes{}))::value;
    } else if constexpr (IsStdArray<T>::value) {
        return std::tuple_size_v<T> * accounted_bytes<typename T::value_type>();
    } else {
        static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T> || IsId<T>::value || std::is_pointer_v<T>,
                      "a field is a number, an enum, an id, or an array or record of such");
        return sizeof(T);  // NOLINT(bugprone-sizeof-expression): of a pointer itself, where T is one
    }
}

/// True for a record whose listed fields cover every byte of it.
template <class T>
constexpr bool fully_listed = Record<T>&& std::is_trivially_copyable_v<T>&& accounted_bytes<T>() == sizeof(T);

/// Calls `f(id)` for each id inside `value`, at any depth.
template <class T, class F>
void each_id(T& value, F&& f)
{
    using Plain = std::remove_cv_t<T>;
    if constexpr (IsId<Plain>::value) {
        f(value);
    } else if constexpr (Record<Plain>) {
        value.with_fields([&](auto&... field) { (each_id(field, f), ...); });
    } else if constexpr (IsStdArray<Plain>::value) {
        using Item = typename Plain::value_type;
        if constexpr (IsId<Item>::value || Record<Item> || IsStdArray<Item>::value)
            for (auto& item : value) each_id(item, f);
    }
}

}  // namespace norn
