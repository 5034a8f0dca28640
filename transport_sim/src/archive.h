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
// and both archives below go through it: numbers, text, containers and such classes. Numbers are
// stored as this machine has them: a file is read by the binary that wrote it.

template <class Archive>
void archive_parts(Archive& archive, Deviation& deviation) {
  archive(deviation.decision, deviation.choice, deviation.label_hash);
}
template <class Archive>
void archive_parts(Archive& archive, Outcome& outcome) {
  archive(outcome.count, outcome.example, outcome.schedule);
}

class SavingArchive {
 public:
  explicit SavingArchive(std::FILE* file) : file_(file) {}

  template <class... Parts>
  void operator()(Parts&... parts) {
    (part(parts), ...);
  }
  // Whether all of it was written so far.
  bool ok() const { return ok_; }
  // Of all bytes so far.
  std::uint64_t checksum() const { return checksum_; }

  static std::uint64_t fold(std::uint64_t checksum, const void* bytes, std::size_t count);
  static constexpr std::uint64_t empty_checksum = 0xcbf29ce484222325u;

 private:
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
    std::uint64_t size = text.size();
    part(size);
    bytes(text.data(), text.size());
  }
  template <class Item>
  void part(std::vector<Item>& items) {
    std::uint64_t size = items.size();
    part(size);
    for (Item& item : items) part(item);
  }
  template <class Value>
  void part(std::map<std::string, Value>& items) {
    std::uint64_t size = items.size();
    part(size);
    for (auto& [key, value] : items) {
      std::string name = key;
      part(name);
      part(value);
    }
  }
  void bytes(const void* data, std::size_t count);

  std::FILE* file_;
  std::uint64_t checksum_ = empty_checksum;
  bool ok_ = true;
};

// Of a file whose checksum was found to be right; what is missing all the same reads as zero.
class LoadingArchive {
 public:
  explicit LoadingArchive(std::FILE* file, std::uint64_t size) : file_(file), left_(size) {}

  template <class... Parts>
  void operator()(Parts&... parts) {
    (part(parts), ...);
  }
  bool ok() const { return ok_; }
  std::uint64_t left() const { return left_; }

 private:
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
    text.assign(size(), '\0');
    bytes(text.data(), text.size());
  }
  template <class Item>
  void part(std::vector<Item>& items) {
    items.resize(size());
    for (Item& item : items) part(item);
  }
  template <class Value>
  void part(std::map<std::string, Value>& items) {
    items.clear();
    for (std::uint64_t i = size(); i > 0; --i) {
      std::string name;
      part(name);
      part(items[name]);
    }
  }
  // Of something of which each element has a byte at least.
  std::uint64_t size();
  void bytes(void* data, std::size_t count);

  std::FILE* file_;
  std::uint64_t left_;
  bool ok_ = true;
};

}  // namespace weft::sim::detail
