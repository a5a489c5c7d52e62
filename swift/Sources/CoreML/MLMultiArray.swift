import Foundation

/// Types of the elements of a multi-array. Raw values as Apple's. `.float16`: macOS 12, iOS 16.
public enum MLMultiArrayDataType: Int, Sendable {
  case double = 65600
  case float32 = 65568
  case float16 = 65552
  case int32 = 131104

  /// macOS 11, iOS 14.
  public static var float64: MLMultiArrayDataType { .double }
  /// macOS 11, iOS 14.
  public static var float: MLMultiArrayDataType { .float32 }

  var size: Int {
    switch self {
    case .double: 8
    case .float32, .int32: 4
    case .float16: 2
    }
  }
}

/// An array of numbers with a shape and strides, which count elements. macOS 10.13, iOS 11.
open class MLMultiArray: NSObject {
  public let dataType: MLMultiArrayDataType
  public let shape: [NSNumber]
  public let strides: [NSNumber]
  /// The product of the shape.
  public let count: Int
  /// The first element.
  public let dataPointer: UnsafeMutableRawPointer

  /// From the first byte to the one after the last that an index reaches.
  let extent: Int
  private let deallocator: ((UnsafeMutableRawPointer) -> Void)?

  /// Dense memory of its own. Apple leaves it as it is found; here it is zero, so that no result depends on it.
  public init(shape: [NSNumber], dataType: MLMultiArrayDataType) throws {
    var strides = [NSNumber](repeating: 1, count: shape.count)
    var step = 1
    for axis in shape.indices.reversed() {
      strides[axis] = NSNumber(value: step)
      step = try Self.product(step, shape[axis].intValue, shape)
    }
    let bytes = try Self.product(step, dataType.size, shape)
    guard let memory = calloc(max(bytes, 1), 1) else {
      throw MLModelError(.generic, "\(bytes) bytes for a multi-array of shape \(shape) could not be allocated")
    }
    self.shape = shape
    self.strides = strides
    self.dataType = dataType
    count = step
    extent = bytes
    dataPointer = memory
    deallocator = { free($0) }
  }

  /// Another's memory, which must outlive the array; the deallocator is called when the array is gone.
  public init(
    dataPointer: UnsafeMutableRawPointer, shape: [NSNumber], dataType: MLMultiArrayDataType, strides: [NSNumber],
    deallocator: ((UnsafeMutableRawPointer) -> Void)? = nil
  ) throws {
    guard shape.count == strides.count else {
      throw MLModelError(.generic, "\(strides.count) strides for a shape of rank \(shape.count)")
    }
    var count = 1
    var last = 0
    for (size, stride) in zip(shape, strides) {
      guard stride.intValue >= 0 else { throw MLModelError(.generic, "strides \(strides) are negative") }
      count = try Self.product(count, size.intValue, shape)
      last += max(size.intValue - 1, 0) * stride.intValue
    }
    self.shape = shape
    self.strides = strides
    self.dataType = dataType
    self.count = count
    extent = count == 0 ? 0 : (last + 1) * dataType.size
    self.dataPointer = dataPointer
    self.deallocator = deallocator
  }

  deinit { deallocator?(dataPointer) }

  /// macOS 12.3, iOS 15.4.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try body(UnsafeRawBufferPointer(start: dataPointer, count: extent))
  }

  /// macOS 12.3, iOS 15.4.
  public func withUnsafeMutableBytes<R>(
    _ body: (UnsafeMutableRawBufferPointer, _ strides: [Int]) throws -> R
  ) rethrows -> R {
    try body(UnsafeMutableRawBufferPointer(start: dataPointer, count: extent), strides.map(\.intValue))
  }

  private static func product(_ left: Int, _ right: Int, _ shape: [NSNumber]) throws -> Int {
    let (result, overflow) = left.multipliedReportingOverflow(by: right)
    guard right >= 0, !overflow else { throw MLModelError(.generic, "no multi-array has the shape \(shape)") }
    return result
  }
}
