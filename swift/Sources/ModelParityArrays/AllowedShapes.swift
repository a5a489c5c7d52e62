import CoreML
import Foundation

/// The shapes that a model takes for a multi-array, by its own description.
///
/// Not an enumeration of the kinds: leak checkers do not see arrays behind the marked pointers of one.
public struct AllowedShapes: Sendable {
  /// Least and greatest size of an axis; no greatest one is nil.
  public typealias Sizes = (least: Int, greatest: Int?)

  /// The shape, or the default one; empty where nothing is said.
  public let shape: [Int]
  /// The only shapes that are taken; nil where they are not listed.
  public let listed: [[Int]]?
  /// What each axis may be; nil where no ranges are given.
  public let ranges: [Sizes]?

  public init(_ constraint: MLMultiArrayConstraint) {
    shape = constraint.shape.map(\.intValue)
    let flexible = constraint.shapeConstraint
    listed = flexible.type == .enumerated ? flexible.enumeratedShapes.map { $0.map(\.intValue) } : nil
    ranges = flexible.type == .range ? flexible.sizeRangeForDimension.map { Self.sizes($0.rangeValue) } : nil
  }

  /// One shape and no other.
  public init(shape: [Int]) {
    self.shape = shape
    listed = nil
    ranges = nil
  }

  /// Whether there is no choice, however that is said.
  public var isFixed: Bool {
    if let listed { return listed == [shape] }
    guard let ranges else { return true }
    return ranges.count == shape.count && zip(ranges, shape).allSatisfy { $0.least == $1 && $0.greatest == $1 }
  }

  /// Whether an array of this shape is taken.
  public func contains(_ given: [Int]) -> Bool {
    if let listed { return listed.contains(given) }
    guard let ranges else { return shape.isEmpty || given == shape }
    return given.count == ranges.count
      && zip(given, ranges).allSatisfy { $0 >= $1.least && $0 <= $1.greatest ?? Int.max }
  }

  /// No greatest size is told by a length that no array has, or by one that is no length (-1 as unsigned).
  package static func sizes(_ range: NSRange) -> Sizes {
    let (end, overflow) = range.location.addingReportingOverflow(max(range.length, 1) - 1)
    let unbounded = overflow || range.length < 0 || end >= Int(Int32.max)
    return (least: range.location, greatest: unbounded ? nil : end)
  }
}
