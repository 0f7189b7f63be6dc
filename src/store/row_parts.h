// The parts of a long list of rows that a second thread helps to make.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "store/encoded_rows.h"

namespace turnpike::store {

/// Deals out parts, by number, to one thread that makes and writes them in order and to another
/// that only makes some. At first there are none.
class RowParts {
  public:
    /// While it lives, the writer deals out `count` parts; none are left behind it. One at a time.
    class Dealing {
      public:
        Dealing(RowParts& parts, std::size_t count) : parts_(parts) { parts_.open(count); }
        Dealing(const Dealing&) = delete;
        Dealing& operator=(const Dealing&) = delete;
        ~Dealing() { parts_.close(); }

      private:
        RowParts& parts_;
    };

    /// For the writer: the first part that nobody took; nothing if there is none.
    std::optional<std::size_t> take();
    /// The same for the helper. Waits while many that he made are not written yet; not for parts
    /// to be there, for the writer may have to wait for the helper to leave (no second thread).
    std::optional<std::size_t> take_ahead();
    /// The helper made the part that he took; `rows` is nothing if he could not.
    void give(std::size_t part, std::optional<EncodedRows> rows);
    /// For the writer: waits for a part that the helper took.
    std::optional<EncodedRows> wait_for(std::size_t part);

  private:
    void open(std::size_t count);
    void close() noexcept;
    std::optional<std::size_t> take_next();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
    std::size_t next_ = 0;  ///< the first part that nobody took
    std::unordered_map<std::size_t, std::optional<EncodedRows>> made_;
};

}  // namespace turnpike::store
