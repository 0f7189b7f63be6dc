// Fetches one document with libcurl, which is loaded when the first is wanted.
#include "app/catalog_fetch.h"

#include <dlfcn.h>

#define CURL_DISABLE_TYPECHECK  // it speaks of functions that are linked
#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <memory>
#include <string_view>

#include "app/commands.h"
#include "app/random_octets.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

constexpr const char* library = "libcurl.so.4";
constexpr const char* only_scheme = "https";
constexpr long most_redirects = 3;
constexpr long connect_seconds = 15;
// An entity tag is a handle, not a place to keep things (RFC 9110 8.8.3).
constexpr std::size_t longest_etag = 200;

// The functions of libcurl that are used, by their own types.
struct Curl {
    decltype(&curl_global_init) global_init = nullptr;
    decltype(&curl_easy_init) easy_init = nullptr;
    decltype(&curl_easy_setopt) easy_setopt = nullptr;
    decltype(&curl_easy_perform) easy_perform = nullptr;
    decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
    decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&curl_easy_strerror) easy_strerror = nullptr;
    decltype(&curl_slist_append) slist_append = nullptr;
    decltype(&curl_slist_free_all) slist_free_all = nullptr;

    Curl() {
        void* const handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            throw Error(ExitStatus::cannot_open,
                        fmt::format("{} cannot be loaded; install it (Debian: libcurl4), or fetch "
                                    "the file yourself and give it with --from",
                                    library));
        }
        find(handle, "curl_global_init", global_init);
        find(handle, "curl_easy_init", easy_init);
        find(handle, "curl_easy_setopt", easy_setopt);
        find(handle, "curl_easy_perform", easy_perform);
        find(handle, "curl_easy_getinfo", easy_getinfo);
        find(handle, "curl_easy_cleanup", easy_cleanup);
        find(handle, "curl_easy_strerror", easy_strerror);
        find(handle, "curl_slist_append", slist_append);
        find(handle, "curl_slist_free_all", slist_free_all);
        global_init(CURL_GLOBAL_DEFAULT);
    }

  private:
    template <typename Function>
    static void find(void* handle, const char* name, Function& function) {
        function = reinterpret_cast<Function>(::dlsym(handle, name));
        if (function == nullptr) {
            throw Error(ExitStatus::cannot_open, fmt::format("{}: lacks {}", library, name));
        }
    }
};

const Curl& curl() {
    static const Curl loaded;
    return loaded;
}

// RFC 9562 5.4.
std::string random_uuid() {
    auto octets = random_octets<16>();
    octets[6] = static_cast<unsigned char>((octets[6] & 0x0FU) | 0x40U);
    octets[8] = static_cast<unsigned char>((octets[8] & 0x3FU) | 0x80U);
    std::string text;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        text +=
            fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", octets[i]);
    }
    return text;
}

std::string completed(std::string address) {
    constexpr std::string_view hole = "{guid}";
    if (const auto at = address.find(hole); at != std::string::npos) {
        address.replace(at, hole.size(), random_uuid());
    }
    return address;
}

// What arrives.
struct Reception {
    Fetched fetched;
    std::size_t most = 0;
    bool too_large = false;
};

std::size_t take_body(const char* data, std::size_t size, std::size_t count, void* user) {
    auto& reception = *static_cast<Reception*>(user);
    const auto octets = size * count;
    if (reception.fetched.text.size() + octets > reception.most) {
        reception.too_large = true;
        return 0;  // ends the transfer
    }
    reception.fetched.text.append(data, octets);
    return octets;
}

std::size_t take_header(const char* data, std::size_t size, std::size_t count, void* user) {
    auto& fetched = static_cast<Reception*>(user)->fetched;
    const std::string_view line(data, size * count);
    constexpr std::string_view name = "etag:";
    if (line.starts_with("HTTP/")) {
        fetched.etag.clear();  // of the redirect before
    } else if (line.size() < longest_etag &&
               base::equals_ignoring_case(line.substr(0, name.size()), name)) {
        for (const char c : line.substr(name.size())) {
            if (std::isgraph(static_cast<unsigned char>(c)) != 0) {
                fetched.etag += c;
            }
        }
    }
    return size * count;
}

// One transfer and what it holds.
class Transfer {
  public:
    Transfer(const std::string& address, const std::string& etag, const FetchLimits& limits)
        : address_(address), handle_(curl().easy_init(), curl().easy_cleanup) {
        if (handle_ == nullptr) {
            throw Error(ExitStatus::io_error, "libcurl: out of memory");
        }
        reception_.most = limits.octets;
        set(CURLOPT_URL, completed(address).c_str());
        set(CURLOPT_PROTOCOLS_STR, only_scheme);
        set(CURLOPT_REDIR_PROTOCOLS_STR, only_scheme);
        set(CURLOPT_FOLLOWLOCATION, 1L);
        set(CURLOPT_MAXREDIRS, most_redirects);
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_CONNECTTIMEOUT, std::min(connect_seconds, long{limits.time.count()}));
        set(CURLOPT_TIMEOUT, long{limits.time.count()});
        set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.octets));
        set(CURLOPT_ACCEPT_ENCODING, "");
        set(CURLOPT_FILETIME, 1L);
        set(CURLOPT_USERAGENT, fmt::format("turnpike/{}", version()).c_str());
        set(CURLOPT_ERRORBUFFER, reason_.data());
        set(CURLOPT_WRITEFUNCTION, &take_body);
        set(CURLOPT_WRITEDATA, &reception_);
        set(CURLOPT_HEADERFUNCTION, &take_header);
        set(CURLOPT_HEADERDATA, &reception_);
        if (!limits.authorities.empty()) {
            set(CURLOPT_CAINFO, limits.authorities.c_str());
        }
        if (!etag.empty()) {
            headers_.reset(curl().slist_append(nullptr, ("If-None-Match: " + etag).c_str()));
            set(CURLOPT_HTTPHEADER, headers_.get());
        }
    }

    Fetched run() {
        const auto code = curl().easy_perform(handle_.get());
        if (reception_.too_large || code == CURLE_FILESIZE_EXCEEDED) {
            fail(ExitStatus::bad_input, fmt::format("is larger than {} octets", reception_.most));
        }
        if (code != CURLE_OK) {
            fail(status_of(code), reason_[0] != '\0' ? reason_.data() : curl().easy_strerror(code));
        }
        long status = 0;
        curl().easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
        constexpr long ok = 200;
        constexpr long not_modified = 304;
        if (status != ok && status != not_modified) {
            fail(ExitStatus::cannot_open, fmt::format("the server answers {}", status));
        }
        reception_.fetched.unchanged = status == not_modified;
        curl_off_t changed = -1;
        curl().easy_getinfo(handle_.get(), CURLINFO_FILETIME_T, &changed);
        // Behind that day lies what nanoseconds cannot hold.
        constexpr curl_off_t year_2200 = 7'258'118'400;
        if (changed >= 0 && changed < year_2200) {
            reception_.fetched.changed = base::Timestamp(std::chrono::seconds(changed));
        }
        return std::move(reception_.fetched);
    }

  private:
    template <typename Value>
    void set(CURLoption option, Value value) {
        if (const auto code = curl().easy_setopt(handle_.get(), option, value); code != CURLE_OK) {
            fail(ExitStatus::cannot_open, curl().easy_strerror(code));
        }
    }

    [[noreturn]] void fail(ExitStatus status, const std::string& reason) const {
        throw Error(status, fmt::format("{}: {}", base::escape(address_), base::escape(reason)));
    }

    static ExitStatus status_of(CURLcode code) noexcept {
        switch (code) {
            case CURLE_OPERATION_TIMEDOUT:
            case CURLE_PARTIAL_FILE:
            case CURLE_RECV_ERROR:
            case CURLE_GOT_NOTHING:
            case CURLE_BAD_CONTENT_ENCODING:
            case CURLE_WRITE_ERROR:
                return ExitStatus::io_error;
            default:
                return ExitStatus::cannot_open;
        }
    }

    struct FreeList {
        void operator()(curl_slist* list) const { curl().slist_free_all(list); }
    };
    std::string address_;
    Reception reception_;
    std::array<char, CURL_ERROR_SIZE> reason_{};
    std::unique_ptr<curl_slist, FreeList> headers_;
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
};

}  // namespace

Fetched fetch(const std::string& address, const std::string& etag, const FetchLimits& limits) {
    if (!address.starts_with("https://")) {
        throw Error(ExitStatus::usage,
                    fmt::format("{}: only https:// addresses are fetched", base::escape(address)));
    }
    return Transfer(address, etag, limits).run();
}

}  // namespace turnpike::app
