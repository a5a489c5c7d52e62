import CoreML
import Foundation
import ModelParityArrays

/// An input, an output or a state, as the model's own description has it.
struct Feature: Sendable {
  let name: String
  /// Core ML's word for what it is: "multiArray", "image", ...
  let type: String
  let dtype: ElementType?
  let allowed: AllowedShapes
  let optional: Bool

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
      allowed = AllowedShapes(constraint)
      return
    }
    if #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *), let constraint = description.stateConstraint {
      type = "state"
      dtype = ElementType(constraint.dataType)
      allowed = AllowedShapes(shape: constraint.bufferShape)
    } else {
      type = words.first { $0.0 == description.type }?.1 ?? "unknown"
      dtype = nil
      allowed = AllowedShapes(shape: [])
    }
  }

  /// Whether the model takes an array of this shape here.
  ///
  /// - Parameter classic: whether it may be a neural network of the older kind, whose arrays are declared without
  ///   their axes of time and batch: for [C], [time, batch, C] and [time, batch, C, 1, 1] are taken as well, for
  ///   [C, H, W] also [batch, C, H, W] and [time, batch, C, H, W] (NeuralNetwork.proto, RANK5_ARRAY_MAPPING).
  func takes(_ given: [Int], classic: Bool) -> Bool {
    if allowed.contains(given) { return true }
    let shape = allowed.shape
    guard classic, allowed.isFixed, [1, 3].contains(shape.count) else { return false }
    let whole = shape.count == 1 ? shape + [1, 1] : shape
    return given.count == 5 && given.suffix(3) == whole[...]
      || given.count == (shape.count == 1 ? 3 : 4) && given.suffix(shape.count) == shape[...]
  }

  /// The shapes that are taken, in words.
  var shapes: String {
    if allowed.isFixed { return "\(allowed.shape)" }
    if let listed = allowed.listed { return listed.map { "\($0)" }.joined(separator: " or ") }
    let sizes = (allowed.ranges ?? []).map { range in
      range.least == range.greatest ? "\(range.least)" : "\(range.least)..\(range.greatest.map { "\($0)" } ?? "")"
    }
    return "[" + sizes.joined(separator: ", ") + "]"
  }
}

extension Feature: Encodable {
  enum CodingKeys: String, CodingKey { case name, type, dtype, shape, optional, flexible }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(dtype?.name, forKey: .dtype)
    try fields.encode(allowed.shape, forKey: .shape)
    guard type != "state" else { return }
    try fields.encode(type, forKey: .type)
    try fields.encode(optional, forKey: .optional)
    try fields.encode(allowed.isFixed ? nil : Flexible(allowed), forKey: .flexible)
  }
}

/// How a shape may vary, as the JSON has it.
private struct Flexible: Encodable {
  let kind: String
  var shapes: [[Int]]?
  var ranges: [[Int]]?

  init(_ allowed: AllowedShapes) {
    kind = allowed.listed == nil ? "ranges" : "enumerated"
    shapes = allowed.listed
    ranges = allowed.ranges?.map { [$0.least, $0.greatest ?? -1] }
  }
}
