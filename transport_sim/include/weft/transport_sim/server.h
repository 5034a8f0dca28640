#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "weft/transport/recycled.h"
#include "weft/transport/stream_options.h"
#include "weft/transport_sim/detail/footprint.h"
#include "weft/transport_sim/detail/handler_program.h"
#include "weft/transport_sim/peer_call.h"
#include "weft/transport_sim/script.h"

namespace weft::sim {

class SimTransport;
class SimCall;

// A server of the simulated world: what answers the calls of every transport to its name.
//
//   world.server().serve(list_features, [](const Rectangle& area, auto& call) -> Task<absl::Status>
//   {
//     for (const Feature& feature : features_in(area)) co_await call.write(feature);
//     co_return absl::OkStatus();
//   });
//
// It answers methods that it does not know with UNIMPLEMENTED (T85). Its handlers run as steps of
// the world, on the same thread as everything else.
class Server : public Recycled {
 public:
  // Servers are made by World::server.
  Server(World& world, std::string name, std::uint32_t number)
      : world_(world), name_(std::move(name)), number_(number) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Answers calls of `method` (a weft::MethodDescriptor, or anything alike) with `handler`, which
  // is called with what its kind needs, and with the call if it takes one:
  //   unary_unary    handler(request[, call])   gives a StatusOr<Response>
  //   unary_stream   handler(request, call)     gives a Status, having written to the call
  //   stream_unary   handler(call)              gives a StatusOr<Response>, having read from it
  //   stream_stream  handler(call)              gives a Status
  // at once or as something to be awaited, such as a weft::Task. `call` is a ServerCall. An
  // exception ends the call with UNKNOWN, a request that does not parse with INTERNAL.
  template <class Method, class Handler>
  void serve(const Method& method, Handler handler) {
    serve_program(method.full_name(),
                  [kept = make_recycled<Handler>(std::move(handler))](
                      PeerCall&) -> std::unique_ptr<PeerProgram> {
                    return std::make_unique<detail::HandlerProgram<Method, Handler>>(*kept);
                  });
  }
  // The same, frame by frame.
  void script(std::string_view method, Script script);
  template <class Method>
    requires requires(const Method& method) { method.full_name(); }
  void script(const Method& method, Script what) {
    script(method.full_name(), std::move(what));
  }

  // The general form: a program for each call. `make` lives as long as the server, even if another
  // one takes its place.
  using MakeProgram = absl::AnyInvocable<std::unique_ptr<PeerProgram>(PeerCall&)>;
  void serve_program(std::string_view method, MakeProgram make);

  // Says of the handlers that follow that those of different calls share nothing but Shared
  // objects; see isolated().
  void isolate_handlers() { isolates_handlers_ = true; }
  bool isolates_handlers() const { return isolates_handlers_; }

  // Calls whose messages are compressed so end with UNIMPLEMENTED (B470).
  void refuse(Compression algorithm);
  bool refuses(Compression algorithm) const { return refused_.contains(algorithm); }

  // As every gRPC server it ends calls at their deadlines, if they have reached it, so that either
  // side may be the one that reports DEADLINE_EXCEEDED (B229), and its handlers may be cancelled
  // first. Without, only clients look at the clock: fewer orders, when these are not the point.
  void keep_deadlines(bool on) { keeps_deadlines_ = on; }
  bool keeps_deadlines() const { return keeps_deadlines_; }

  // Nobody listens any more, and every connection is lost, now.
  void stop();
  // Listens again. Connections come back as clients try.
  void start();
  // Goes away in order: connected clients are told, their calls go on, new ones take a new
  // connection (F32).
  void go_away();
  bool listening() const;

  const std::string& name() const { return name_; }
  // Calls that reached it.
  std::size_t calls_seen() const;

  // For World: programs that still run are destroyed.
  void abandon();

 private:
  friend SimTransport;
  friend SimCall;

  void touch(detail::Access access) const;
  void add_method(std::string_view method, MakeProgram make);
  // Null for a method that nobody serves.
  std::unique_ptr<PeerProgram> program_for(SimCall& call);
  void forget(SimCall& call);
  // The same text, for as long as the world lives.
  std::string_view method_name(std::string_view name);
  void enter(SimTransport& transport);
  void leave(SimTransport& transport);

  World& world_;
  std::string name_;
  std::uint32_t number_;
  bool isolates_handlers_ = false;
  bool listening_ = true;
  bool keeps_deadlines_ = true;
  std::set<Compression> refused_;
  std::size_t calls_seen_ = 0;
  using MethodName = std::basic_string<char, std::char_traits<char>, RecyclingAllocator<char>>;
  using Methods = std::map<MethodName, MakeProgram, std::less<>,
                           RecyclingAllocator<std::pair<const MethodName, MakeProgram>>>;
  Methods methods_;
  Methods::value_type* last_called_ = nullptr;
  std::vector<MakeProgram> replaced_;  // their programs may still run
  std::vector<std::unique_ptr<Script>> scripts_;
  SimTransport* transports_ = nullptr;
  SimCall* calls_ = nullptr;
};

}  // namespace weft::sim
