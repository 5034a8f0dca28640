#include "weft/conformance/peer_player.h"

#include <utility>

namespace weft::conformance {
namespace {

constexpr std::size_t text_kept = 32;

Metadata with_large(Metadata metadata, std::size_t bytes) {
  if (bytes > 0) metadata.add("large", std::string(bytes, 'x'));
  return metadata;
}

CallStatus status_of(const PeerStep& step) {
  CallStatus status(step.code, step.text);
  status.trailing_metadata = with_large(step.metadata, step.size);
  return status;
}

}  // namespace

PeerPlayer::PeerPlayer(PeerWire& wire, PeerBoard& board, PeerBoard::Then resume)
    : wire_(wire), board_(board), resume_(std::move(resume)) {}

void PeerPlayer::opened(std::string_view script) {
  absl::StatusOr<PeerScript> parsed = PeerScript::parse(script);
  if (!parsed.ok()) {
    return finish(CallStatus(parsed.status().code(), std::string(parsed.status().message())));
  }
  script_ = *std::move(parsed);
  play();
}

void PeerPlayer::done() {
  sending_ = false;
  play();
}

void PeerPlayer::message(Bytes message) {
  reading_ = false;
  taken_.emplace_back(message.size(), message.to_string().substr(0, text_kept));
  const bool echoes = at(PeerStep::Kind::echo) || at(PeerStep::Kind::echo_all);
  if (at(PeerStep::Kind::read) || at(PeerStep::Kind::echo)) ++next_;
  if (echoes && !cancelled_) sending_ = !wire_.send_message(std::move(message));
  play();
}

void PeerPlayer::half_closed() {
  reading_ = false;
  half_closed_ = true;
  play();
}

void PeerPlayer::cancelled() {
  if (std::exchange(cancelled_, true)) return;
  const std::size_t waits = next_wait_for_cancel();
  next_ = waits < script_.steps().size() ? waits + 1 : waits;
  // Whether what was under way is told of any more depends on the server.
  reading_ = sending_ = awaiting_ = false;
  play();
}

void PeerPlayer::noted() {
  if (!std::exchange(awaiting_, false)) return;
  ++next_;
  play();
}

bool PeerPlayer::cares_for_cancel() const {
  return !cancelled_ && next_wait_for_cancel() < script_.steps().size();
}

std::size_t PeerPlayer::next_wait_for_cancel() const {
  std::size_t step = next_;
  while (step < script_.steps().size() &&
         script_.steps()[step].kind != PeerStep::Kind::wait_for_cancel) {
    ++step;
  }
  return step;
}

bool PeerPlayer::at(PeerStep::Kind kind) const {
  return next_ < script_.steps().size() && script_.steps()[next_].kind == kind;
}

void PeerPlayer::play() {
  if (std::exchange(playing_, true)) return;
  const std::vector<PeerStep>& steps = script_.steps();
  while (!sending_ && !reading_ && !awaiting_ && next_ < steps.size()) {
    if (do_step(steps[next_])) {
      ++next_;
    } else if (at(PeerStep::Kind::wait_for_cancel)) {
      break;
    }
  }
  playing_ = false;
  if (cancelled_ && next_ >= steps.size() && !sending_ && !reading_) {
    finish(CallStatus(StatusCode::kCancelled, "the client is gone"));
  }
}

void PeerPlayer::finish(CallStatus status) {
  if (std::exchange(finished_, true)) return;
  wire_.finish(std::move(status));
}

// True if the step is over; false if something is under way, or the step goes on.
bool PeerPlayer::do_step(const PeerStep& step) {
  switch (step.kind) {
    case PeerStep::Kind::headers:
      sending_ = !wire_.send_headers(with_large(step.metadata, step.size));
      return true;
    case PeerStep::Kind::read:
    case PeerStep::Kind::read_all:
    case PeerStep::Kind::echo:
    case PeerStep::Kind::echo_all:
      return do_read();
    case PeerStep::Kind::message:
      return send(Bytes::copy_of(step.text));
    case PeerStep::Kind::messages:
      return send_numbered(step);
    case PeerStep::Kind::report: {
      PeerReport report = wire_.request();
      report.half_closed = half_closed_;
      report.messages = taken_;
      return send(Bytes::from_string(report.to_string()));
    }
    case PeerStep::Kind::finish:
      finish(status_of(step));
      return true;
    case PeerStep::Kind::abort:
      if (!std::exchange(finished_, true)) wire_.abort();
      return true;
    case PeerStep::Kind::wait_for_cancel:
      return cancelled_;
    case PeerStep::Kind::tell:
      board_.tell(step.text);
      return true;
    case PeerStep::Kind::await:
      awaiting_ = true;
      board_.await(step.text, resume_);
      return false;
    case PeerStep::Kind::go_away:
      wire_.go_away();
      return true;
  }
  return true;
}

bool PeerPlayer::do_read() {
  if (half_closed_ || cancelled_) return true;
  reading_ = true;
  wire_.read();
  return false;
}

bool PeerPlayer::send_numbered(const PeerStep& step) {
  if (sent_of_step_ == step.count || cancelled_) {
    sent_of_step_ = 0;
    return true;
  }
  const std::size_t number = sent_of_step_++;
  const bool last = sent_of_step_ == step.count;
  if (last) sent_of_step_ = 0;
  return send(Bytes::from_string(numbered_message(number, step.size)), last);
}

bool PeerPlayer::send(Bytes message, bool step_ends) {
  const std::vector<PeerStep>& steps = script_.steps();
  const bool end_follows =
      step_ends && next_ + 1 < steps.size() && steps[next_ + 1].kind == PeerStep::Kind::finish;
  if (!end_follows || finished_) {
    sending_ = !wire_.send_message(std::move(message));
    return step_ends;
  }
  ++next_;
  finished_ = true;
  wire_.send_last(std::move(message), status_of(steps[next_]));
  return true;
}

}  // namespace weft::conformance
