#pragma once

#include "cli-client/files/sender.h"
#include "cli-client/files/source_tree.h"
#include "cli-client/transfer/session.h"

namespace parley::client {

// One conversation of `parley send`: these files and folders, to whoever runs `parley receive`. `session` and `display`
// are kept by reference.
class Sending {
 public:
  Sending(const SourceTree& tree, bool with_times, TransferSession& session, TransferDisplay& display);

  // Until it is over.
  void run();
  // Says how it ended; returns the exit status.
  int finish();

 private:
  void take_events();
  void take(const chat::Message& message);
  void show();

  FileSender sender_;
  TransferSession& session_;
  TransferDisplay& display_;
  bool finishing_ = false;
  bool other_left_ = false;  // by its BYE, which is the last from it
  bool failed_ = false;
};

}  // namespace parley::client
