#pragma once

#include <string>

namespace weft::test {

// A certificate authority, a server certificate for "localhost" and a client certificate, made
// freshly with the openssl command in a directory that goes with this object.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  const std::string& directory() const { return directory_; }
  std::string read(const std::string& name) const;

 private:
  std::string directory_;
};

}  // namespace weft::test
