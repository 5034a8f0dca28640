// The RouteGuide server: plain gRPC C++, its callback API, nothing of Weft.
//
//   route_guide_server [--port N] [--places FILE]
//
// Prints "port N" when it listens on 127.0.0.1, and ends when its standard input does.
//
// The request metadata "slow-down-ms" makes GetFeature, and ListFeatures for every feature, wait
// that long before they answer; cancelling the call ends the wait.

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "places.h"
#include "route_guide.grpc.pb.h"

namespace routeguide {
namespace {

using Places = std::vector<Feature>;

const Feature* find_place(const Places& places, const Point& location) {
  const auto found = std::ranges::find_if(
      places, [&](const Feature& place) { return same_location(place.location(), location); });
  return found == places.end() ? nullptr : &*found;
}

// Corners may be given in any order.
bool contains(const Rectangle& area, const Point& point) {
  const auto [south, north] = std::minmax({area.lo().latitude(), area.hi().latitude()});
  const auto [west, east] = std::minmax({area.lo().longitude(), area.hi().longitude()});
  return south <= point.latitude() && point.latitude() <= north && west <= point.longitude() &&
         point.longitude() <= east;
}

// The haversine formula on a sphere of the Earth's mean radius.
double metres_between(const Point& from, const Point& to) {
  constexpr double radius_metres = 6371e3;
  constexpr double radians_per_degree = std::numbers::pi / 180;
  const double latitude1 = latitude_degrees(from) * radians_per_degree;
  const double latitude2 = latitude_degrees(to) * radians_per_degree;
  const double half_dlat = (latitude2 - latitude1) / 2;
  const double half_dlon =
      (longitude_degrees(to) - longitude_degrees(from)) * radians_per_degree / 2;
  const double a = std::pow(std::sin(half_dlat), 2) +
                   std::cos(latitude1) * std::cos(latitude2) * std::pow(std::sin(half_dlon), 2);
  return 2 * radius_metres * std::atan2(std::sqrt(a), std::sqrt(1 - a));
}

// The wait that a caller asked for, which a cancel cuts short.
class SlowDown {
 public:
  explicit SlowDown(const grpc::CallbackServerContext& context) {
    const auto found = context.client_metadata().find("slow-down-ms");
    if (found == context.client_metadata().end()) return;
    long count = 0;
    std::from_chars(found->second.begin(), found->second.end(), count);
    pause_ = std::chrono::milliseconds(std::clamp(count, 0L, 60'000L));
  }

  // Runs `next` after the wait: with true, or with false if the call was cancelled meanwhile.
  void then(std::function<void(bool)> next) {
    if (pause_.count() == 0) return next(true);
    std::unique_lock lock(mutex_);
    if (cancelled_) {
      lock.unlock();
      return next(false);
    }
    // A new alarm each time: the last one may still be on its way out of `next`.
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(std::chrono::system_clock::now() + pause_, std::move(next));
  }

  void cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (alarm_ != nullptr) alarm_->Cancel();
  }

 private:
  std::chrono::milliseconds pause_{0};
  std::mutex mutex_;
  bool cancelled_ = false;
  std::unique_ptr<grpc::Alarm> alarm_;
};

grpc::Status cancelled() {
  return grpc::Status(grpc::StatusCode::CANCELLED, "cancelled by the client");
}

class Lookup final : public grpc::ServerUnaryReactor {
 public:
  Lookup(const grpc::CallbackServerContext& context, const Places& places, const Point& location,
         Feature& answer)
      : slow_down_(context) {
    if (const Feature* place = find_place(places, location)) answer = *place;
    *answer.mutable_location() = location;
    slow_down_.then([this](bool waited) { Finish(waited ? grpc::Status::OK : cancelled()); });
  }
  void OnCancel() override { slow_down_.cancel(); }
  void OnDone() override { delete this; }

 private:
  SlowDown slow_down_;
};

class Listing final : public grpc::ServerWriteReactor<Feature> {
 public:
  Listing(const grpc::CallbackServerContext& context, const Places& places, Rectangle area)
      : slow_down_(context), area_(std::move(area)), next_(places.begin()), end_(places.end()) {
    write_next();
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(cancelled());
    write_next();
  }
  void OnCancel() override { slow_down_.cancel(); }
  void OnDone() override { delete this; }

 private:
  void write_next() {
    next_ = std::find_if(
        next_, end_, [this](const Feature& place) { return contains(area_, place.location()); });
    if (next_ == end_) return Finish(grpc::Status::OK);
    slow_down_.then([this](bool waited) {
      if (!waited) return Finish(cancelled());
      StartWrite(&*next_++);
    });
  }

  SlowDown slow_down_;
  const Rectangle area_;
  Places::const_iterator next_;
  const Places::const_iterator end_;
};

class Recording final : public grpc::ServerReadReactor<Point> {
 public:
  Recording(const Places& places, RouteSummary& summary) : places_(places), summary_(summary) {
    StartRead(&point_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return sum_up();
    if (find_place(places_, point_) != nullptr) ++feature_count_;
    if (++point_count_ == 1) {
      started_ = std::chrono::steady_clock::now();
    } else {
      metres_ += metres_between(last_, point_);
    }
    last_ = point_;
    StartRead(&point_);
  }
  void OnDone() override { delete this; }

 private:
  void sum_up() {
    if (point_count_ > 0) {
      const auto elapsed = std::chrono::steady_clock::now() - started_;
      summary_.set_elapsed_time(
          static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(elapsed).count()));
    }
    summary_.set_point_count(point_count_);
    summary_.set_feature_count(feature_count_);
    summary_.set_distance(static_cast<int>(std::lround(metres_)));
    Finish(grpc::Status::OK);
  }

  const Places& places_;
  RouteSummary& summary_;
  Point point_;
  Point last_;
  int point_count_ = 0;
  int feature_count_ = 0;
  double metres_ = 0;
  std::chrono::steady_clock::time_point started_;
};

// Every note of every chat.
class Notes {
 public:
  // Adds a note; gives those that were at its place before.
  std::vector<RouteNote> add(const RouteNote& note) {
    const std::lock_guard lock(mutex_);
    std::vector<RouteNote> earlier;
    std::ranges::copy_if(notes_, std::back_inserter(earlier), [&](const RouteNote& other) {
      return same_location(other.location(), note.location());
    });
    notes_.push_back(note);
    return earlier;
  }

 private:
  std::mutex mutex_;
  std::vector<RouteNote> notes_;
};

class Chat final : public grpc::ServerBidiReactor<RouteNote, RouteNote> {
 public:
  explicit Chat(Notes& notes) : notes_(notes) { StartRead(&note_); }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    answers_ = notes_.add(note_);
    next_ = 0;
    go_on();
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(cancelled());
    go_on();
  }
  void OnDone() override { delete this; }

 private:
  void go_on() {
    if (next_ < answers_.size()) {
      StartWrite(&answers_[next_++]);
    } else {
      StartRead(&note_);
    }
  }

  Notes& notes_;
  RouteNote note_;
  std::vector<RouteNote> answers_;
  std::size_t next_ = 0;
};

class Service final : public RouteGuide::CallbackService {
 public:
  explicit Service(Places places) : places_(std::move(places)) {}

  grpc::ServerUnaryReactor* GetFeature(grpc::CallbackServerContext* context, const Point* location,
                                       Feature* answer) override {
    return new Lookup(*context, places_, *location, *answer);
  }
  grpc::ServerWriteReactor<Feature>* ListFeatures(grpc::CallbackServerContext* context,
                                                  const Rectangle* area) override {
    return new Listing(*context, places_, *area);
  }
  grpc::ServerReadReactor<Point>* RecordRoute(grpc::CallbackServerContext*,
                                              RouteSummary* summary) override {
    return new Recording(places_, *summary);
  }
  grpc::ServerBidiReactor<RouteNote, RouteNote>* RouteChat(grpc::CallbackServerContext*) override {
    return new Chat(notes_);
  }

 private:
  const Places places_;
  Notes notes_;
};

int serve(const std::string& places_path, const std::string& wanted_port) {
  absl::StatusOr<Places> places = load_places(places_path);
  if (!places.ok()) {
    std::cerr << "route_guide_server: " << places.status() << '\n';
    return 1;
  }
  Service service(*std::move(places));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:" + wanted_port, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::cerr << "route_guide_server: cannot listen on port " << wanted_port << '\n';
    return 1;
  }
  std::printf("port %d\n", port);
  std::fflush(stdout);
  for (char byte; std::cin.get(byte);) {
  }
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace
}  // namespace routeguide

int main(int argc, char** argv) {
  std::string places = ROUTE_GUIDE_PLACES;
  std::string port = "0";
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (i + 1 < argc && option == "--places") {
      places = argv[i + 1];
    } else if (i + 1 < argc && option == "--port") {
      port = argv[i + 1];
    } else {
      std::cerr << "usage: route_guide_server [--port N] [--places FILE]\n";
      return 2;
    }
  }
  return routeguide::serve(places, port);
}
