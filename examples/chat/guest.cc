#include "guest.h"

#include <utility>

#include "weft/api/when_any.h"

namespace chat {

// [stay]
weft::Task<absl::Status> Guest::stay(weft::AsyncGenerator<std::string> words,
                                     std::function<void(const Line&)> heard) {
  auto both = weft::when_any(listen(heard), speak(std::move(words)));
  const auto first = co_await std::move(both);
  if (first.index() == 1) {  // all is said; what was about to be heard is not lost
    auto rest = listen(heard);
    co_await std::move(rest);
  }
  co_return co_await call_.status();
}

weft::Task<> Guest::speak(weft::AsyncGenerator<std::string> words) const {
  while (std::optional<std::string> text = co_await words.next()) {
    Line line;
    line.set_from(name_);
    line.set_text(*text);
    const absl::Status written = co_await call_.write(line);
    if (!written.ok()) co_return;  // the call is over; its status says why
  }
  (void)co_await call_.done_writing();
}

weft::Task<> Guest::listen(std::function<void(const Line&)> heard) const {
  while (auto line = co_await call_.read()) heard(*line);
}
// [/stay]

}  // namespace chat
