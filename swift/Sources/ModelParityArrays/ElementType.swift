import CoreML

/// Types of the elements of an array, with the numbers that they have in the C interface.
public enum ElementType: Int32, Sendable, CaseIterable {
  case float32 = 0
  case float64 = 1
  case float16 = 2
  case int32 = 3

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .float64: 8
    case .float32, .int32: 4
    case .float16: 2
    }
  }

  /// As numpy names it.
  public var name: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .float16: "float16"
    case .int32: "int32"
    }
  }

  /// Core ML's name for it.
  public var dataType: MLMultiArrayDataType {
    switch self {
    case .float32: .float32
    case .float64: .double
    case .float16: .float16
    case .int32: .int32
    }
  }

  /// nil for a type that this version does not know.
  public init?(_ dataType: MLMultiArrayDataType) {
    // Not a switch: newer systems have more types than older ones.
    guard let found = Self.allCases.first(where: { $0.dataType == dataType }) else { return nil }
    self = found
  }
}
