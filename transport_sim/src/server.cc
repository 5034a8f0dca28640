#include "weft/transport_sim/server.h"

#include <utility>
#include <vector>

#include "sim_call.h"
#include "sim_transport.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

Server::~Server() = default;

void Server::serve_program(std::string_view method, MakeProgram make) {
  methods_.insert_or_assign(std::string(method), std::move(make));
}

// One that is replaced is kept: calls may still play it.
void Server::script(std::string_view method, Script what) {
  auto script = std::make_unique<Script>(std::move(what));
  const Script* played = script.get();
  scripts_.push_back(std::move(script));
  serve_program(method, [played](PeerCall&) { return played->play(); });
}

std::unique_ptr<PeerProgram> Server::program_for(SimCall& call) {
  ++calls_seen_;
  call.next_of_server = std::exchange(calls_, &call);
  if (call.next_of_server != nullptr) call.next_of_server->previous_of_server = &call;
  const auto found = methods_.find(call.method());
  return found == methods_.end() ? nullptr : found->second(call);
}

const std::string& Server::method_name(std::string_view name) {
  const auto found = methods_.find(name);
  return found != methods_.end() ? found->first : world_.intern(name);
}

void Server::forget(SimCall& call) {
  (call.previous_of_server != nullptr ? call.previous_of_server->next_of_server : calls_) =
      call.next_of_server;
  if (call.next_of_server != nullptr) {
    call.next_of_server->previous_of_server = call.previous_of_server;
  }
}

void Server::enter(SimTransport& transport) {
  transport.next_of_server = std::exchange(transports_, &transport);
  if (transport.next_of_server != nullptr) {
    transport.next_of_server->previous_of_server = &transport;
  }
}

void Server::leave(SimTransport& transport) {
  (transport.previous_of_server != nullptr ? transport.previous_of_server->next_of_server
                                           : transports_) = transport.next_of_server;
  if (transport.next_of_server != nullptr) {
    transport.next_of_server->previous_of_server = transport.previous_of_server;
  }
}

void Server::stop() {
  listening_ = false;
  for (SimTransport* transport = transports_; transport != nullptr;
       transport = transport->next_of_server) {
    transport->lose_connection(WireCondition::connection_lost());
  }
}

void Server::go_away() {
  for (SimTransport* transport = transports_; transport != nullptr;
       transport = transport->next_of_server) {
    transport->go_away(false);
  }
}

void Server::abandon() {
  std::vector<SimCall*> all;
  for (SimCall* call = calls_; call != nullptr; call = call->next_of_server) all.push_back(call);
  for (SimCall* call : all) call->abandon_program();
}

}  // namespace weft::sim
