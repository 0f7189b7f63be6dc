// Which user a process becomes that was started as root.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "guard/confined.h"
#include "turnpike/base/error.h"
#include "turnpike/guard/guard.h"

namespace turnpike {
namespace {

using guard::Confinement;
using guard::Needs;
using test::run_confined;
using test::ScratchFolder;

// Numbers that need no entry in /etc/passwd.
constexpr uid_t somebody = 54'321;
constexpr uid_t somebody_else = 54'322;

class User : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "only root can become another user";
        }
        if (::chown(folder_.path().c_str(), somebody, somebody) != 0) {
            GTEST_SKIP() << "this root may not give files away";
        }
        ::unsetenv("SUDO_UID");
        ::unsetenv("SUDO_GID");
        needs_.writable = {folder_.path()};
    }
    static uid_t owner(const std::filesystem::path& path) {
        struct stat status{};
        ::stat(path.c_str(), &status);
        return status.st_uid;
    }

    ScratchFolder folder_;
    Needs needs_;
};

int is_for_good(uid_t user) {
    uid_t real = 0;
    uid_t effective = 0;
    uid_t saved = 0;
    ::getresuid(&real, &effective, &saved);
    return real == user && effective == user && saved == user ? 0 : 1;
}

TEST_F(User, OwnerOfTheOutputIsChosen) {
    const auto ending = run_confined(needs_, [&](const Confinement& done) {
        std::ofstream(folder_.path() / "made") << "x";
        return done.user == std::to_string(somebody) ? is_for_good(somebody) : 2;
    });
    EXPECT_EQ(ending.status, 0);
    EXPECT_EQ(owner(folder_.path() / "made"), somebody);
}

TEST_F(User, CallerOfSudoComesFirst) {
    ::chmod(folder_.path().c_str(), 0777);
    ::setenv("SUDO_UID", std::to_string(somebody_else).c_str(), 1);
    ::setenv("SUDO_GID", std::to_string(somebody_else).c_str(), 1);
    EXPECT_EQ(
        run_confined(needs_, [](const Confinement&) { return is_for_good(somebody_else); }).status,
        0);
}

TEST_F(User, WhoCannotWriteIsPassedOver) {
    ::setenv("SUDO_UID", std::to_string(somebody_else).c_str(), 1);
    ::setenv("SUDO_GID", std::to_string(somebody_else).c_str(), 1);
    EXPECT_EQ(run_confined(needs_, [](const Confinement&) { return is_for_good(somebody); }).status,
              0);
}

TEST_F(User, RootStaysWhereInputIsItsOwn) {
    const ScratchFolder input;  // of root, closed to others
    needs_.readable = {input.path()};
    const auto ending = run_confined(needs_, [&](const Confinement& done) {
        std::ofstream(folder_.path() / "made") << "x";
        // A folder of somebody: root without capabilities could not write there.
        if (done.capabilities_dropped || done.notes.size() != 2) {
            return 1;
        }
        return is_for_good(0);
    });
    EXPECT_EQ(ending.status, 0);
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "made"));
}

TEST_F(User, NamedUserIsBecome) {
    ::chmod(folder_.path().c_str(), 0777);
    needs_.user = "nobody";
    const auto ending =
        run_confined(needs_, [](const Confinement& done) { return done.user == "nobody" ? 0 : 1; });
    EXPECT_EQ(ending.status, 0);
    EXPECT_EQ(owner(folder_.path()), somebody);
}

TEST_F(User, NamedUserMustExistAndBeAbleToWrite) {
    needs_.user = "no-such-user";
    try {
        guard::confine(needs_);
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::usage);
        EXPECT_THAT(error.what(), testing::HasSubstr("--user no-such-user: there is no such user"));
    }
    needs_.user = std::to_string(somebody_else);
    try {
        guard::confine(needs_);
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::cannot_create);
        EXPECT_THAT(error.what(), testing::HasSubstr("chown"));
    }
    EXPECT_EQ(::geteuid(), 0U) << "a trial must end";
}

TEST_F(User, FilesOfRootAreHandedOverAndNoOthers) {
    const auto mine = folder_.path() / "run.db";
    const auto linked = folder_.path() / "linked";
    const auto link = folder_.path() / "link";
    const ScratchFolder elsewhere;
    ::chmod(elsewhere.path().c_str(), 0755);
    std::ofstream(mine) << "x";
    std::ofstream(linked) << "x";
    std::ofstream(elsewhere.path() / "secret") << "x";
    std::filesystem::create_hard_link(linked, folder_.path() / "second-name");
    std::filesystem::create_symlink(elsewhere.path() / "secret", link);
    needs_.hand_over = {mine, linked, link, folder_.path() / "absent"};
    EXPECT_EQ(run_confined(needs_, [](const Confinement&) { return is_for_good(somebody); }).status,
              0);
    EXPECT_EQ(owner(mine), somebody);
    EXPECT_EQ(owner(linked), 0U);
    EXPECT_EQ(owner(elsewhere.path() / "secret"), 0U);
}

}  // namespace
}  // namespace turnpike
