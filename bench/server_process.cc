#include "server_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "weft/transport/assert.h"

extern char** environ;

namespace weft::bench {
namespace {

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends;
  const int failed = ::pipe2(ends.data(), O_CLOEXEC);
  WEFT_ASSERT(failed == 0, errno);
  return ends;
}

// What follows "port " in the first line.
std::string read_port(int output) {
  constexpr std::string_view prefix = "port ";
  std::string line;
  for (char byte; ::read(output, &byte, 1) == 1 && byte != '\n';) line.push_back(byte);
  WEFT_ASSERT(line.starts_with(prefix), line);
  return line.substr(prefix.size());
}

}  // namespace

ServerProcess::ServerProcess() {
  const auto [child_input, input] = make_pipe();
  const auto [output, child_output] = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child_input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, child_output, STDOUT_FILENO);
  std::string program = WEFT_BENCH_SERVER;
  char* arguments[] = {program.data(), nullptr};
  const int error = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(child_input);
  ::close(child_output);
  WEFT_ASSERT(error == 0, error, program);
  input_ = input;
  target_ = "127.0.0.1:" + read_port(output);
  ::close(output);
}

ServerProcess::~ServerProcess() {
  ::close(input_);
  int status;
  ::waitpid(pid_, &status, 0);
}

}  // namespace weft::bench
