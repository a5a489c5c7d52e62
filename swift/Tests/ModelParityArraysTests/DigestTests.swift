import ModelParityArrays
import Testing

@Suite struct DigestTests {
  /// From FIPS 180-4's examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func knownDigests(text: String, expected: String) {
    var digest = Digest()
    digest.update(text)
    #expect(digest.hexadecimal() == expected)
  }

  @Test func aMillionTimesA() {
    var digest = Digest()
    for _ in 0..<1000 { digest.update(String(repeating: "a", count: 1000)) }
    #expect(digest.hexadecimal() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func piecesOfAnySizeAreOneText() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    func digest(_ size: Int) -> String {
      var digest = Digest()
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { digest.update($0) }
      }
      return digest.hexadecimal()
    }
    for size in [1, 3, 55, 56, 63, 64, 65, 128, 999] { #expect(digest(size) == digest(1000), "pieces of \(size)") }
  }
}
