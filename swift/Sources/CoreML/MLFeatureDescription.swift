import Foundation

/// How the shape of a multi-array may vary. macOS 10.14, iOS 12. Raw values as Apple's.
public enum MLMultiArrayShapeConstraintType: Int, Sendable {
  case unspecified = 1
  case enumerated = 2
  case range = 3
}

/// Which shapes a multi-array may have. macOS 10.14, iOS 12.
open class MLMultiArrayShapeConstraint: NSObject {
  public let type: MLMultiArrayShapeConstraintType
  public let enumeratedShapes: [[NSNumber]]
  /// An NSRange each: its location is the least size, location + length - 1 the greatest.
  public let sizeRangeForDimension: [NSValue]

  init(_ flexible: StandInDescription.Flexible?, shape: [Int]) {
    switch flexible {
    case nil:
      type = .unspecified
      enumeratedShapes = []
      sizeRangeForDimension = []
    case .enumerated(let shapes):
      type = .enumerated
      enumeratedShapes = shapes.map { $0.map { NSNumber(value: $0) } }
      sizeRangeForDimension = []
    case .ranges(let ranges):
      type = .range
      enumeratedShapes = []
      sizeRangeForDimension = ranges.map { low, high in
        NSValue(range: NSRange(location: low, length: high < 0 ? Int.max - low : high - low + 1))
      }
    }
  }
}

/// The shape and type that a multi-array must have. macOS 10.13, iOS 11.
open class MLMultiArrayConstraint: NSObject {
  /// The shape, or the default one where it may vary.
  public let shape: [NSNumber]
  public let dataType: MLMultiArrayDataType
  /// macOS 10.14, iOS 12.
  public let shapeConstraint: MLMultiArrayShapeConstraint

  init(shape: [Int], dataType: MLMultiArrayDataType, flexible: StandInDescription.Flexible?) {
    self.shape = shape.map { NSNumber(value: $0) }
    self.dataType = dataType
    shapeConstraint = MLMultiArrayShapeConstraint(flexible, shape: shape)
  }
}

/// The shape and type of a state. macOS 15, iOS 18.
open class MLStateConstraint: NSObject {
  public let bufferShape: [Int]
  public let dataType: MLMultiArrayDataType

  init(bufferShape: [Int], dataType: MLMultiArrayDataType) {
    self.bufferShape = bufferShape
    self.dataType = dataType
  }
}

/// What a feature is. macOS 10.13, iOS 11.
open class MLFeatureDescription: NSObject {
  public let name: String
  public let type: MLFeatureType
  public let isOptional: Bool
  public let multiArrayConstraint: MLMultiArrayConstraint?
  /// macOS 15, iOS 18.
  public let stateConstraint: MLStateConstraint?

  init(_ feature: StandInDescription.Feature) throws {
    name = feature.name
    type = feature.type
    isOptional = feature.optional
    multiArrayConstraint =
      try feature.type == .multiArray
      ? MLMultiArrayConstraint(shape: feature.shape, dataType: feature.element(), flexible: feature.flexible) : nil
    stateConstraint =
      try feature.type == .state
      ? MLStateConstraint(bufferShape: feature.shape, dataType: feature.element()) : nil
  }
}
