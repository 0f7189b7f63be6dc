// A client that may do everything wrong.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace turnpike::test {

class HttpClient {
  public:
    explicit HttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    explicit HttpClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    ~HttpClient() { ::close(socket_); }
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    void send(std::string_view text) const {
        static_cast<void>(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL));
    }
    /// Everything until the server closes, or `patience` seconds are over.
    [[nodiscard]] std::string receive(int patience = 10) const {
        return receive_until("", patience);
    }
    /// The same, but no more once `wanted` came.
    [[nodiscard]] std::string receive_until(std::string_view wanted, int patience = 10) const {
        const timeval limit{patience, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        std::string text;
        std::array<char, 4096> piece{};
        for (ssize_t count = 0; (count = ::recv(socket_, piece.data(), piece.size(), 0)) > 0;) {
            text.append(piece.data(), static_cast<std::size_t>(count));
            if (!wanted.empty() && text.contains(wanted)) {
                break;
            }
        }
        return text;
    }

  private:
    void connect(const sockaddr* address, socklen_t length) {
        connected_ = ::connect(socket_, address, length) == 0;
    }
    int socket_;
    bool connected_ = false;
};

}  // namespace turnpike::test
