// The text of the example entry.
#include "turnpike/catalog/example.h"

namespace turnpike::catalog {

std::string_view example_entry() noexcept {
    return R"(# A vendor's firewall document, row by row. Check it with
#   turnpike catalog check FILE
# and use it by naming its directory with --catalog.
vendor: example                     # lower case: the first part of every selector
name: Example Calls
products:
  - product: meetings               # selector: example/meetings
    name: Meetings
    platform: web                   # optional, in words
    revisions:                      # every dated state of the document, the oldest first
      - revision: 2026-01-31        # selector: example/meetings@2026-01-31
        date: 2026-01-31            # leave it out if the document has none
        source:
          title: Firewall requirements
          location: https://www.example.com/firewall
          kind: vendor              # or secondary: somebody quotes the vendor
        settings:                   # what the reader fills in: --set region=eu
          - name: region
            description: the region of your account
            values: [eu, us]
          - name: turn.host
            description: your own TURN server
        demands:                    # what is no rule
          - kind: udp-timeout
            seconds: 30
            text: UDP bindings must live for 30 seconds at least
        rules:
          # Names in quotes where they begin with a star.
          - id: signaling
            purpose: signaling
            ports: {tcp: [443]}
            names: ["*.example.com", "api.{region}.example.com"]
            expects: [tls, wss]

          # A port item keeps its own condition. Branches of one group replace each other.
          - id: media-udp
            purpose: media
            ports:
              udp:
                - 3478
                - port: 10000-20000
                  condition: version 2.0 or later
                  when: {version: ">=2.0"}
            networks: |             # a pasted list: one or several a line, # starts a comment
              192.0.2.0/24
              2001:db8:100::/40
            expects: [stun, turn, dtls, rtp]
            alternative: {group: media, branch: udp, preference: 1}

          - id: media-tls
            purpose: media where UDP is shut
            ports: {tcp: [443]}
            names: "*.turn.example.com"
            expects: [tls, turns]
            alternative: {group: media, branch: tls, preference: 2}

          # Without a fixed place: any, unstated, or a setting.
          - id: own-turn
            purpose: a TURN server of one's own
            level: conditional
            condition: where the customer runs one
            ports: {udp: [3478]}
            destination: customer:turn.host
            expects: [turn, stun]

          - id: peer-to-peer
            purpose: media between participants
            level: optional
            without_it: direct paths; media then goes through the servers
            ports: {udp: [1024-65535]}
            destination: any
            expects: [ice, stun, dtls, rtp]

          - id: pictures
            purpose: pictures of participants
            level: optional
            ports: {tcp: [443]}
            names:
              - {name: "*.cloudfront.net", shared: true, note: a name that many companies share}
            expects: [tls, https]
)";
}

}  // namespace turnpike::catalog
