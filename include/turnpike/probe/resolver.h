// Names to addresses, asked from local ports of the audit, so that every question is captured.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/probe/port_block.h"

namespace turnpike::probe {

/// What a name resolved to, in the order of the answers; both empty if it did not.
struct Addresses {
    std::vector<base::IpAddress> v4;
    std::vector<base::IpAddress> v6;
};

/// Not thread-safe.
class Resolver {
  public:
    /// `server`: "192.0.2.53", "192.0.2.53:5353" or "[2001:db8::53]:53"; empty: the system's.
    /// Throws base::Error: usage for what is no address, io_error without a resolver.
    Resolver(const std::string& server, PortBlock& ports);
    ~Resolver();
    /// Throws for the same texts as the constructor, and opens nothing.
    static void check(const std::string& server);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// A name to resolve.
    struct Question {
        std::string name;
        bool as_browser = false;  ///< asks for an HTTPS record, too
    };
    /// Asks for A and AAAA of every name, at most `rate` names a second, without waiting for the
    /// answers in between. Each is given up after two sends and some seconds, all when `stopped`.
    /// The result is in the order of the questions.
    std::vector<Addresses> resolve(const std::vector<Question>& questions, double rate,
                                   const std::function<bool()>& stopped);

  private:
    class Channel;
    std::unique_ptr<Channel> channel_;
};

}  // namespace turnpike::probe
