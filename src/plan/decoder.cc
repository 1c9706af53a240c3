#include "plan/decoder.h"

namespace gotls {

Result<std::unique_ptr<Decoder>> MakeDecoder(Arch arch) {
  switch (arch) {
    case Arch::kAmd64:
      return MakeAmd64Decoder();
    case Arch::kArm64:
      return MakeArm64Decoder();
  }
  return Fail(ErrorKind::kTarget, "no decoder for this architecture");
}

}  // namespace gotls
