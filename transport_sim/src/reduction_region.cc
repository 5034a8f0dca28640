#include "reduction_region.h"

#include <deque>
#include <iterator>
#include <utility>

#include "reduced_execution.h"
#include "weft/transport_sim/label.h"

namespace weft::sim::detail {

ReductionRegion::ReductionRegion(Runner& runner) : runner_(runner) {
  std::deque<Node> open(1);
  while (!open.empty() && nodes_.size() + open.size() < Shard::prefixes_min) {
    const Node shortest = std::move(open.front());
    open.pop_front();
    for (Node& node : expand(shortest)) {
      if (node.is_whole) {
        nodes_.push_back(std::move(node));
      } else {
        open.push_back(std::move(node));
      }
    }
  }
  std::move(open.begin(), open.end(), std::back_inserter(nodes_));
}

std::vector<ReductionRegion::Node> ReductionRegion::expand(const Node& node) {
  ReductionStack stack = node.stack;
  ReducedExecution execution(runner_, stack);
  execution.run(0);
  const std::size_t depth = node.stack.size();
  std::vector<Node> longer;
  if (stack.size() <= depth) {  // it ends, or is blocked
    longer.push_back(node);
    longer.back().is_whole = true;
    return longer;
  }
  ReductionFrame frame = std::move(stack[depth]);
  frame.is_fixed = true;
  frame.taken = StepSummary();
  for (std::uint32_t choice = 0; choice < frame.labels.size(); ++choice) {
    if (frame.is_asleep(frame.labels[choice])) continue;
    frame.choice = choice;
    Node& child = longer.emplace_back(node);
    child.stack.push_back(frame);
    child.hash = mix_hash(mix_hash(node.hash, frame.labels[choice]), choice + 1);
    if (frame.kind == ReductionFrame::Kind::step) frame.asleep.push_back(summary_of(child.stack));
  }
  return longer;
}

// A step asks for values in frames that follow its own.
StepSummary ReductionRegion::summary_of(const ReductionStack& prefix) {
  ReductionStack stack = prefix;
  StepSummary summary;
  for (;;) {
    ReducedExecution execution(runner_, stack);
    execution.run(0);
    summary.add(stack[prefix.size() - 1].taken);
    std::size_t end = prefix.size();
    while (end < stack.size() && stack[end].kind == ReductionFrame::Kind::value) ++end;
    stack.resize(end);
    while (stack.size() > prefix.size() && !stack.back().take_next()) stack.pop_back();
    if (stack.size() == prefix.size()) return summary;
  }
}

std::vector<ReductionStack> ReductionRegion::own_stacks(Runner& runner, Report& report) {
  const Shard shard = runner.options().part;
  std::vector<ReductionStack> own(1);
  if (shard.is_whole()) return own;
  ReductionRegion region(runner);
  own.clear();
  std::uint64_t hash = region.nodes_.size();
  for (Node& node : region.nodes_) {
    hash = mix_hash(hash, node.hash);
    if (!shard.owns(node.hash)) continue;
    report.region.own_hashes.push_back(node.hash);
    own.push_back(std::move(node.stack));
  }
  report.region.prefixes = region.nodes_.size();
  report.region.own_prefixes = own.size();
  report.region.hash = hash;
  return own;
}

}  // namespace weft::sim::detail
