// A value, or a sentence for people: what went wrong, with which file or limit, and what to do.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace norn {

/// Why something asked of Norn itself (not of a machine) was not done.
struct Failure {
    std::string text;
    int status = 125;  ///< the command's exit status: 126 not executable, 127 not found
};

template <class T = void>
class [[nodiscard]] Expected {
  public:
    Expected(T value) : value_(std::move(value)) {}              // NOLINT(google-explicit-constructor)
    Expected(Failure failure) : failure_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return value_.has_value(); }
    [[nodiscard]] const Failure& failure() const { return failure_; }
    T& value() & { return *value_; }
    const T& value() const& { return *value_; }
    T&& value() && { return *std::move(value_); }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return &*value_; }
    const T* operator->() const { return &*value_; }

  private:
    std::optional<T> value_;
    Failure failure_;
};

template <>
class [[nodiscard]] Expected<void> {
  public:
    Expected() = default;
    Expected(Failure failure) : failure_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return !failure_.has_value(); }
    [[nodiscard]] const Failure& failure() const { return *failure_; }

  private:
    std::optional<Failure> failure_;
};

}  // namespace norn
