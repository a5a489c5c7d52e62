import CoreML
import Foundation
import ModelParityArrays

/// A golden's input, compared with what the model says about it before it is handed over.
struct GivenInput {
  private let tensor: Tensor
  private let constraint: MLMultiArrayConstraint
  private let place: String

  init(_ tensor: Tensor, _ feature: MLFeatureDescription, place: String) throws {
    guard let constraint = feature.multiArrayConstraint else {
      throw ParityError(
        "not a multi-array", place: place, found: "a feature of type \(feature.type.rawValue)",
        next: "convert the model so that it takes arrays")
    }
    self.tensor = tensor
    self.constraint = constraint
    self.place = place
    let allowed = AllowedShapes(constraint)
    guard allowed.contains(tensor.shape) else {
      throw ParityError(
        "the golden's input has another shape than the model takes", place: place,
        found: PythonText.tuple(tensor.shape), expected: Self.words(allowed),
        next: "convert the model for this length, or with free sizes, or take a golden of the model's length")
    }
  }

  /// The input in the type that the model declares, if that holds every element exactly.
  func array() throws -> MLMultiArray {
    guard let type = ElementType(constraint.dataType), let element = Tensor.Element(rawValue: type.name) else {
      throw ParityError("an element type that is not known here", place: place, found: "\(constraint.dataType)")
    }
    let bytes = element == tensor.element ? tensor.bytes : try cast(to: element)
    // Memory with strides that are said, for nothing says how Core ML lays out its own.
    let layout = try Layout(shape: tensor.shape)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    return try MLMultiArray(
      dataPointer: memory, shape: tensor.shape.map { NSNumber(value: $0) }, dataType: constraint.dataType,
      strides: layout.strides.map { NSNumber(value: $0) }, deallocator: { $0.deallocate() })
  }

  private func cast(to element: Tensor.Element) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for value in tensor.doubles {
      guard let raw = Self.exactly(value, element) else {
        throw ParityError(
          "the model takes \(element.rawValue), which does not hold the golden's input", place: place,
          found: "\(PythonText.repr(value)) of type \(tensor.element.rawValue)",
          next: "convert the model with inputs of type \(tensor.element.rawValue)")
      }
      bytes += raw
    }
    return bytes
  }

  private static func exactly(_ value: Double, _ element: Tensor.Element) -> [UInt8]? {
    switch element {
    case .float64: return withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    case .int32: return Int32(exactly: value).map { whole in withUnsafeBytes(of: whole.littleEndian) { Array($0) } }
    case .float32, .float16:
      guard value.isNaN || element.stored(value) == value else { return nil }
      if element == .float32 { return withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) } }
      return withUnsafeBytes(of: Half.narrowed(value).littleEndian) { Array($0) }
    default: return nil
    }
  }

  private static func words(_ allowed: AllowedShapes) -> String {
    if let listed = allowed.listed { return listed.map(PythonText.tuple).joined(separator: " or ") }
    guard let ranges = allowed.ranges else { return PythonText.tuple(allowed.shape) }
    let sizes = ranges.map { range in
      range.least == range.greatest ? "\(range.least)" : "\(range.least)...\(range.greatest.map { "\($0)" } ?? "")"
    }
    return "(" + sizes.joined(separator: ", ") + ")"
  }
}
