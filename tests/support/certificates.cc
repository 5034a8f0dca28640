#include "certificates.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "weft/transport/assert.h"

namespace weft::test {
namespace {

void run(const std::string& command) {
  const int status = std::system((command + " 2>/dev/null").c_str());
  WEFT_ASSERT(status == 0, status, command);
}

void make_certificate(const std::string& in, const std::string& name, const std::string& subject) {
  run("openssl req -newkey rsa:2048 -nodes -subj " + subject + " -keyout " + in + name +
      ".key -out " + in + name + ".csr");
  run("openssl x509 -req -days 2 -in " + in + name + ".csr -CA " + in + "ca.pem -CAkey " + in +
      "ca.key -CAcreateserial -extfile " + in + "names -out " + in + name + ".pem");
}

}  // namespace

Certificates::Certificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "weft-XXXXXX").string();
  const char* made = ::mkdtemp(pattern.data());
  WEFT_ASSERT(made != nullptr, pattern);
  directory_ = made;
  const std::string in = directory_ + "/";
  std::ofstream(in + "names") << "subjectAltName=DNS:localhost\n";
  run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=weft-test-ca -keyout " + in +
      "ca.key -out " + in + "ca.pem");
  make_certificate(in, "server", "/CN=localhost");
  make_certificate(in, "client", "/CN=client");
}

Certificates::~Certificates() {
  std::filesystem::remove_all(directory_);
}

std::string Certificates::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(directory_ + "/" + name).rdbuf();
  return text.str();
}

}  // namespace weft::test
