// Renders the page of `live --web` on a thread, as often as its cost allows.
#include "app/live_page.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <utility>

#include "turnpike/base/quiet_thread.h"
#include "turnpike/store/reader.h"

namespace turnpike::app {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 100ms;  // for somebody who came
constexpr auto least_rest = 500ms;
constexpr int rest_after_rendering = 9;  // times as long as it worked

// Of this thread: on a busy machine it is the work that counts, not how long it waited.
std::chrono::nanoseconds time_worked() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

LivePage::LivePage(monitor::WebOptions web, std::filesystem::path database, report::Options options)
    : database_(std::move(database)), options_(std::move(options)), server_(std::move(web)) {}

LivePage::~LivePage() {
    stop();
}

void LivePage::start() {
    server_.start();
    thread_ = base::quiet_thread(&LivePage::follow, this);
}

void LivePage::stop() noexcept {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    change_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
    server_.stop();
}

void LivePage::news() {
    const std::scoped_lock lock(mutex_);
    news_ = true;
    server_.outdate();
}

void LivePage::follow() {
    std::unique_lock lock(mutex_);
    const auto rest = [&](std::chrono::nanoseconds time) {
        change_.wait_for(lock, time, [this] { return stopping_; });
    };
    while (!stopping_) {
        if (!news_ || server_.watching() == 0) {
            rest(look_every);
            continue;
        }
        news_ = false;
        lock.unlock();
        const auto before = time_worked();
        render();
        const auto worked = time_worked() - before;
        lock.lock();
        rest(std::max<std::chrono::nanoseconds>(least_rest, worked * rest_after_rendering));
    }
}

void LivePage::render() {
    try {
        auto reader = store::Reader::beside_writer(database_);
        if (const auto runs = reader.runs(); !runs.empty()) {
            auto page = report::render_live(reader, runs.back(), options_);
            server_.publish(std::move(page.document), page.update);
        }
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // The file is being exchanged, or full: those who look keep what they have, and the run
        // tells what is wrong with its database itself.
    }
}

}  // namespace turnpike::app
