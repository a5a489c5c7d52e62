import Foundation

/// Kinds of features. Raw values as Apple's. macOS 10.13, iOS 11; `.sequence`: macOS 10.14, iOS 12; `.state`:
/// macOS 15, iOS 18.
public enum MLFeatureType: Int, Sendable {
  case invalid = 0
  case int64 = 1
  case double = 2
  case string = 3
  case image = 4
  case multiArray = 5
  case dictionary = 6
  case sequence = 7
  case state = 8
}

/// One value that goes into or comes out of a model. macOS 10.13, iOS 11.
open class MLFeatureValue: NSObject {
  public let type: MLFeatureType
  public let multiArrayValue: MLMultiArray?
  public let int64Value: Int64
  public let doubleValue: Double
  public let stringValue: String
  /// Whether the value is left out.
  public let isUndefined: Bool

  private init(
    _ type: MLFeatureType, multiArray: MLMultiArray? = nil, int64: Int64 = 0, double: Double = 0, string: String = "",
    undefined: Bool = false
  ) {
    self.type = type
    multiArrayValue = multiArray
    int64Value = int64
    doubleValue = double
    stringValue = string
    isUndefined = undefined
  }

  public convenience init(multiArray value: MLMultiArray) { self.init(.multiArray, multiArray: value) }
  public convenience init(int64 value: Int64) { self.init(.int64, int64: value) }
  public convenience init(double value: Double) { self.init(.double, double: value) }
  public convenience init(string value: String) { self.init(.string, string: value) }
  public convenience init(undefined type: MLFeatureType) { self.init(type, undefined: true) }
}

/// Named values. macOS 10.13, iOS 11.
public protocol MLFeatureProvider {
  var featureNames: Set<String> { get }
  func featureValue(for featureName: String) -> MLFeatureValue?
}

/// Named values in a dictionary. macOS 10.13, iOS 11.
open class MLDictionaryFeatureProvider: NSObject, MLFeatureProvider {
  public let dictionary: [String: MLFeatureValue]

  public init(dictionary: [String: Any]) throws {
    self.dictionary = try dictionary.mapValues { value in
      switch value {
      case let value as MLFeatureValue: return value
      case let value as MLMultiArray: return MLFeatureValue(multiArray: value)
      case let value as String: return MLFeatureValue(string: value)
      case let value as Int: return MLFeatureValue(int64: Int64(value))
      case let value as Double: return MLFeatureValue(double: value)
      default: throw MLModelError(.featureType, "a value of type \(Swift.type(of: value)) is no feature")
      }
    }
  }

  init(values: [String: MLFeatureValue]) { dictionary = values }

  public var featureNames: Set<String> { Set(dictionary.keys) }
  public func featureValue(for featureName: String) -> MLFeatureValue? { dictionary[featureName] }
}
