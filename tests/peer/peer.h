#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace weft::test {

// A server in a process of its own, on a port of loopback. It ends with this object, and with this
// process however that ends.
class Peer {
 public:
  // Any program that prints "port N" first and ends when its standard input does. `variables`
  // ("NAME=value") are added to its environment.
  static Peer start(std::vector<std::string> command, std::vector<std::string> variables = {});

  Peer(Peer&& other) noexcept;
  ~Peer();

  // "127.0.0.1:N"
  const std::string& target() const { return target_; }
  int port() const { return port_; }
  // Asks the server to end, within so many milliseconds; for servers that know how.
  void stop(int grace_ms);
  // Ends the server at once, as a crash would.
  void kill();

 private:
  Peer(pid_t pid, int input, int port);

  pid_t pid_;
  int input_;
  int port_;
  std::string target_;
};

// "127.0.0.1:N", where nobody listens.
std::string unreachable_target();

}  // namespace weft::test
