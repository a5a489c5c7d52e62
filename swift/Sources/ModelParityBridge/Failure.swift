import CModelParity
import Foundation
import ModelParityArrays

/// What a call answers with; the numbers of `modelparity.h`.
enum Status: Int32 {
  case well = 0
  case invalid = -1
  case noMetal = -2
  case noMemory = -3
  case failed = -4
  case unsupported = -5
}

/// Why a call fails, in words that name the place, what was found, what was expected and what to do.
struct Failure: Error, Sendable {
  let status: Status
  let text: String

  static func invalid(_ text: String) -> Failure { Failure(status: .invalid, text: text) }
  static func failed(_ text: String) -> Failure { Failure(status: .failed, text: text) }
  static func unsupported(_ text: String) -> Failure { Failure(status: .unsupported, text: text) }
  static func noMemory(_ bytes: Int, for what: String) -> Failure {
    Failure(status: .noMemory, text: "\(bytes) bytes for \(what) could not be allocated")
  }

  /// Another's error as one of ours: Core ML refused, or failed.
  init(_ error: any Error, while doing: String) {
    if let failure = error as? Failure {
      self = failure
    } else if let unreadable = error as? UnreadableArray {
      self.init(status: .failed, text: "\(doing): \(unreadable.description)")
    } else {
      self.init(status: .failed, text: "\(doing): \(error.localizedDescription)")
    }
  }

  init(status: Status, text: String) {
    self.status = status
    self.text = text
  }
}

/// The text of this thread's last failure, in memory that lasts as long as the thread.
enum LastFailure {
  static func clear() { mp_thread_text().pointee = 0 }

  /// Cut where it is too long, between characters.
  static func set(_ text: String) {
    let memory: UnsafeMutablePointer<CChar> = mp_thread_text()
    var length = 0
    for character in text.unicodeScalars {
      let bytes = UTF8.encode(character == "\0" ? "\u{FFFD}" : character) ?? UTF8.encode("\u{FFFD}")
      guard let bytes, length + bytes.count < Int(MP_THREAD_TEXT) else { break }
      for byte in bytes {
        memory[length] = CChar(bitPattern: byte)
        length += 1
      }
    }
    memory[length] = 0
  }
}

/// The body of every exported function that can fail: its status, and the text of its failure.
func answering(_ body: () throws -> Void) -> Int32 {
  LastFailure.clear()
  do {
    #if canImport(ObjectiveC)
      try autoreleasepool(invoking: body)
    #else
      try body()
    #endif
    return Status.well.rawValue
  } catch {
    let failure = Failure(error, while: "the call failed")
    LastFailure.set(failure.text)
    return failure.status.rawValue
  }
}
