import CModelParity
import CoreML
import Foundation
import ModelParityArrays

/// Outputs, dense, for as long as C keeps them.
final class RunResult: @unchecked Sendable {
  let outputs: [Output]

  init(_ outputs: [Output]) { self.outputs = outputs }

  /// One output. An array that is dense as the model gave it is kept and handed out; others are copied once, and so
  /// are those that show an input's own memory, which is C's again when the call returns.
  final class Output {
    let tensor: mp_tensor
    private let name: UnsafeMutablePointer<CChar>
    private let array: MLMultiArray?
    private let copy: UnsafeMutableRawPointer?

    init(_ label: String, _ array: MLMultiArray, given: [GivenTensor]) throws {
      do {
        let layout = try array.layout()
        let type = try array.elementType()
        let bytes = layout.count * type.size
        let rank = layout.shape.count
        guard rank <= GivenTensor.maximalRank else {
          throw Failure.failed("output '\(label)' has rank \(rank); \(GivenTensor.maximalRank) is the most here")
        }
        if layout.isDense, !array.isBackedByPixels, !given.contains(where: { $0.holds(array.dataPointer) }) {
          self.array = array
          copy = nil
        } else {
          guard let memory = malloc(max(bytes, 1)) else { throw Failure.noMemory(bytes, for: "output '\(label)'") }
          copy = memory
          self.array = nil
          do {
            try array.copyElements(to: memory, capacity: bytes)
          } catch {
            free(memory)
            throw error
          }
        }
        do {
          name = try copiedForC(label)
        } catch {
          free(copy)
          throw error
        }
        let dense = try Layout(shape: layout.shape)
        var tensor = mp_tensor()
        tensor.name = UnsafePointer(name)
        tensor.data = copy ?? array.dataPointer
        tensor.bytes = Int64(bytes)
        tensor.rank = Int32(rank)
        tensor.dtype = type.rawValue
        withUnsafeMutableBytes(of: &tensor.shape) { fill($0, dense.shape) }
        withUnsafeMutableBytes(of: &tensor.strides) { fill($0, dense.strides) }
        self.tensor = tensor
      } catch {
        throw Failure(error, while: "output '\(label)' is not readable")
      }
    }

    deinit {
      free(name)
      free(copy)
    }
  }
}

/// Writes numbers into a C array of 8; the rest of it is zero.
func fill(_ target: UnsafeMutableRawBufferPointer, _ numbers: [Int]) {
  let cells = target.bindMemory(to: Int64.self)
  for index in cells.indices { cells[index] = index < numbers.count ? Int64(numbers[index]) : 0 }
}

extension MLMultiArray {
  /// Such an array's memory may be read only while it is locked.
  var isBackedByPixels: Bool {
    #if canImport(CoreVideo)
      pixelBuffer != nil
    #else
      false
    #endif
  }
}
