import CoreML
import Foundation
import ModelParityArrays
import Testing

@Suite struct LayoutTests {
  @Test func stridesOfTheDenseLayout() throws {
    #expect(try Layout(shape: [2, 3, 4]).strides == [12, 4, 1])
    #expect(try Layout(shape: []).count == 1)
    #expect(try Layout(shape: [3, 0, 2]).count == 0)
  }

  @Test(arguments: [[Int.max, 2], [1 << 32, 1 << 32], [3, Int.max / 2]])
  func moreElementsThanCanBeCounted(shape: [Int]) {
    #expect(throws: Layout.Fault.overflow) { try Layout(shape: shape) }
    #expect(throws: Layout.Fault.overflow) {
      try Layout(shape: shape, strides: [Int](repeating: Int.max / 2, count: shape.count))
    }
  }

  @Test func whatIsNoLayout() {
    #expect(throws: Layout.Fault.size) { try Layout(shape: [2, -1]) }
    #expect(throws: Layout.Fault.strides) { try Layout(shape: [2, 2], strides: [1]) }
    #expect(throws: Layout.Fault.strides) { try Layout(shape: [2, 2], strides: [-2, 1]) }
  }

  @Test func axesOfSizeOneDoNotCount() throws {
    #expect(try Layout(shape: [2, 1, 3], strides: [3, 77, 1]).isDense)
    #expect(try !Layout(shape: [2, 1, 3], strides: [4, 1, 1]).isDense)
  }

  /// Against one element after the other.
  @Test func gatheringIsIndexing() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let shape = (0..<Int.random(in: 0...5, using: &random)).map { _ in Int.random(in: 1...4, using: &random) }
      let gaps = shape.map { _ in Int.random(in: 0...2, using: &random) }
      var strides = [Int](repeating: 0, count: shape.count)
      var step = 1
      for axis in shape.indices.shuffled(using: &random) {
        strides[axis] = step + gaps[axis]
        step = strides[axis] * shape[axis]
      }
      let layout = try Layout(shape: shape, strides: strides)
      let source = (0..<Int32(layout.extent)).map { $0 }
      var found = [Int32](repeating: -1, count: layout.count)
      layout.gather(from: source, to: &found, size: 4)
      let expected = zip(shape, strides).reduce([0]) { bases, axis in
        bases.flatMap { base in (0..<axis.0).map { base + $0 * axis.1 } }
      }
      #expect(found == expected.map { Int32($0) }, "shape \(shape), strides \(strides)")
    }
  }

  @Test func elementsWithoutWhatLiesBetween() throws {
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: 8)
    for index in 0..<8 { memory[index] = Double(index) }
    let array = try MLMultiArray(
      dataPointer: memory, shape: [2, 3], dataType: .double, strides: [4, 1], deallocator: { $0.deallocate() })
    #expect(try array.doubles() == [0, 1, 2, 4, 5, 6])
    #expect(throws: UnreadableArray.self) { try array.copyElements(to: memory, capacity: 47) }
  }

  @Test(arguments: ElementType.allCases) func everyTypeAsDoubles(type: ElementType) throws {
    let array = try MLMultiArray(shape: [3], dataType: type.dataType)
    array.withUnsafeMutableBytes { bytes, _ in
      for (index, value) in [Float(1), -2, 3].enumerated() {
        switch type {
        case .float32: bytes.storeBytes(of: value, toByteOffset: index * 4, as: Float.self)
        case .float64: bytes.storeBytes(of: Double(value), toByteOffset: index * 8, as: Double.self)
        case .float16: bytes.storeBytes(of: Half.narrowed(value), toByteOffset: index * 2, as: UInt16.self)
        case .int32: bytes.storeBytes(of: Int32(value), toByteOffset: index * 4, as: Int32.self)
        }
      }
    }
    #expect(try array.doubles() == [1, -2, 3])
    #expect(ElementType(array.dataType) == type)
  }
}
