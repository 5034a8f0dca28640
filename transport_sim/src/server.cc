#include "weft/transport_sim/server.h"

#include <utility>
#include <vector>

#include "sim_call.h"
#include "sim_transport.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

Server::~Server() = default;

// Whatever only adds to the server reads it; whoever can tell what was added writes it.
void Server::touch(detail::Access access) const {
  world_.touch(detail::ObjectKind::server, number_, access);
}

void Server::refuse(Compression algorithm) {
  touch(detail::Access::write);
  refused_.insert(algorithm);
}

void Server::start() {
  touch(detail::Access::write);
  listening_ = true;
}

bool Server::listening() const {
  touch(detail::Access::read);
  return listening_;
}

std::size_t Server::calls_seen() const {
  touch(detail::Access::write);
  return calls_seen_;
}

void Server::serve_program(std::string_view method, MakeProgram make) {
  if (!isolates_handlers_) world_.note_crossing();
  add_method(method, std::move(make));
}

void Server::add_method(std::string_view method, MakeProgram make) {
  touch(detail::Access::write);
  const auto [served, added] = methods_.try_emplace(MethodName(method));
  if (!added) replaced_.push_back(std::move(served->second));
  served->second = std::move(make);
}

void Server::script(std::string_view method, Script what) {
  auto script = std::make_unique<Script>(std::move(what));
  const Script* played = script.get();
  scripts_.push_back(std::move(script));
  add_method(method, [played](PeerCall&) { return played->play(); });
}

std::unique_ptr<PeerProgram> Server::program_for(SimCall& call) {
  touch(detail::Access::read);
  ++calls_seen_;
  call.next_of_server = std::exchange(calls_, &call);
  if (call.next_of_server != nullptr) call.next_of_server->previous_of_server = &call;
  const std::string_view method = call.method();
  if (last_called_ != nullptr && last_called_->first.data() == method.data()) {
    return last_called_->second(call);
  }
  const auto found = methods_.find(method);
  return found == methods_.end() ? nullptr : found->second(call);
}

std::string_view Server::method_name(std::string_view name) {
  if (last_called_ != nullptr && last_called_->first == name) return last_called_->first;
  const auto found = methods_.find(name);
  if (found == methods_.end()) return world_.intern(name);
  last_called_ = &*found;
  return found->first;
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
  touch(detail::Access::write);
  listening_ = false;
  for (SimTransport* transport = transports_; transport != nullptr;
       transport = transport->next_of_server) {
    transport->lose_connection(WireCondition::connection_lost());
  }
}

void Server::go_away() {
  touch(detail::Access::write);
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
