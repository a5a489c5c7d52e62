import CoreML
import Foundation
import ModelParityArrays

/// An input, an output or a state, as the model's own description has it.
struct Feature: Sendable {
  enum Flexible: Sendable {
    case enumerated([[Int]])
    /// Least and greatest size of each axis; no greatest one is nil.
    case ranges([(least: Int, greatest: Int?)])
  }

  let name: String
  /// Core ML's word for what it is: "multiArray", "image", ...
  let type: String
  let dtype: ElementType?
  let shape: [Int]
  let optional: Bool
  let flexible: Flexible?

  var isArray: Bool { type == Self.array }
  static let array = "multiArray"

  init(_ description: MLFeatureDescription) {
    name = description.name
    optional = description.isOptional
    // Comparisons, as newer systems have more cases than older ones.
    let words: [(MLFeatureType, String)] = [
      (.int64, "int64"), (.double, "double"), (.string, "string"), (.image, "image"), (.multiArray, Self.array),
      (.dictionary, "dictionary"), (.sequence, "sequence"),
    ]
    if let constraint = description.multiArrayConstraint {
      type = Self.array
      dtype = ElementType(constraint.dataType)
      shape = constraint.shape.map(\.intValue)
      flexible = Flexible(constraint.shapeConstraint, default: shape)
      return
    }
    if #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *), let constraint = description.stateConstraint {
      type = "state"
      dtype = ElementType(constraint.dataType)
      shape = constraint.bufferShape
    } else {
      type = words.first { $0.0 == description.type }?.1 ?? "unknown"
      dtype = nil
      shape = []
    }
    flexible = nil
  }

  /// Whether the model takes an array of this shape here.
  ///
  /// - Parameter classic: whether it may be a neural network of the older kind, whose arrays are declared without
  ///   their axes of time and batch: for [C], [time, batch, C] and [time, batch, C, 1, 1] are taken as well, for
  ///   [C, H, W] also [batch, C, H, W] and [time, batch, C, H, W] (NeuralNetwork.proto, RANK5_ARRAY_MAPPING).
  func takes(_ given: [Int], classic: Bool) -> Bool {
    switch flexible {
    case .enumerated(let shapes):
      if shapes.contains(given) { return true }
    case .ranges(let ranges):
      let fits = zip(given, ranges).allSatisfy { $0 >= $1.least && $0 <= $1.greatest ?? Int.max }
      if given.count == ranges.count && fits { return true }
    case nil:
      if given == shape || shape.isEmpty { return true }
    }
    guard classic, flexible == nil, [1, 3].contains(shape.count) else { return false }
    let whole = shape.count == 1 ? shape + [1, 1] : shape
    return given.count == 5 && given.suffix(3) == whole[...]
      || given.count == (shape.count == 1 ? 3 : 4) && given.suffix(shape.count) == shape[...]
  }

  /// The shapes that are taken, in words.
  var shapes: String {
    switch flexible {
    case .enumerated(let shapes): shapes.map { "\($0)" }.joined(separator: " or ")
    case .ranges(let ranges):
      "["
        + ranges.map { range in
          range.least == range.greatest
            ? "\(range.least)" : "\(range.least)..\(range.greatest.map { "\($0)" } ?? "")"
        }.joined(separator: ", ") + "]"
    case nil: "\(shape)"
    }
  }
}

extension Feature.Flexible {
  /// nil where the shape is fixed, or nothing is said.
  init?(_ constraint: MLMultiArrayShapeConstraint, default shape: [Int]) {
    if constraint.type == .enumerated {
      let shapes = constraint.enumeratedShapes.map { $0.map(\.intValue) }
      guard shapes != [shape] else { return nil }
      self = .enumerated(shapes)
    } else if constraint.type == .range {
      let ranges = constraint.sizeRangeForDimension.map { value in
        let range = value.rangeValue
        // No greatest size is told by a length that no array has, or by one that is no length (-1 as unsigned).
        let (end, overflow) = range.location.addingReportingOverflow(range.length - 1)
        let unbounded = overflow || range.length < 0 || end >= Int(Int32.max)
        return (least: range.location, greatest: unbounded ? nil : end)
      }
      guard !zip(ranges, shape).allSatisfy({ $0.least == $1 && $0.greatest == $1 }) || ranges.count != shape.count
      else { return nil }
      self = .ranges(ranges)
    } else {
      return nil
    }
  }
}

extension Feature: Encodable {
  enum CodingKeys: String, CodingKey { case name, type, dtype, shape, optional, flexible }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(dtype?.name, forKey: .dtype)
    try fields.encode(shape, forKey: .shape)
    guard type != "state" else { return }
    try fields.encode(type, forKey: .type)
    try fields.encode(optional, forKey: .optional)
    try fields.encode(flexible, forKey: .flexible)
  }
}

extension Feature.Flexible: Encodable {
  enum CodingKeys: String, CodingKey { case kind, shapes, ranges }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .enumerated(let shapes):
      try fields.encode("enumerated", forKey: .kind)
      try fields.encode(shapes, forKey: .shapes)
    case .ranges(let ranges):
      try fields.encode("ranges", forKey: .kind)
      try fields.encode(ranges.map { [$0.least, $0.greatest ?? -1] }, forKey: .ranges)
    }
  }
}
