#pragma once

namespace weft {

// Links of a node in a doubly linked list whose head is a plain pointer. Not thread-safe.
template <class Node>
class IntrusiveLinks {
 public:
  static void insert(Node*& head, Node& node, IntrusiveLinks Node::*links) {
    (node.*links).next_ = head;
    (node.*links).previous_ = nullptr;
    if (head != nullptr) (head->*links).previous_ = &node;
    head = &node;
  }
  static void erase(Node*& head, Node& node, IntrusiveLinks Node::*links) {
    IntrusiveLinks& own = node.*links;
    if (own.previous_ != nullptr) {
      (own.previous_->*links).next_ = own.next_;
    } else {
      head = own.next_;
    }
    if (own.next_ != nullptr) (own.next_->*links).previous_ = own.previous_;
    own = IntrusiveLinks();
  }
  Node* next() const { return next_; }

 private:
  Node* next_ = nullptr;
  Node* previous_ = nullptr;
};

}  // namespace weft
