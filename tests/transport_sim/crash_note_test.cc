// However a process dies, it says which schedule it was running, and leaves it in a file.

#include "weft/transport_sim/detail/crash_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

namespace weft::sim::detail {
namespace {

using testing::StartsWith;

constexpr const char* both_lines =
    "weft: crashed in Suite\\.Name while running schedule w1~abcd\n"
    "weft: replay it with: \\./t --sim_replay=w1~abcd\n";

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

class CrashNotes : public testing::Test {
 protected:
  // A process that is to die starts this test anew, and shall use the folder that its parent
  // clears.
  static constexpr const char* folder_variable = "WEFT_CRASH_NOTE_TEST_FOLDER";

  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    if (const char* of_parent = getenv(folder_variable); of_parent != nullptr) {
      folder_ = of_parent;
    } else {
      ASSERT_NE(mkdtemp(folder_.data()), nullptr);
      setenv(folder_variable, folder_.c_str(), 1);
    }
    path_ = folder_ + "/note";
    other_path_ = folder_ + "/other";
  }
  void TearDown() override {
    unsetenv(folder_variable);
    unlink(path_.c_str());
    unlink(other_path_.c_str());
    EXPECT_EQ(rmdir(folder_.c_str()), 0) << folder_;
  }

  std::unique_ptr<CrashNote> make(const char* token = "w1~abcd") const {
    auto note = std::make_unique<CrashNote>(path_, "Suite.Name", "./t --sim_replay=");
    std::strcpy(note->token_buffer(), token);
    return note;
  }

  std::string folder_ = testing::TempDir() + "crash_note_XXXXXX";
  std::string path_;
  std::string other_path_;
};

using CrashNotesDeathTest = CrashNotes;

TEST_F(CrashNotes, KeepsTheTestAndTheTokenInItsFile) {
  const auto note = make();
  ASSERT_TRUE(note->has_file());
  EXPECT_THAT(read(path_), StartsWith(std::string("Suite.Name\nw1~abcd\0", 19)));
  std::strcpy(note->token_buffer(), "w1~e");
  EXPECT_THAT(read(path_), StartsWith(std::string("Suite.Name\nw1~e\0", 16)));
}

TEST_F(CrashNotes, RemovesItsFileAtANormalEnd) {
  auto note = make();
  EXPECT_TRUE(exists(path_));
  note.reset();
  EXPECT_FALSE(exists(path_));
}

TEST_F(CrashNotes, KeepsItsFileToItself) {
  const auto note = make();
  struct stat status = {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(CrashNotes, OverwritesWhatAFormerCrashLeft) {
  std::ofstream(path_) << std::string(10'000, 'x');
  const auto note = make("");
  EXPECT_THAT(read(path_), StartsWith(std::string("Suite.Name\n\0", 12)));
}

TEST_F(CrashNotes, DoesWithoutAFileThatCannotBeMade) {
  CrashNote note(folder_ + "/no/such/folder", "Suite.Name", "");
  EXPECT_FALSE(note.has_file());
  EXPECT_STREQ(note.token_buffer(), "");
  std::memset(note.token_buffer(), 'x', CrashNote::token_capacity - 1);
}

TEST_F(CrashNotesDeathTest, SaysNothingWhenNoNoteIsLeft) {
  // A sanitizer says what it has to say of the signal.
  EXPECT_DEATH(
      {
        make().reset();
        raise(SIGSEGV);
      },
      testing::Not(testing::HasSubstr("crashed in")));
}

TEST_F(CrashNotesDeathTest, SayTheTokenOnEverySignalOfACrash) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    EXPECT_DEATH(
        {
          const auto note = make();
          raise(signal);
        },
        both_lines)
        << strsignal(signal);
  }
}

TEST_F(CrashNotesDeathTest, SayTheTokenWhenTheProgramAborts) {
  EXPECT_EXIT(
      {
        const auto note = make();
        std::abort();
      },
      testing::KilledBySignal(SIGABRT), both_lines);
}

TEST_F(CrashNotesDeathTest, SayTheTokenOfABadAccess) {
  EXPECT_DEATH(
      {
        const auto note = make();
        int* volatile nowhere = nullptr;
        *nowhere = 1;
      },
      both_lines);
}

// The frames fill the stack: an index that is not constant keeps them whole.
int recurse(int depth) {
  volatile char frame[4096];
  frame[depth & 4095] = static_cast<char>(depth);
  return depth < 0 ? 0 : recurse(depth + 1) + frame[depth & 4095];
}

TEST_F(CrashNotesDeathTest, SayTheTokenWhenTheStackIsFull) {
  EXPECT_DEATH(
      {
        const auto note = make();
        std::exit(recurse(0));
      },
      both_lines);
}

TEST_F(CrashNotesDeathTest, SayItOnce) {
  EXPECT_EXIT(
      {
        signal(SIGFPE, [](int) { std::abort(); });
        const auto note = make();
        raise(SIGFPE);
      },
      testing::KilledBySignal(SIGABRT), std::string("^") + both_lines + "$");
}

TEST_F(CrashNotesDeathTest, LeaveTheFileBehind) {
  EXPECT_EXIT(
      {
        const auto note = make();
        raise(SIGKILL);
      },
      testing::KilledBySignal(SIGKILL), "^$");
  EXPECT_THAT(read(path_), StartsWith(std::string("Suite.Name\nw1~abcd\0", 19)));
}

TEST_F(CrashNotesDeathTest, SayNothingWhileNothingRuns) {
  EXPECT_EXIT(
      {
        const auto note = make("");
        std::abort();
      },
      testing::KilledBySignal(SIGABRT), "^$");
}

TEST_F(CrashNotesDeathTest, HandTheSignalOnToWhoHadItBefore) {
  EXPECT_EXIT(
      {
        signal(SIGFPE, [](int) { _exit(7); });
        const auto note = make();
        raise(SIGFPE);
      },
      testing::ExitedWithCode(7), both_lines);
}

TEST_F(CrashNotesDeathTest, TellOfTheThreadThatCrashes) {
  EXPECT_DEATH(
      {
        const auto note = make();
        std::thread([this] {
          CrashNote other(other_path_, "Other", "");
          std::strcpy(other.token_buffer(), "w1~other");
          raise(SIGSEGV);
        }).join();
      },
      "weft: crashed in Other while running schedule w1~other\n");
}

TEST_F(CrashNotesDeathTest, TellOfTheNewestWhenAnotherThreadCrashes) {
  EXPECT_DEATH(
      {
        const auto note = make();
        std::thread([] { std::abort(); }).join();
      },
      both_lines);
}

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_TEST_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_TEST_HAS_ASAN 1
#endif
#endif

#ifdef WEFT_TEST_HAS_ASAN
TEST_F(CrashNotesDeathTest, SayTheTokenWhenASanitizerEndsTheProcess) {
  EXPECT_DEATH(
      {
        const auto note = make();
        auto byte = std::make_unique<char>('x');
        char* volatile dangling = byte.get();
        byte.reset();
        *dangling = 'y';
      },
      both_lines);
}
#endif

}  // namespace
}  // namespace weft::sim::detail
