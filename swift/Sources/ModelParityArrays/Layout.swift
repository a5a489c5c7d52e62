/// Where the elements of an array are: its shape, and how many elements apart neighbours along each axis are.
public struct Layout: Sendable, Equatable {
  public let shape: [Int]
  public let strides: [Int]
  /// The product of the shape.
  public let count: Int
  /// From the first element to the one after the last that an index reaches; 0 if there is none.
  public let extent: Int

  /// What is wrong with a layout.
  public enum Fault: Error, Sendable, Equatable {
    /// A size is negative.
    case size
    /// Strides are negative, or not as many as axes.
    case strides
    /// There are more elements than can be counted.
    case overflow
  }

  /// Elements one after the other, in C order.
  public init(shape: [Int]) throws(Fault) {
    var strides = [Int](repeating: 1, count: shape.count)
    var step = 1
    for axis in shape.indices.reversed() {
      guard shape[axis] >= 0 else { throw .size }
      strides[axis] = step
      let (next, overflow) = step.multipliedReportingOverflow(by: max(shape[axis], 1))
      guard !overflow else { throw .overflow }
      step = next
    }
    self.shape = shape
    self.strides = strides
    count = shape.contains(0) ? 0 : step
    extent = count
  }

  public init(shape: [Int], strides: [Int]) throws(Fault) {
    guard shape.count == strides.count else { throw .strides }
    var count = 1
    var last = 0
    for (size, stride) in zip(shape, strides) {
      guard size >= 0 else { throw .size }
      guard stride >= 0 else { throw .strides }
      let (product, tooMany) = count.multipliedReportingOverflow(by: size)
      let (reach, tooFar) = max(size - 1, 0).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(reach)
      guard !tooMany, !tooFar, !beyond, sum < Int.max else { throw .overflow }
      count = product
      last = sum
    }
    self.shape = shape
    self.strides = strides
    self.count = count
    extent = count == 0 ? 0 : last + 1
  }

  /// Whether the elements lie one after the other in C order. Strides of axes of size one mean nothing.
  public var isDense: Bool {
    var step = 1
    for axis in shape.indices.reversed() where shape[axis] != 1 {
      guard strides[axis] == step || count == 0 else { return false }
      step *= shape[axis]
    }
    return true
  }

  /// Copies elements of `size` bytes from `source`, laid out so, to `target`, dense in C order.
  public func gather(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, size: Int) {
    guard count > 0 else { return }
    if isDense {
      target.copyMemory(from: source, byteCount: count * size)
      return
    }
    // The innermost axes that are dense among themselves are copied at once.
    var run = 1
    var axes = shape.count
    while axes > 0, shape[axes - 1] == 1 || strides[axes - 1] == run {
      run *= shape[axes - 1]
      axes -= 1
    }
    var index = [Int](repeating: 0, count: axes)
    var offset = 0
    var written = 0
    while true {
      (target + written * size).copyMemory(from: source + offset * size, byteCount: run * size)
      written += run
      var axis = axes - 1
      while axis >= 0 {
        index[axis] += 1
        offset += strides[axis]
        if index[axis] < shape[axis] { break }
        offset -= shape[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
