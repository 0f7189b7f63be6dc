// One client of the metrics server: its request as it comes, the answer as it goes.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace turnpike::monitor {

/// Owns a connected, non-blocking socket. Whoever is slow is cut off at the deadline.
class HttpConnection {
  public:
    using Clock = std::chrono::steady_clock;

    HttpConnection(int socket, Clock::time_point now) noexcept;
    ~HttpConnection();
    HttpConnection(HttpConnection&& other) noexcept;
    HttpConnection& operator=(HttpConnection&& other) noexcept;

    [[nodiscard]] int socket() const noexcept { return socket_; }
    /// POLLIN or POLLOUT: what to wait for.
    [[nodiscard]] short wanted() const noexcept;
    [[nodiscard]] Clock::time_point deadline() const noexcept { return deadline_; }
    /// Goes on after poll said that the socket is ready.
    void advance(const std::shared_ptr<const std::string>& metrics);
    /// Nothing is left to do: to be destroyed.
    [[nodiscard]] bool finished() const noexcept { return step_ == Step::finished; }

  private:
    enum class Step : unsigned char { reading, writing, discarding, finished };
    void read(const std::string& metrics);
    void write();
    void discard();

    int socket_ = -1;
    Step step_ = Step::reading;
    bool refused_ = false;
    Clock::time_point deadline_;
    std::string text_;  ///< the request, then the response
    std::size_t written_ = 0;
};

}  // namespace turnpike::monitor
