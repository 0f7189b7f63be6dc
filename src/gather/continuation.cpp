// Finds what verdicts of a new database rest on among what the one before told of.
#include "turnpike/gather/continuation.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

namespace turnpike::gather {
namespace {

/// A client with a product. Hosts with several addresses are one by their link address.
using Call = std::tuple<base::IpAddress, std::uint64_t, std::string_view, std::string_view>;

class Continuation {
  public:
    Continuation(Window& window, const verdict::RunResult& result)
        : window_(window), flows_(window.observation().flows), result_(result) {}

    bool tell() {
        bool any = false;
        // What is told again may have a control, or be of another product as well.
        while (tell_calls() || tell_controls()) {
            any = true;
        }
        return any;
    }

  private:
    template <typename Visit>
    void for_each_call(std::uint32_t i, Visit visit) const {
        const auto& client = flows_[i].client();
        for (const auto& attribution : result_.flows[i].attribution->rules) {
            const auto& revision = *attribution.revision;
            visit(Call{client.address(), 0, revision.vendor, revision.product});
            if (client.link_address != 0) {
                visit(Call{{}, client.link_address, revision.vendor, revision.product});
            }
        }
    }
    template <typename Wanted>
    bool tell_those(Wanted wanted) {
        bool any = false;
        for (std::uint32_t i = 0; i < flows_.size(); ++i) {
            if (window_.told(i) && wanted(i)) {
                window_.tell_again(i);
                any = true;
            }
        }
        return any;
    }
    bool tell_calls() {
        std::set<Call> calls;
        for (std::uint32_t i = 0; i < flows_.size(); ++i) {
            if (!window_.told(i) && !waits(result_.flows[i].inconclusive)) {
                for_each_call(i, [&calls](const Call& call) { calls.insert(call); });
            }
        }
        return tell_those([&](std::uint32_t i) {
            bool goes_on = false;
            for_each_call(i, [&](const Call& call) { goes_on = goes_on || calls.contains(call); });
            return goes_on;
        });
    }
    bool tell_controls() {
        std::set<std::uint64_t> controls;
        for (std::uint32_t i = 0; i < flows_.size(); ++i) {
            if (!window_.told(i) && result_.flows[i].control != 0) {
                controls.insert(result_.flows[i].control);
            }
        }
        return tell_those([&](std::uint32_t i) { return controls.contains(flows_[i].id); });
    }

    Window& window_;
    const facts::Rows<facts::Flow>& flows_;
    const verdict::RunResult& result_;
};

}  // namespace

bool waits(verdict::InconclusiveReason reason) noexcept {
    return reason == verdict::InconclusiveReason::waiting ||
           reason == verdict::InconclusiveReason::capture_ended;
}

bool tell_again(Window& window, const verdict::RunResult& result) {
    const auto& told = window.told_flows();
    return std::ranges::find(told, true) != told.end() && Continuation(window, result).tell();
}

}  // namespace turnpike::gather
