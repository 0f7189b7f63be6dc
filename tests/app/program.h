// Runs the program in a process of its own and keeps what it printed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::test {

/// How a run of the program ended.
struct Outcome {
    int status = -1;  ///< exit status; 128 + signal if one ended it
    std::string out;
    std::string err;
};

/// Runs app::main with these words after the program's name. `input` becomes standard input;
/// `output`, if given, is where standard output goes instead of Outcome::out.
Outcome run(const std::vector<std::string>& words, const std::string& input = {},
            const char* output = nullptr);

/// A program under way whose standard input is a pipe that stays open.
class Running {
  public:
    Running(const std::vector<std::string>& words, const std::string& first_input);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    void signal(int number) const;
    Outcome wait();

  private:
    pid_t child_ = -1;
    int input_ = -1;
    std::filesystem::path files_;
};

/// A pcap file of Ethernet frames, little-endian, microseconds: one DNS query over UDP a packet.
std::string pcap_of_queries(unsigned count, std::uint32_t link_type = 1);

void write_file(const std::filesystem::path& path, std::string_view content);
std::string read_file(const std::filesystem::path& path);

}  // namespace turnpike::test
