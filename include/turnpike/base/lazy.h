// A part of a larger value that most instances never need.
#pragma once

#include <memory>

namespace turnpike::base {

/// Holds a T only once somebody writes to it. Reading an absent one yields a T as
/// default-constructed, so that readers need no case for it: `flow.tls->client_hello` is simply
/// empty.
template <typename T>
class Lazy {
  public:
    Lazy() = default;
    ~Lazy() = default;
    Lazy(Lazy&&) noexcept = default;
    Lazy& operator=(Lazy&&) noexcept = default;
    Lazy(const Lazy& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
    Lazy& operator=(const Lazy& other) {
        value_ = other.value_ ? std::make_unique<T>(*other.value_) : nullptr;
        return *this;
    }

    /// `make` was called for it, or for what it was copied from.
    [[nodiscard]] bool present() const noexcept { return value_ != nullptr; }
    const T* operator->() const noexcept { return get(); }
    const T& operator*() const noexcept { return *get(); }
    /// The value to write to, made on first use.
    T& make() {
        if (!value_) {
            value_ = std::make_unique<T>();
        }
        return *value_;
    }

  private:
    [[nodiscard]] const T* get() const noexcept {
        static const T absent{};
        return value_ ? value_.get() : &absent;
    }
    std::unique_ptr<T> value_;
};

}  // namespace turnpike::base
