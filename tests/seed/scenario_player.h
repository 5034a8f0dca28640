#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "observations.h"
#include "peer.h"
#include "played_call.h"
#include "weft/api/async_generator.h"
#include "weft/api/channel.h"
#include "weft/api/task_scope.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft::test {

// Where scenarios are played.
class Surroundings {
 public:
  Surroundings(std::string target, std::string nowhere, std::vector<std::string> command)
      : server_target(std::move(target)),
        unreachable_target(std::move(nowhere)),
        server_command(std::move(command)) {}

  std::string server_target;
  std::string unreachable_target;
  std::vector<std::string> server_command;
};

// Plays one scenario of scenarios.json with Weft: the twin of Player in aio_driver.py.
class ScenarioPlayer {
 public:
  ScenarioPlayer(const Json& scenario, const Surroundings& surroundings);
  ~ScenarioPlayer();

  // The observation of each step.
  Json play();

 private:
  using Step = Task<Json> (ScenarioPlayer::*)(Json arguments);
  // A step that runs beside the others.
  class Background {
   public:
    explicit Background(EventLoop& loop) : scope(loop) {}
    Json result = "cancelled";
    TaskScope scope;
  };

  static const std::map<std::string, Step, std::less<>>& steps();
  Task<Json> play_all();
  Task<Json> step(Json what);
  Task<> let_things_happen();
  Task<> run_into(Background& background, Json what);
  AsyncGenerator<EchoRequest> source(Json what);
  CallOptions options() const;
  std::unique_ptr<PlayedCall> make_call();
  const Call& call() const { return call_->call(); }
  void add_callback(std::string name, std::string action);

  Task<Json> open(Json);
  Task<Json> response(Json) { return call_->response(); }
  Task<Json> read(Json) { return call_->read(); }
  Task<Json> next(Json) { return call_->next(); }
  Task<Json> iterate_again(Json);
  Task<Json> write(Json arguments) { return call_->write(request_of(arguments.at(0))); }
  Task<Json> done_writing(Json) { return call_->done_writing(); }
  Task<Json> wait_for_connection(Json);
  Task<Json> cancel(Json);
  Task<Json> drop(Json);

  Task<Json> done(Json);
  Task<Json> cancelled(Json);
  Task<Json> code(Json);
  Task<Json> details(Json);
  Task<Json> initial_metadata(Json);
  Task<Json> trailing_metadata(Json);
  Task<Json> debug_string(Json);
  Task<Json> time_remaining(Json);
  Task<Json> text(Json);
  Task<Json> error(Json);
  Task<Json> callback(Json arguments);
  Task<Json> callbacks(Json);
  Task<Json> wait_for_callback(Json);
  Task<Json> pulled(Json);

  Task<Json> start(Json arguments);
  Task<Json> pending(Json arguments);
  Task<Json> join(Json arguments);
  Task<Json> cancel_task(Json arguments);

  Task<Json> end_at_server(Json);
  Task<Json> stop_server(Json);
  Task<Json> close(Json arguments);
  Task<Json> channel_state(Json);
  Task<Json> channel_ready(Json);

  Json scenario_;
  std::string name_;
  std::optional<Peer> server_;
  GrpcEventLoop loop_;
  std::optional<Channel> channel_;
  std::unique_ptr<PlayedCall> call_;
  std::vector<std::string> callbacks_;
  int pulled_ = 0;
  std::map<std::string, std::unique_ptr<Background>> backgrounds_;
};

}  // namespace weft::test
