import CoreML
import Foundation
import ModelParityArrays

/// Reads from a model's file what it takes and gives; every output is twice the sum of the inputs, plus how often
/// the state was used before.
final class TestEvaluator: StandInEvaluator, @unchecked Sendable {
  private let lock = NSLock()
  private var uses: [Int64: Int] = [:]
  private var described: [String: Int] = [:]
  /// Names of outputs that are left out, or given as text.
  let missing: Set<String>
  let texts: Set<String>

  init(missing: Set<String> = [], texts: Set<String> = []) {
    self.missing = missing
    self.texts = texts
  }

  var statesAlive: Int { lock.withLock { uses.count } }
  /// How often a model was opened.
  func openings(_ name: String) -> Int { lock.withLock { described[name] ?? 0 } }

  static func document(_ path: String) throws -> String {
    let inside = path + "/Data/model.json"
    let file = FileManager.default.fileExists(atPath: inside) ? inside : path
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  func describe(path: String, function: String?) throws -> StandInDescription {
    lock.withLock { described[(path as NSString).lastPathComponent, default: 0] += 1 }
    return try StandInDescription(json: Self.document(path))
  }

  func predict(_ request: StandInRequest) throws -> [String: MLFeatureValue] {
    let description = try StandInDescription(json: Self.document(request.path))
    let arrays = request.inputs.sorted { $0.key < $1.key }.compactMap(\.value.multiArrayValue)
    guard let first = arrays.first else { return [:] }
    var sum = [Double](repeating: 0, count: first.count)
    for array in arrays {
      for (index, value) in try array.doubles().enumerated() { sum[index] += value }
    }
    var before = 0
    if request.state != 0 {
      before = lock.withLock {
        uses[request.state, default: 0] += 1
        return uses[request.state, default: 1] - 1
      }
    }
    var outputs: [String: MLFeatureValue] = [:]
    for output in description.outputs where !missing.contains(output.name) {
      if texts.contains(output.name) || output.type != .multiArray {
        outputs[output.name] = MLFeatureValue(string: "text")
        continue
      }
      let array = try MLMultiArray(shape: first.shape, dataType: output.dtype ?? .float32)
      Elements.write(sum.map { 2 * $0 + Double(before) }, to: array.dataPointer, try array.elementType())
      outputs[output.name] = MLFeatureValue(multiArray: array)
    }
    return outputs
  }

  func forget(state: Int64) { lock.withLock { uses[state] = nil } }
}

/// Numbers as bytes of any type, and back.
enum Elements {
  static func write(_ values: [Double], to memory: UnsafeMutableRawPointer, _ type: ElementType) {
    for (index, value) in values.enumerated() {
      switch type {
      case .float32: memory.storeBytes(of: Float(value), toByteOffset: index * 4, as: Float.self)
      case .float64: memory.storeBytes(of: value, toByteOffset: index * 8, as: Double.self)
      case .float16: memory.storeBytes(of: Half.narrowed(Float(value)), toByteOffset: index * 2, as: UInt16.self)
      case .int32: memory.storeBytes(of: Int32(value), toByteOffset: index * 4, as: Int32.self)
      }
    }
  }

  static func read(_ memory: UnsafeRawPointer, count: Int, _ type: ElementType) -> [Double] {
    (0..<count).map { index in
      switch type {
      case .float32: Double(memory.load(fromByteOffset: index * 4, as: Float.self))
      case .float64: memory.load(fromByteOffset: index * 8, as: Double.self)
      case .float16: Double(Half.widened(memory.load(fromByteOffset: index * 2, as: UInt16.self)))
      case .int32: Double(memory.load(fromByteOffset: index * 4, as: Int32.self))
      }
    }
  }
}
