// A64 behind Capstone 4 and 5: Capstone says what is an instruction at all and prints it, what it
// does is read off its bits.
#include <capstone/capstone.h>
#include <fmt/format.h>

#include "base/bytes.h"
#include "plan/decoder.h"
#include "plan/lift_arm64.h"

namespace gotls {
namespace {

constexpr std::size_t kWord = 4;

class Arm64Decoder : public Decoder {
 public:
  explicit Arm64Decoder(csh handle) : handle_(handle) {}
  Arm64Decoder(const Arm64Decoder&) = delete;
  Arm64Decoder& operator=(const Arm64Decoder&) = delete;
  ~Arm64Decoder() override { cs_close(&handle_); }

  [[nodiscard]] Arch arch() const override { return Arch::kArm64; }

  Result<std::vector<Instruction>> Decode(const Function& function,
                                          std::size_t limit) const override {
    if (function.code.size() > kMaxFunctionBytes) {
      return Fail(ErrorKind::kTarget, fmt::format("function of {} bytes", function.code.size()),
                  function.name);
    }
    std::vector<Instruction> code;
    bool exclusive = false;
    const std::size_t end = WithoutPadding(function.code);
    for (std::size_t at = 0; at < end && code.size() < limit; at += kWord) {
      const auto word = ReadAt<std::uint32_t>(function.code, at);
      const auto text = word ? Text(function.code.subspan(at, kWord), *word, function.address + at)
                             : std::nullopt;
      if (!text) {
        return Fail(ErrorKind::kTarget, fmt::format("undecodable instruction at +{:#x}", at),
                    function.name);
      }
      const std::size_t first = code.size();
      LiftArm64(*word, (function.address + at).value, static_cast<std::uint32_t>(at), code);
      if (IsStoreExclusive(*word)) exclusive = false;
      for (std::size_t i = first; i < code.size(); ++i) {
        code[i].text = *text;
        // A probe there would lose the monitor each time, and the store would never succeed.
        if (exclusive) code[i].emulated = false;
      }
      if (IsLoadExclusive(*word)) exclusive = true;
    }
    return code;
  }

 private:
  // Zero words up to the next function aren't code.
  static std::size_t WithoutPadding(Bytes code) {
    std::size_t end = code.size();
    while (end >= kWord && end % kWord == 0 && ReadAt<std::uint32_t>(code, end - kWord) == 0U) {
      end -= kWord;
    }
    return end;
  }

  [[nodiscard]] std::optional<std::string> Text(Bytes bytes, std::uint32_t word,
                                                VirtualAddress address) const {
    cs_insn* insn = nullptr;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    if (cs_disasm(handle_, data, bytes.size(), address.value, 1, &insn) != 1) {
      return AtomicText(word);
    }
    std::string text = insn->mnemonic;
    if (insn->op_str[0] != 0) text += fmt::format(" {}", insn->op_str);
    cs_free(insn, 1);
    return text;
  }

  csh handle_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> MakeArm64Decoder() {
  csh handle = 0;
  if (cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle) != CS_ERR_OK) {
    return Fail(ErrorKind::kRuntime, "Capstone does not start");
  }
  return std::make_unique<Arm64Decoder>(handle);
}

}  // namespace gotls
