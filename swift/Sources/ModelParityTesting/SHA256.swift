import ModelParityArrays

/// Digests as goldens and bundles write them.
package enum SHA256 {
  /// 64 hexadecimal digits.
  package static func hex(_ bytes: [UInt8]) -> String {
    var digest = Digest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.hexadecimal()
  }

  /// Of the UTF-8 of a text.
  package static func hex(_ text: String) -> String { hex(Array(text.utf8)) }
}
