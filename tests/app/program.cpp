// Starts the program with its output in files, and writes small captures for it.
#include "app/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "turnpike/app/main.h"

namespace turnpike::test {
namespace {

std::filesystem::path new_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "turnpike-run-XXXXXX").string();
    return ::mkdtemp(name.data());
}

void redirect(const char* path, int flags, int descriptor) {
    const int opened = ::open(path, flags, 0600);
    if (opened < 0 || ::dup2(opened, descriptor) < 0) {
        ::_exit(126);
    }
    ::close(opened);
}

[[noreturn]] void become_program(const std::vector<std::string>& words,
                                 const std::filesystem::path& files, const char* output) {
    const std::string out = output != nullptr ? output : (files / "out").string();
    redirect(out.c_str(), O_WRONLY | O_CREAT, STDOUT_FILENO);
    redirect((files / "err").c_str(), O_WRONLY | O_CREAT, STDERR_FILENO);
    std::vector<std::string> all{"turnpike"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    arguments.reserve(all.size() + 1);
    for (auto& word : all) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    const int status = app::main(static_cast<int>(all.size()), arguments.data());
    std::fflush(stdout);
    ::_exit(status);
}

Outcome collect(pid_t child, const std::filesystem::path& files) {
    int status = 0;
    ::waitpid(child, &status, 0);
    Outcome outcome;
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.out = read_file(files / "out");
    outcome.err = read_file(files / "err");
    std::filesystem::remove_all(files);
    return outcome;
}

void append_le(std::string& bytes, std::uint32_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
        bytes += static_cast<char>(value >> (8 * i));
    }
}

// Ethernet, IPv4 192.0.2.10 > 192.0.2.53, UDP 40000 > 53, a query for "example.com" A.
std::string query_frame(unsigned id) {
    std::string dns;
    dns += static_cast<char>(id >> 8U);
    dns += static_cast<char>(id);
    dns += std::string("\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10);
    dns += std::string(
        "\x07"
        "example"
        "\x03"
        "com"
        "\x00\x00\x01\x00\x01",
        17);
    const auto udp_length = static_cast<std::uint16_t>(dns.size() + 8);
    const auto ip_length = static_cast<std::uint16_t>(udp_length + 20);
    std::string frame("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00", 14);
    frame += std::string("\x45\x00", 2);
    frame += static_cast<char>(ip_length >> 8U);
    frame += static_cast<char>(ip_length);
    frame += static_cast<char>(id >> 8U);
    frame += static_cast<char>(id);
    frame += std::string("\x00\x00\x40\x11\x00\x00\xc0\x00\x02\x0a\xc0\x00\x02\x35", 14);
    frame += std::string("\x9c\x40\x00\x35", 4);
    frame += static_cast<char>(udp_length >> 8U);
    frame += static_cast<char>(udp_length);
    frame += std::string("\x00\x00", 2);
    return frame + dns;
}

}  // namespace

Outcome run(const std::vector<std::string>& words, const std::string& input, const char* output) {
    const auto files = new_directory();
    write_file(files / "in", input);
    std::fflush(nullptr);  // or the child writes what the test runner has said so far
    const pid_t child = ::fork();
    if (child == 0) {
        redirect((files / "in").c_str(), O_RDONLY, STDIN_FILENO);
        become_program(words, files, output);
    }
    return collect(child, files);
}

Running::Running(const std::vector<std::string>& words, const std::string& first_input)
    : files_(new_directory()) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) {
        std::abort();
    }
    child_ = ::fork();
    if (child_ == 0) {
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        become_program(words, files_, nullptr);
    }
    ::close(ends[0]);
    input_ = ends[1];
    if (::write(input_, first_input.data(), first_input.size()) < 0) {
        std::abort();
    }
}

Running::~Running() {
    ::close(input_);
    if (child_ > 0) {
        ::kill(child_, SIGKILL);
        collect(child_, files_);
    }
}

void Running::signal(int number) const {
    ::kill(child_, number);
}

Outcome Running::wait() {
    const pid_t child = child_;
    child_ = -1;
    return collect(child, files_);
}

std::string pcap_of_queries(unsigned count, std::uint32_t link_type) {
    std::string file;
    append_le(file, 0xa1b2c3d4U, 4);
    append_le(file, 2, 2);
    append_le(file, 4, 2);
    append_le(file, 0, 4);
    append_le(file, 0, 4);
    append_le(file, 65535, 4);
    append_le(file, link_type, 4);
    for (unsigned i = 0; i < count; ++i) {
        const std::string frame = query_frame(i);
        append_le(file, 1'763'715'900 + i, 4);
        append_le(file, 250'000, 4);
        append_le(file, static_cast<std::uint32_t>(frame.size()), 4);
        append_le(file, static_cast<std::uint32_t>(frame.size()), 4);
        file += frame;
    }
    return file;
}

void write_file(const std::filesystem::path& path, std::string_view content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace turnpike::test
