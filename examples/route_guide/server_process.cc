#include "server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

extern char** environ;

namespace routeguide {
namespace {

// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  void set(int number) { number_ = number; }
  int release() {
    const int number = number_;
    number_ = -1;
    return number;
  }

 private:
  int number_ = -1;
};

absl::Status failure(const std::string& what, int error) {
  return absl::InternalError(what + ": " + std::generic_category().message(error));
}

absl::Status make_pipe(Descriptor& read_end, Descriptor& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure("pipe2", errno);
  read_end.set(ends[0]);
  write_end.set(ends[1]);
  return absl::OkStatus();
}

std::string read_line(int descriptor) {
  std::string line;
  for (char byte; ::read(descriptor, &byte, 1) == 1 && byte != '\n';) line.push_back(byte);
  return line;
}

// With its standard input and output at the given pipe ends. Zero, or an errno.
int spawn(std::vector<std::string>& command, int input, int output, pid_t& process) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  const int error =
      ::posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::string loopback(int port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::start(
    std::vector<std::string> command) {
  Descriptor input;
  Descriptor child_input;
  if (absl::Status made = make_pipe(child_input, input); !made.ok()) return made;
  Descriptor output;
  std::unique_ptr<ServerProcess> server;
  {
    Descriptor child_output;
    if (absl::Status made = make_pipe(output, child_output); !made.ok()) return made;
    pid_t process = 0;
    const int error = spawn(command, child_input.get(), child_output.get(), process);
    if (error != 0) return failure("cannot start " + command.front(), error);
    server.reset(new ServerProcess(process, input.release()));
  }  // Only the child holds its output now, so that its end shows.
  const std::string line = read_line(output.get());
  if (!line.starts_with("port ")) {
    return absl::InternalError(command.front() + " did not say its port");
  }
  server->target_ = loopback(std::stoi(line.substr(5)));
  return server;
}

ServerProcess::~ServerProcess() {
  ::close(input_);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
}

UnreachablePort::UnreachablePort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (socket_ < 0 || ::bind(socket_, generic, size) != 0 ||
      ::getsockname(socket_, generic, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot reserve a port");
  }
  target_ = loopback(ntohs(address.sin_port));
}

UnreachablePort::~UnreachablePort() {
  ::close(socket_);
}

}  // namespace routeguide
