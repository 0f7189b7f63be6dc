// The page of `live --web`: rendered anew from the database while somebody looks at it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "turnpike/monitor/web_server.h"
#include "turnpike/report/report.h"

namespace turnpike::app {

class LivePage {
  public:
    /// Listens. Throws base::Error.
    LivePage(monitor::WebOptions web, std::filesystem::path database, report::Options options);
    ~LivePage();
    LivePage(const LivePage&) = delete;
    LivePage& operator=(const LivePage&) = delete;

    /// Starts to serve and to render, on threads of their own. Rendering takes a tenth of one
    /// processor's time at most, and nothing while nobody looks.
    void start();
    void stop() noexcept;
    /// The database has something new.
    void news();
    [[nodiscard]] std::string where() const { return server_.where(); }

  private:
    void follow();
    void render();

    std::filesystem::path database_;
    report::Options options_;
    monitor::WebServer server_;
    std::mutex mutex_;
    std::condition_variable change_;
    bool news_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace turnpike::app
