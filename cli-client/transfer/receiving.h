#pragma once

#include <cstdint>

#include "cli-client/files/held_acknowledgements.h"
#include "cli-client/files/receiver.h"
#include "cli-client/transfer/session.h"

namespace parley::client {

// One conversation of `parley receive`: what the other side sends goes into `folder`, and its user is asked what to do
// about names that are taken, if so wanted. `session` and `display` are kept by reference.
class Receiving {
 public:
  Receiving(TargetFolder folder, IfExists if_exists, TransferSession& session, TransferDisplay& display);

  // Until it is over.
  void run();
  // Says how it ended; returns the exit status.
  int finish();

 private:
  void take_events();
  void take(const chat::Message& message);
  void show();
  bool ask();
  void read_decision();

  FileReceiver receiver_;
  HeldAcknowledgements acknowledgements_;
  TransferSession& session_;
  TransferDisplay& display_;
  std::uint32_t asked_ = 0;  // the file of the question
  bool said_bye_ = false;    // the other side
  bool failed_ = false;
};

}  // namespace parley::client
