import Foundation
import ModelParityArrays

extension Artefact {
  /// The SHA-256 of every file's place and bytes, and of what compiles: another system compiles anew.
  func contentHash() throws -> String {
    var digest = Digest()
    digest.update("modelparity compiled 1\n\(About.runtime) \(About.system)\n")
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    for entry in try entries() {
      if let link = entry.link {
        digest.update("link \(entry.relative.utf8.count) \(entry.relative) \(link.utf8.count) \(link)\n")
        continue
      }
      // The name of a single file is no part of what it holds.
      let place = kind == .file ? "" : entry.relative
      digest.update("file \(place.utf8.count) \(place) \(entry.info.size)\n")
      let whole = kind == .file ? path : "\(path)/\(entry.relative)"
      guard let file = fopen(whole, "rb") else { throw Failure.invalid("'\(whole)' is not readable") }
      defer { fclose(file) }
      while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
        buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[0..<count])) }
      }
      guard ferror(file) == 0 else { throw Failure.invalid("'\(whole)' is not readable to its end") }
    }
    return digest.hexadecimal()
  }

  /// What the file system says of every file: cheap, and another whenever a file was written.
  func fingerprint() throws -> Fingerprint {
    Fingerprint(files: try entries().map { Fingerprint.File(relative: $0.relative, info: $0.info) })
  }
}

/// Size, time and place of every file of a model.
struct Fingerprint: Equatable {
  struct File: Equatable {
    let relative: String
    let info: FileInfo
  }
  let files: [File]

  /// Whether the last change is so long ago that a further one would have another time. Clocks of file systems tick
  /// up to two seconds apart.
  var isSettled: Bool {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let time = Int(now.tv_sec) * 1_000_000_000 + Int(now.tv_nsec)
    return files.allSatisfy { max($0.info.changed, $0.info.touched) < time - 2_000_000_000 }
  }
}
