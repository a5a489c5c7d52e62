import Foundation

extension StandInBehaviour {
  /// Outputs as Core ML may give them: half as wide, with room between rows.
  func applied(to outputs: [String: MLFeatureValue]) throws -> [String: MLFeatureValue] {
    guard !isDisjoint(with: [.strided, .float16]) else { return outputs }
    return try outputs.mapValues { value in
      guard var array = value.multiArrayValue else { return value }
      if contains(.float16) { array = try array.narrowed() }
      if contains(.strided) { array = try array.spread() }
      return MLFeatureValue(multiArray: array)
    }
  }
}

extension MLMultiArray {
  /// Offsets of the elements in C order.
  func offsets() -> [Int] {
    zip(shape, strides).reduce([0]) { found, axis in
      found.flatMap { base in (0..<axis.0.intValue).map { base + $0 * axis.1.intValue } }
    }
  }

  /// Rows three elements further apart than they are long; of one axis, every second element.
  fileprivate func spread() throws -> MLMultiArray {
    let sizes = shape.map(\.intValue)
    var steps = [Int](repeating: 1, count: sizes.count)
    var step = sizes.count == 1 ? 2 : 1
    for axis in sizes.indices.reversed() {
      steps[axis] = step
      step = step * sizes[axis] + (axis == sizes.count - 1 ? 3 : 0)
    }
    let size = dataType.size
    let room = max(step, 1) * size
    let memory = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
    memset(memory, 0xFF, room)
    let result = try MLMultiArray(
      dataPointer: memory, shape: shape, dataType: dataType, strides: steps.map { NSNumber(value: $0) },
      deallocator: { $0.deallocate() })
    for (to, from) in zip(result.offsets(), offsets()) {
      memcpy(memory + to * size, dataPointer + from * size, size)
    }
    return result
  }

  /// float32 and double as float16; others as they are.
  fileprivate func narrowed() throws -> MLMultiArray {
    let value: (Int) -> Double
    switch dataType {
    case .float32: value = { Double(self.dataPointer.load(fromByteOffset: $0 * 4, as: Float.self)) }
    case .double: value = { self.dataPointer.load(fromByteOffset: $0 * 8, as: Double.self) }
    case .float16, .int32: return self
    }
    let result = try MLMultiArray(shape: shape, dataType: .float16)
    for (to, from) in offsets().enumerated() {
      result.dataPointer.storeBytes(of: Float16(value(from)), toByteOffset: to * 2, as: Float16.self)
    }
    return result
  }
}
