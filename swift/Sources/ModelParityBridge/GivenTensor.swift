import CModelParity
import CoreML
import Foundation
import ModelParityArrays

/// An array that C gave, checked: reading it reaches no byte that it does not have.
struct GivenTensor {
  static let maximalRank = 8

  let name: String
  let data: UnsafeMutableRawPointer
  let layout: Layout
  let dtype: ElementType

  /// - Parameter place: what to call it while its name is not known.
  init(_ tensor: mp_tensor, _ place: String) throws {
    let name = try text(tensor.name, "the name of \(place)")
    func wrong(_ what: String) -> Failure { .invalid("'\(name)': \(what)") }
    guard let data = tensor.data else { throw wrong("data is a null pointer") }
    guard let dtype = ElementType(rawValue: tensor.dtype) else {
      throw wrong("dtype is \(tensor.dtype), expected 0 (float32), 1 (float64), 2 (float16) or 3 (int32)")
    }
    let rank = Int(tensor.rank)
    guard (0...Self.maximalRank).contains(rank) else {
      throw wrong("rank is \(rank), expected 0 to \(Self.maximalRank)")
    }
    let shape = withUnsafeBytes(of: tensor.shape) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
    var strides = withUnsafeBytes(of: tensor.strides) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
    if let size = shape.first(where: { $0 <= 0 }) {
      throw wrong("shape \(shape) has the size \(size); sizes are 1 at least")
    }
    // The stride of an axis of size one is never used; whatever it says, an ordinary one takes its place.
    for axis in strides.indices.reversed() where shape[axis] == 1 {
      let next = axis + 1
      strides[axis] = next < rank ? shape[next].multipliedReportingOverflow(by: strides[next]).partialValue : 1
      strides[axis] = max(strides[axis], 1)
    }
    if let stride = strides.first(where: { $0 <= 0 }) {
      throw wrong("strides \(strides) have \(stride); strides are 1 at least, in elements")
    }
    let layout: Layout
    do {
      layout = try Layout(shape: shape, strides: strides)
    } catch {
      throw wrong("shape \(shape) with strides \(strides) is more than memory can hold")
    }
    let (needed, overflow) = layout.extent.multipliedReportingOverflow(by: dtype.size)
    guard !overflow, Int64(needed) <= tensor.bytes else {
      throw wrong(
        "\(tensor.bytes) bytes found, \(overflow ? "more than there can be" : "\(needed)") needed for shape \(shape) "
          + "with strides \(strides) of \(dtype.name)")
    }
    guard UInt(bitPattern: data) % UInt(dtype.size) == 0 else {
      throw wrong("data does not begin at a multiple of \(dtype.size) bytes; give a copy of it")
    }
    self.name = name
    self.data = data
    self.layout = layout
    self.dtype = dtype
  }

  /// `count` tensors with names of their own.
  static func all(_ tensors: UnsafePointer<mp_tensor>?, count: Int32, _ what: String) throws -> [GivenTensor] {
    guard count >= 0 else { throw Failure.invalid("the number of \(what)s is \(count)") }
    guard count > 0 else { return [] }
    guard let tensors else { throw Failure.invalid("\(what)s are a null pointer, but their number is \(count)") }
    var names = Set<String>()
    return try (0..<Int(count)).map { index in
      let tensor = try GivenTensor(tensors[index], "\(what) \(index)")
      guard names.insert(tensor.name).inserted else {
        throw Failure.invalid("\(what) '\(tensor.name)' is given twice")
      }
      return tensor
    }
  }

  /// Whether this address is within the memory that C gave.
  func holds(_ address: UnsafeRawPointer) -> Bool {
    let start = UnsafeRawPointer(data)
    return address >= start && address < start + layout.extent * dtype.size
  }

  /// The same memory as a multi-array, for as long as C keeps it.
  func wrapped() throws -> MLMultiArray {
    do {
      return try MLMultiArray(
        dataPointer: data, shape: layout.shape.map { NSNumber(value: $0) }, dataType: dtype.dataType,
        strides: layout.strides.map { NSNumber(value: $0) }, deallocator: nil)
    } catch {
      throw Failure(error, while: "'\(name)' of shape \(layout.shape) is refused by Core ML")
    }
  }
}
