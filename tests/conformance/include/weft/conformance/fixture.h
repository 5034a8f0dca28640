#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weft/conformance/check.h"
#include "weft/conformance/site.h"
#include "weft/transport/transport.h"

namespace weft::conformance {

// A check that is known to fail here, and why.
class ExpectedFailure {
 public:
  // One that fails in every run, or one whose failure is a race and that may also pass.
  enum class When { always, sometimes };

  ExpectedFailure(std::string check_name, std::string broken_rule, std::string why,
                  When when_it_fails = When::always)
      : check(std::move(check_name)),
        rule(std::move(broken_rule)),
        reason(std::move(why)),
        when(when_it_fails) {}

  std::string check;  // "C049_..."
  std::string rule;   // "T15"
  std::string reason;
  When when;
};

// A transport under test, and what stands around it. Whoever writes a transport derives from this;
// docs/writing_a_transport.md has an example.
class Fixture {
 public:
  virtual ~Fixture() = default;

  // For people.
  virtual std::string name() const = 0;
  // What the transports that it makes declare (T09).
  virtual Capabilities capabilities() = 0;

  // Why this fixture cannot give what a check needs; nothing if it can. Asked for the needs that
  // the capabilities do not answer. By default it gives none of them.
  virtual std::optional<std::string> lacks(Need need) = 0;

  // Runs the check as often as it takes, with a site for every run. A failure of the check is a
  // failure of the running GoogleTest test; so is a check that does not end.
  virtual void run(const Check& check) = 0;

  virtual std::vector<ExpectedFailure> expected_failures() const { return {}; }
};

// The coroutine that a fixture has to run, once for each site: the check, and then the wait until
// every operation that it started has completed (T05). In `real_time` it does much at a time;
// otherwise little, because every order of it is tried.
Task<> play(const Check& check, Site& site, bool real_time);

// For loops in real time: runs `loop` until `task` is done. False if it was not within `limit`; it
// is destroyed then.
bool run_within(EventLoop& loop, Task<> task, absl::Duration limit);

}  // namespace weft::conformance
