// The checked-in recordings, for tests of all stages together.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "flow/flow.h"
#include "gotls/session.h"
#include "sink/recording_reader.h"
#include "sink/test_file.h"

namespace gotls::testing {

inline std::vector<std::filesystem::path> Recordings() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(GOTLS_RECORDINGS)) {
    if (entry.path().extension() == ".rec") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

// Events of a recording, into what stands behind the flow.
inline void PushRecording(const std::filesystem::path& path, FlowObserver& observer) {
  auto reader = RecordingReader::Open(path);
  ASSERT_TRUE(reader) << reader.error().Message();
  Flow flow(observer, reader->info().wall_offset_ns);
  for (;;) {
    const auto event = reader->Next();
    ASSERT_TRUE(event) << event.error().Message();
    if (!*event) break;
    flow.Push(**event);
  }
  (void)flow.End();
}

}  // namespace gotls::testing
