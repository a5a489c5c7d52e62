import CoreML
import Foundation

/// A multi-array whose memory is not readable.
public struct UnreadableArray: Error, Sendable, CustomStringConvertible {
  public let description: String
}

extension MLMultiArray {
  /// The type of the elements.
  /// - Throws: `UnreadableArray` for a type that this version does not know.
  public func elementType() throws -> ElementType {
    guard let type = ElementType(dataType) else {
      throw UnreadableArray(description: "the element type \(dataType.rawValue) is not known to this version")
    }
    return type
  }

  /// Shape and strides. Outputs of Core ML may have room between their rows.
  public func layout() throws -> Layout {
    do {
      return try Layout(shape: shape.map(\.intValue), strides: strides.map(\.intValue))
    } catch {
      throw UnreadableArray(description: "shape \(shape) with strides \(strides) is no layout")
    }
  }

  /// Copies the elements to `target`, dense in C order.
  /// - Parameter capacity: the bytes that `target` holds.
  public func copyElements(to target: UnsafeMutableRawPointer, capacity: Int) throws {
    let layout = try layout()
    let size = try elementType().size
    guard layout.count <= capacity / size else {
      throw UnreadableArray(description: "\(layout.count) elements of \(size) bytes do not fit into \(capacity) bytes")
    }
    try withUnsafeBytes { bytes in
      guard layout.extent <= bytes.count / size else {
        throw UnreadableArray(
          description: "shape \(layout.shape) with strides \(layout.strides) reaches beyond its \(bytes.count) bytes")
      }
      guard let source = bytes.baseAddress else { return }
      layout.gather(from: source, to: target, size: size)
    }
  }

  /// The elements in C order, in native byte order, without what lies between them.
  public func denseBytes() throws -> [UInt8] {
    let total = try layout().count * elementType().size
    return try [UInt8](unsafeUninitializedCapacity: total) { buffer, initialized in
      if let target = buffer.baseAddress { try copyElements(to: UnsafeMutableRawPointer(target), capacity: total) }
      initialized = total
    }
  }

  /// The elements in C order as doubles; exact for every type.
  public func doubles() throws -> [Double] {
    let type = try elementType()
    return try denseBytes().withUnsafeBytes { bytes in
      switch type {
      case .float64: Array(bytes.bindMemory(to: Double.self))
      case .float32: bytes.bindMemory(to: Float.self).map { Double($0) }
      case .int32: bytes.bindMemory(to: Int32.self).map { Double($0) }
      case .float16: bytes.bindMemory(to: UInt16.self).map { Double(Half.widened($0)) }
      }
    }
  }
}
