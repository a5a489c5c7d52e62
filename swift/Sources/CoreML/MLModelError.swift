import Foundation

/// An error of the stand-in. Its code and domain are those of Apple's; its text is its own. macOS 10.13, iOS 11.
public struct MLModelError: Error, LocalizedError, CustomNSError, Sendable {
  public enum Code: Int, Sendable {
    case generic = 0
    case featureType = 1
    case io = 3
    case customLayer = 4
    case customModel = 5
    case update = 6
    case parameters = 7
  }

  public let code: Code
  /// What is wrong, in words.
  public let text: String

  public static var errorDomain: String { "com.apple.CoreML" }
  public var errorCode: Int { code.rawValue }
  public var errorDescription: String? { text }
  /// Foundation of Linux looks for the description here.
  public var errorUserInfo: [String: Any] { [NSLocalizedDescriptionKey: text] }

  init(_ code: Code, _ text: String) {
    self.code = code
    self.text = text
  }
}
