#pragma once

#include <string>

namespace weft::test {

// A port of loopback that is given to nobody who asks for any: where nobody listens, unless a
// server is told to. Whoever connects meanwhile is refused.
class ReservedPort {
 public:
  ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  ~ReservedPort();

  int number() const { return number_; }
  // "127.0.0.1:N"
  std::string target() const { return "127.0.0.1:" + std::to_string(number_); }

 private:
  int socket_;
  int number_;
};

}  // namespace weft::test
