import CModelParity
import CoreML
import Foundation
import ModelParityArrays

/// The models that `mm_model_predict` has used last: it is given a path each time.
final class RecentModels: @unchecked Sendable {
  static let shared = RecentModels(capacity: 8)

  private struct Entry {
    let model: OpenModel
    let artefact: Artefact
    let fingerprint: Fingerprint
    /// Of the content; nil where no later change is missed.
    var hash: String?
  }

  private let capacity: Int
  private let lock = NSLock()
  private var entries: [String: Entry] = [:]
  /// Paths, the one used last at the end.
  private var order: [String] = []

  init(capacity: Int) { self.capacity = capacity }

  /// The model at a path as it is now; opened anew if a file of it changed.
  func model(_ path: String) throws -> OpenModel {
    try lock.withLock {
      if let model = try? kept(path) { return model }
      let artefact = try Artefact(path)
      let fingerprint = try artefact.fingerprint()
      let hash = fingerprint.isSettled ? nil : try artefact.contentHash()
      let model = try OpenModel(path: path, options: Options())
      entries[path] = Entry(model: model, artefact: artefact, fingerprint: fingerprint, hash: hash)
      use(path)
      if order.count > capacity { entries[order.removeFirst()] = nil }
      return model
    }
  }

  /// nil, or an error, if it is not open or not what it was.
  private func kept(_ path: String) throws -> OpenModel? {
    guard let entry = entries[path], try entry.artefact.fingerprint() == entry.fingerprint else { return nil }
    if let hash = entry.hash {
      // A file written twice within one tick of the clock looks unchanged: then its content decides.
      let settled = entry.fingerprint.isSettled
      guard try entry.artefact.contentHash() == hash else { return nil }
      if settled { entries[path]?.hash = nil }
    }
    if order.last != path { use(path) }
    return entry.model
  }

  private func use(_ path: String) {
    order.removeAll { $0 == path }
    order.append(path)
  }
}

/// Elements of float32 as another type, and back.
enum Floats {
  /// - Returns: an array over memory of its own, with strides that are said, for nothing says how Core ML lays out what
  ///   it allocates; nil for types to which nothing is converted.
  static func array(_ source: UnsafePointer<Float>, shape: [Int], _ type: ElementType) throws -> MLMultiArray? {
    guard type == .float64 || type == .float16 else { return nil }
    let layout = try Layout(shape: shape)
    let (count, bytes) = (layout.count, layout.count * type.size)
    guard let memory = malloc(max(bytes, 1)) else { throw Failure.noMemory(bytes, for: "the input") }
    if type == .float64 {
      let cells = memory.bindMemory(to: Double.self, capacity: count)
      for index in 0..<count { cells[index] = Double(source[index]) }
    } else {
      let cells = memory.bindMemory(to: UInt16.self, capacity: count)
      for index in 0..<count { cells[index] = Half.narrowed(source[index]) }
    }
    return try MLMultiArray(
      dataPointer: memory, shape: shape.map { NSNumber(value: $0) }, dataType: type.dataType,
      strides: layout.strides.map { NSNumber(value: $0) }, deallocator: { free($0) })
  }

  /// The elements of an array, in C order, in memory that C frees with `free`.
  static func copied(_ array: MLMultiArray, _ type: ElementType) throws -> UnsafeMutablePointer<Float> {
    let count = array.count
    let bytes = max(count, 1) * 4
    guard let memory = malloc(bytes) else { throw Failure.noMemory(bytes, for: "the output") }
    do {
      if type == .float32 {
        try array.copyElements(to: memory, capacity: bytes)
      } else {
        let cells = memory.bindMemory(to: Float.self, capacity: max(count, 1))
        try array.denseBytes().withUnsafeBytes { source in
          for index in 0..<count {
            switch type {
            case .float64: cells[index] = Float(source.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
            case .int32: cells[index] = Float(source.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
            case .float16: cells[index] = Half.widened(source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
            case .float32: break
            }
          }
        }
      }
    } catch {
      free(memory)
      throw error
    }
    return memory.assumingMemoryBound(to: Float.self)
  }
}
