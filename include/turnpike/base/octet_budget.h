// A bound on what many holders keep together: everything that packets can make turnpike put aside
// until more of it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace turnpike::base {

/// Counts octets, allocates nothing. Not thread-safe: each inspector has its own.
class OctetBudget {
  public:
    /// `limit`: octets that may be held at one time.
    explicit OctetBudget(std::size_t limit) noexcept : limit_(limit) {}

    /// Accounts for `count` more octets; false if that exceeds the limit (and is counted).
    [[nodiscard]] bool reserve(std::size_t count) noexcept {
        if (count > limit_ - held_) {
            ++refused_;
            return false;
        }
        held_ += count;
        return true;
    }
    /// Gives `count` octets back that `reserve` granted.
    void release(std::size_t count) noexcept { held_ -= count; }
    /// Octets granted and not given back.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }
    /// How often `reserve` refused.
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

  private:
    std::size_t limit_;
    std::size_t held_ = 0;
    std::uint64_t refused_ = 0;
};

/// What one holder has of a budget; given back when it ends. Without a budget (which must outlive
/// the share) everything is granted: for what is bounded by itself.
class BudgetShare {
  public:
    /// Holds nothing at first.
    explicit BudgetShare(OctetBudget* budget = nullptr) noexcept : budget_(budget) {}
    BudgetShare(BudgetShare&& other) noexcept
        : budget_(other.budget_), held_(std::exchange(other.held_, 0)) {}
    BudgetShare& operator=(BudgetShare&& other) noexcept {
        std::swap(budget_, other.budget_);
        std::swap(held_, other.held_);
        return *this;
    }
    ~BudgetShare() { clear(); }

    /// False if the budget is used up; nothing changed then.
    [[nodiscard]] bool grow(std::size_t count) noexcept {
        if (budget_ == nullptr) {
            return true;
        }
        if (!budget_->reserve(count)) {
            return false;
        }
        held_ += count;
        return true;
    }
    /// Gives everything back that this share holds.
    void clear() noexcept {
        if (budget_ != nullptr) {
            budget_->release(std::exchange(held_, 0));
        }
    }

  private:
    OctetBudget* budget_;
    std::size_t held_ = 0;
};

}  // namespace turnpike::base
