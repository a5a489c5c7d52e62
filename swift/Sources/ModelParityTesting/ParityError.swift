import Foundation

/// What went wrong before a verdict could be reached: the place, what was found, what was expected, the next step.
///
/// The text is laid out as modelparity's errors in Python are.
public struct ParityError: Error, Sendable, Equatable, CustomStringConvertible, LocalizedError {
  public let what: String
  /// A file, an input, an output.
  public let place: String?
  public let found: String?
  public let expected: String?
  public let next: String?

  public init(
    _ what: String, place: String? = nil, found: String? = nil, expected: String? = nil, next: String? = nil
  ) {
    self.what = what
    self.place = place
    self.found = found
    self.expected = expected
    self.next = next
  }

  public var description: String {
    var text = place.map { "\($0): \(what)" } ?? what
    if let found { text += "\n  found:    \(found)" }
    if let expected { text += "\n  expected: \(expected)" }
    if let next { text += "\n  next:     \(next)" }
    return text
  }

  public var errorDescription: String? { description }

  static let anew = "restore the file, or record it anew"
}
