#pragma once

#include <sys/types.h>

#include <string>

namespace weft::bench {

// The benchmarks' server in a process of its own, on a port of loopback. It ends with this object,
// and with this process however that ends.
class ServerProcess {
 public:
  ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  // "127.0.0.1:N"
  const std::string& target() const { return target_; }

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  std::string target_;
};

}  // namespace weft::bench
