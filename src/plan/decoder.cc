#include "plan/decoder.h"

namespace gotls {

Result<std::unique_ptr<Decoder>> MakeDecoder(Arch arch) {
  switch (arch) {
    case Arch::kAmd64:
      return MakeAmd64Decoder();
    case Arch::kArm64:
      break;
  }
  return Fail(ErrorKind::kTarget, "arm64 is not planned yet");
}

}  // namespace gotls
