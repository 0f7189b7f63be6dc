#include "monitor/http_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "monitor/http_answer.h"

namespace turnpike::monitor {
namespace {

constexpr auto time_for_all = std::chrono::seconds{2};

bool try_later() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

HttpConnection::HttpConnection(int socket, Clock::time_point now) noexcept
    : socket_(socket), deadline_(now + time_for_all) {}

HttpConnection::~HttpConnection() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      step_(other.step_),
      refused_(other.refused_),
      deadline_(other.deadline_),
      text_(std::move(other.text_)),
      written_(other.written_) {}

HttpConnection& HttpConnection::operator=(HttpConnection&& other) noexcept {
    std::swap(socket_, other.socket_);
    step_ = other.step_;
    refused_ = other.refused_;
    deadline_ = other.deadline_;
    text_ = std::move(other.text_);
    written_ = other.written_;
    return *this;
}

short HttpConnection::wanted() const noexcept {
    return step_ == Step::writing ? POLLOUT : POLLIN;
}

void HttpConnection::advance(const std::shared_ptr<const std::string>& metrics) {
    if (step_ == Step::reading) {
        read(*metrics);
    }
    if (step_ == Step::writing) {
        write();
    }
    if (step_ == Step::discarding) {
        discard();
    }
}

void HttpConnection::read(const std::string& metrics) {
    std::array<char, 4096> piece{};
    const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
    if (count < 0) {
        step_ = try_later() ? step_ : Step::finished;
        return;
    }
    if (count == 0) {
        step_ = Step::finished;
        return;
    }
    text_.append(piece.data(), static_cast<std::size_t>(count));
    if (auto response = answer(text_, metrics)) {
        text_ = std::move(response->text);
        refused_ = response->refusal;
        step_ = Step::writing;
    }
}

void HttpConnection::write() {
    while (written_ < text_.size()) {
        const ssize_t count =
            ::send(socket_, text_.data() + written_, text_.size() - written_, MSG_NOSIGNAL);
        if (count < 0) {
            step_ = try_later() ? step_ : Step::finished;
            return;
        }
        written_ += static_cast<std::size_t>(count);
    }
    if (!refused_) {
        step_ = Step::finished;
        return;
    }
    // Closing while the rest of a request is unread resets the connection, and the client may
    // never see why it was refused: half of it first (RFC 9112 9.6).
    ::shutdown(socket_, SHUT_WR);
    step_ = Step::discarding;
}

void HttpConnection::discard() {
    std::array<char, 4096> piece{};
    const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
    if (count == 0 || (count < 0 && !try_later())) {
        step_ = Step::finished;
    }
}

}  // namespace turnpike::monitor
