#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weft/transport_sim/report.h"
#include "weft/transport_sim/schedule.h"

namespace weft::sim::detail {

// The state of a search in a file, and back. One description serves both directions: a class says
// what it consists of in
//
//   template <class Archive>
//   void archive(Archive& archive) { archive(first_, second_); }
//
// and an archive goes through it: numbers, text, containers and such classes. Numbers are
// stored as this machine has them: a file is read by the binary that wrote it.

template <class Archive>
void archive_parts(Archive& archive, Deviation& deviation) {
  archive(deviation.decision, deviation.choice, deviation.label_hash);
}
template <class Archive>
void archive_parts(Archive& archive, Outcome& outcome) {
  archive(outcome.count, outcome.example, outcome.schedule);
}

class Archive {
 public:
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  template <class... Parts>
  void operator()(Parts&... parts) {
    (part(parts), ...);
  }
  // Whether there was room, or content, for all so far.
  bool ok() const { return ok_; }

 protected:
  Archive() = default;
  ~Archive() = default;

  bool ok_ = true;

 private:
  // From where they are to the file, or the other way.
  virtual void bytes(void* data, std::size_t count) = 0;
  // How many elements something has in the file; it has `now` of them.
  virtual std::uint64_t size(std::uint64_t now) = 0;

  template <class Part>
  void part(Part& value) {
    if constexpr (std::is_arithmetic_v<Part> || std::is_enum_v<Part>) {
      bytes(&value, sizeof value);
    } else if constexpr (requires { value.archive(*this); }) {
      value.archive(*this);
    } else {
      archive_parts(*this, value);
    }
  }
  void part(std::string& text) {
    text.resize(size(text.size()));
    bytes(text.data(), text.size());
  }
  template <class Item>
  void part(std::vector<Item>& items) {
    items.resize(size(items.size()));
    for (Item& item : items) part(item);
  }
  // Is empty before it is loaded.
  template <class Value>
  void part(std::map<std::string, Value>& items) {
    std::vector<std::string> names;
    for (const auto& [name, value] : items) names.push_back(name);
    part(names);
    for (const std::string& name : names) part(items[name]);
  }
};

class SavingArchive final : public Archive {
 public:
  explicit SavingArchive(std::FILE* file) : file_(file) {}

  // Of all bytes so far.
  std::uint64_t checksum() const { return checksum_; }

  static std::uint64_t fold(std::uint64_t checksum, const void* bytes, std::size_t count);
  static constexpr std::uint64_t empty_checksum = 0xcbf29ce484222325u;

 private:
  void bytes(void* data, std::size_t count) override;
  std::uint64_t size(std::uint64_t now) override;

  std::FILE* file_;
  std::uint64_t checksum_ = empty_checksum;
};

// Of a file whose checksum was found to be right; what is missing all the same reads as zero.
class LoadingArchive final : public Archive {
 public:
  explicit LoadingArchive(std::FILE* file, std::uint64_t size) : file_(file), left_(size) {}

  std::uint64_t left() const { return left_; }

 private:
  void bytes(void* data, std::size_t count) override;
  // Of something of which each element has a byte at least.
  std::uint64_t size(std::uint64_t now) override;

  std::FILE* file_;
  std::uint64_t left_;
};

}  // namespace weft::sim::detail
