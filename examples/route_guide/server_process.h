#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace routeguide {

// A server in a process of its own, that prints "port N" and ends when its standard input does. It
// ends with this object, and with this process however that ends.
class ServerProcess {
 public:
  static absl::StatusOr<std::unique_ptr<ServerProcess>> start(std::vector<std::string> command);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  // "127.0.0.1:N"
  const std::string& target() const { return target_; }

 private:
  ServerProcess(pid_t process, int input) : process_(process), input_(input) {}

  pid_t process_;
  int input_;
  std::string target_;
};

// A port of loopback that refuses connections for as long as this lives: bound, so that nobody else
// gets it, and never listened on.
class UnreachablePort {
 public:
  UnreachablePort();
  UnreachablePort(const UnreachablePort&) = delete;
  UnreachablePort& operator=(const UnreachablePort&) = delete;
  ~UnreachablePort();

  const std::string& target() const { return target_; }

 private:
  int socket_;
  std::string target_;
};

}  // namespace routeguide
