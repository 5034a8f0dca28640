#pragma once

#include <string>

#include "weft/api/channel.h"
#include "weft/api/task_scope.h"

constexpr weft::UnaryUnaryMethod<std::string, std::string> find("/shop.Search/Find");

// A box to type into, which searches at every key and shows what was found.
class HastySearchBox {
 public:
  explicit HastySearchBox(weft::Channel& channel) : channel_(channel), searches_(channel.loop()) {}

  void typed(const std::string& text) { searches_.spawn(search(text)); }
  const std::string& shown() const { return shown_; }
  // Awaits that no search runs.
  auto idle() { return searches_.join(); }

 protected:
  void stop_searching() { searches_.cancel("something else was typed"); }

 private:
  weft::Task<> search(std::string text);

  weft::Channel& channel_;
  std::string shown_;
  weft::TaskScope searches_;
};

// [mended]
class SearchBox : public HastySearchBox {
 public:
  using HastySearchBox::HastySearchBox;

  void typed(const std::string& text) {
    stop_searching();
    HastySearchBox::typed(text);
  }
};
// [/mended]
