#pragma once

#include <pthread.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace weft::sim::detail {

// Keeps the token of the running schedule where a crash cannot lose it, and says it on the way
// down:
//
//   weft: crashed in <test> while running schedule <token>
//   weft: replay it with: <command><token>
//
// This goes to standard error, once a process, on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT (so
// also std::terminate, a failed assertion, a watchdog), and when a sanitizer ends the process. Then
// the crash takes its course: what handled the signal before handles it.
//
// The token is also in a file, for crashes that run no handler (SIGKILL, _exit): a line with the
// test's name, the token, and zeros. The destructor removes the file, so it is there only after a
// crash.
//
// A note tells of the thread that made it. A crash on a thread without a note is told of the newest
// note. The first note installs signal handlers and the sanitizers' one death callback, for good:
// while no note lives they say nothing. A handler that is installed later replaces ours.
class CrashNote {
 public:
  // The space for a token and its terminating zero.
  static constexpr std::size_t token_capacity = 4096;

  // `path` must be this process's and this note's alone; a file that a former crash left there is
  // overwritten. Where none can be made, the note does without. `test` is one line.
  CrashNote(const std::string& path, std::string_view test, std::string_view command);
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;
  // On the thread that made it.
  ~CrashNote();

  // Zero-terminated text, `token_capacity` bytes, yours to change in place at any time; a crash in
  // the midst of a change shows it half done. Empty, as at first, means that nothing is running:
  // then a crash is none of our business and nothing is said.
  char* token_buffer() noexcept { return token_; }

  // Whether the token is kept in the file.
  bool has_file() const noexcept { return has_file_; }

 private:
  class Handlers;

  void map_file();

  const std::string path_;
  const std::string test_;
  const std::string command_;
  const pthread_t thread_;
  std::size_t mapped_bytes_ = 0;
  char* mapping_ = nullptr;         // of the file
  std::unique_ptr<char[]> memory_;  // without a file
  char* token_ = nullptr;
  bool has_file_ = false;
  const CrashNote* older_ = nullptr;
};

}  // namespace weft::sim::detail
