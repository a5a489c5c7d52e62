import Foundation

/// What was handed out to C. A handle is a number and points nowhere, so that one that is stale, freed twice or made
/// up is an error and no crash.
final class Handles<Value: AnyObject & Sendable>: @unchecked Sendable {
  private let kind: String
  private let lock = NSLock()
  private var values: [OpaquePointer: Value] = [:]
  private var last: UInt

  /// - Parameter seed: where the numbers begin; another for each kind, so that none is taken for another's.
  init(_ kind: String, seed: UInt) {
    self.kind = kind
    last = seed << 48
  }

  func give(_ value: Value) -> OpaquePointer? {
    lock.withLock {
      last += 16
      guard let handle = OpaquePointer(bitPattern: last) else { return nil }
      values[handle] = value
      return handle
    }
  }

  /// - Throws: `Failure` for a handle that is null or not one of these.
  func find(_ handle: OpaquePointer?) throws -> Value {
    guard let handle else { throw Failure.invalid("the \(kind) is a null pointer") }
    guard let value = lock.withLock({ values[handle] }) else {
      throw Failure.invalid("this is no \(kind), or one that is gone already")
    }
    return value
  }

  /// Nothing happens for a handle that is null or unknown.
  func drop(_ handle: OpaquePointer?) {
    guard let handle else { return }
    let gone = lock.withLock { values.removeValue(forKey: handle) }
    withExtendedLifetime(gone) {}
  }

  /// How many are out.
  var count: Int { lock.withLock { values.count } }
}

let models = Handles<OpenModel>("model", seed: 0x4D)
let states = Handles<KeptState>("state", seed: 0x53)
let results = Handles<RunResult>("result", seed: 0x52)
