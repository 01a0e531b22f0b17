// What a system call handler returns: a value, an error, or why it sleeps.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

#include "norn/assert.h"
#include "norn/errno.h"
#include "norn/sleep.h"

namespace norn {

/// What may stand beside an error that is none, or an error's place: ids, numbers, pointers.
template <class T>
concept PlainValue = std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>;

/// A value or a Linux error number.
template <class T = void>
class [[nodiscard]] Result {
  public:
    Result(T value)
        : state_(std::in_place_index<0>, std::move(value)) {}       // NOLINT(google-explicit-constructor)
    Result(Errno error) : state_(std::in_place_index<1>, error) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    [[nodiscard]] Errno error() const { return ok() ? Errno::none : std::get<1>(state_); }
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

  private:
    std::variant<T, Errno> state_;
};

/// Without a variant, so that both travel in registers.
template <PlainValue T>
class [[nodiscard]] Result<T> {
  public:
    Result(T value) : value_(value) {}      // NOLINT(google-explicit-constructor)
    Result(Errno error) : error_(error) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return error_ == Errno::none; }
    [[nodiscard]] Errno error() const { return error_; }
    T& value() & { return checked(); }
    const T& value() const& { return checked(); }
    T&& value() && { return std::move(checked()); }
    T& operator*() { return checked(); }
    const T& operator*() const { return checked(); }
    T* operator->() { return &checked(); }
    const T* operator->() const { return &checked(); }

  private:
    T& checked()
    {
        NORN_ASSERT(ok());
        return value_;
    }
    const T& checked() const
    {
        NORN_ASSERT(ok());
        return value_;
    }

    T value_{};
    Errno error_ = Errno::none;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Errno error) : error_(error) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return error_ == Errno::none; }
    [[nodiscard]] Errno error() const { return error_; }
    void value() const {}

  private:
    Errno error_ = Errno::none;
};

/// A value, an error, or a sleep after which the handler is entered again.
template <class T = uint64_t>
class [[nodiscard]] Outcome {
  public:
    template <class U>
    requires std::is_convertible_v<U, T> &&(!std::is_same_v<std::remove_cvref_t<U>, Errno>)
        Outcome(U value)  // NOLINT(google-explicit-constructor)
        : state_(std::in_place_index<0>, static_cast<T>(value))
    {
    }
    Outcome(Errno error) : state_(std::in_place_index<1>, error) {}  // NOLINT(google-explicit-constructor)
    Outcome(const Sleep& sleep)
        : state_(std::in_place_index<2>, sleep) {}  // NOLINT(google-explicit-constructor)
    template <class U>
    Outcome(const Result<U>& result)  // NOLINT(google-explicit-constructor)
        : state_(std::in_place_index<1>, result.error())
    {
        if constexpr (std::is_void_v<U>) {
            if (result.ok()) state_.template emplace<0>();
        } else {
            if (result.ok()) state_.template emplace<0>(static_cast<T>(*result));
        }
    }

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    [[nodiscard]] bool failed() const { return state_.index() == 1; }
    [[nodiscard]] bool sleeps() const { return state_.index() == 2; }
    [[nodiscard]] Errno error() const { return failed() ? std::get<1>(state_) : Errno::none; }
    const T& value() const { return std::get<0>(state_); }
    [[nodiscard]] const Sleep& sleep() const { return std::get<2>(state_); }

  private:
    std::variant<T, Errno, Sleep> state_;
};

namespace detail {
/// Carries an error or a sleep out of a TRY, whatever the caller returns.
template <class T>
Errno passed_up(const Result<T>& result)
{
    return result.error();
}
struct PassedUp {
    Errno error;
    const Sleep* sleep;
    template <class U>
    operator Outcome<U>() const  // NOLINT(google-explicit-constructor)
    {
        if (sleep) return Outcome<U>(*sleep);
        return Outcome<U>(error);
    }
};
template <class T>
PassedUp passed_up(const Outcome<T>& outcome)
{
    return {outcome.error(), outcome.sleeps() ? &outcome.sleep() : nullptr};
}
}  // namespace detail

// The value of an expression, or out of the function with its error or sleep.
#define TRY(expression)                                                       \
    __extension__({                                                           \
        auto&& try_result_ = (expression);                                    \
        if (!try_result_.ok()) return ::norn::detail::passed_up(try_result_); \
        std::move(try_result_).value();                                       \
    })

}  // namespace norn
