#include "peer.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "reserved_port.h"
#include "weft/transport/assert.h"

extern char** environ;

namespace weft::test {
namespace {

// This process's environment and `more`. What is preloaded is for this process alone.
std::vector<std::string> environment(const std::vector<std::string>& more) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!text.starts_with("LD_PRELOAD=")) variables.emplace_back(text);
  }
  variables.insert(variables.end(), more.begin(), more.end());
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends;
  const int failed = ::pipe2(ends.data(), O_CLOEXEC);
  WEFT_ASSERT(failed == 0, errno);
  return ends;
}

// The number after "port " in the first line.
int read_port(int output) {
  std::string line;
  for (char byte; ::read(output, &byte, 1) == 1 && byte != '\n';) line.push_back(byte);
  WEFT_ASSERT(line.starts_with("port "), line);
  return std::atoi(line.c_str() + 5);
}

}  // namespace

Peer Peer::start(std::vector<std::string> command, std::vector<std::string> variables) {
  const auto [child_input, input] = make_pipe();
  const auto [output, child_output] = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child_input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, child_output, STDOUT_FILENO);
  std::vector<std::string> all_variables = environment(variables);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, command.front().c_str(), &actions, nullptr,
                                  pointers(command).data(), pointers(all_variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(child_input);
  ::close(child_output);
  WEFT_ASSERT(error == 0, error, command.front());
  const int port = read_port(output);
  ::close(output);
  return Peer(pid, input, port);
}

Peer::Peer(pid_t pid, int input, int port)
    : pid_(pid), input_(input), port_(port), target_("127.0.0.1:" + std::to_string(port)) {}

Peer::Peer(Peer&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      input_(std::exchange(other.input_, -1)),
      port_(other.port_),
      target_(std::move(other.target_)) {}

Peer::~Peer() {
  kill();
}

void Peer::stop(int grace_ms) {
  const std::string text = std::to_string(grace_ms);
  const ssize_t written = ::write(input_, text.data(), text.size());
  WEFT_ASSERT(written == static_cast<ssize_t>(text.size()), errno);
  ::close(std::exchange(input_, -1));
}

void Peer::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  int status;
  ::waitpid(pid_, &status, 0);
  if (input_ != -1) ::close(input_);
  pid_ = 0;
}

std::string unreachable_target() {
  static const ReservedPort nobodys;
  return nobodys.target();
}

}  // namespace weft::test
