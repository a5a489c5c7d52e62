import CModelParity
import Foundation
import ModelParityArrays

/// What a call answered: its status and the text of its failure.
struct Answer: Equatable, CustomStringConvertible {
  let status: Int32
  let text: String

  init(_ status: Int32) {
    self.status = status
    text = String(cString: mp_last_error())
  }

  var description: String { "\(status) \(text)" }
  var isWell: Bool { status == 0 && text.isEmpty }

  /// Whether the call failed with this status and a text that has all the words.
  func says(_ status: Int32, _ words: String...) -> Bool {
    self.status == status && words.allSatisfy { text.contains($0) }
  }
}

/// Calls of the C interface, by its own header.
enum Calls {
  static func open(_ path: String?, _ options: String?) -> (Answer, OpaquePointer?) {
    var model: OpaquePointer?
    let status = mp_model_open(path, options, &model)
    return (Answer(status), model)
  }

  static func open(_ path: String, in scratch: Scratch, more: String = "") -> (Answer, OpaquePointer?) {
    open(path, #"{"cache": "\#(scratch.cache)"\#(more)}"#)
  }

  static func describe(_ model: OpaquePointer?) -> (Answer, String) {
    var text: UnsafeMutablePointer<CChar>?
    let answer = Answer(mp_model_describe(model, &text))
    defer { mp_text_free(text) }
    return (answer, text.map { String(cString: $0) } ?? "")
  }

  static func plan(_ model: OpaquePointer?) -> (Answer, String) {
    var text: UnsafeMutablePointer<CChar>?
    let answer = Answer(mp_model_plan(model, &text))
    defer { mp_text_free(text) }
    return (answer, text.map { String(cString: $0) } ?? "")
  }

  /// The outputs as doubles, in order.
  static func run(
    _ model: OpaquePointer?, _ inputs: [Given], state: OpaquePointer? = nil, names: [String]? = nil
  ) -> (Answer, [Taken]) {
    var result: OpaquePointer?
    let tensors = inputs.map(\.tensor)
    let wanted = names?.map { strdup($0) }
    defer { for name in wanted ?? [] { free(name) } }
    let status: Int32
    if let wanted {
      status = wanted.map { UnsafePointer($0) }.withUnsafeBufferPointer {
        mp_model_run(model, tensors, Int32(tensors.count), state, $0.baseAddress, Int32($0.count), &result)
      }
    } else {
      status = mp_model_run(model, tensors, Int32(tensors.count), state, nil, 0, &result)
    }
    let answer = Answer(status)
    defer { mp_result_free(result) }
    guard result != nil else { return (answer, []) }
    return (
      answer,
      (0..<mp_result_count(result)).compactMap { index in
        var tensor = mp_tensor()
        return mp_result_get(result, index, &tensor) == 0 ? Taken(tensor) : nil
      }
    )
  }

  /// `mm_model_predict`; the values and the shape.
  static func predict(_ path: String?, _ values: [Float], _ shape: [Int32]) -> (Answer, [Float], [Int]) {
    var buffer = MMBuffer()
    let status = mm_model_predict(nil, path, values, shape, Int32(shape.count), Int32(values.count), &buffer)
    let answer = Answer(status)
    defer {
      mm_buffer_free(&buffer)
      mm_buffer_free(&buffer)
    }
    let found = buffer.data.map { Array(UnsafeBufferPointer(start: $0, count: Int(buffer.count))) } ?? []
    let sizes = withUnsafeBytes(of: buffer.shape) {
      $0.bindMemory(to: Int64.self).prefix(Int(buffer.ndim)).map { Int($0) }
    }
    return (answer, found, sizes)
  }
}

/// An input, and its memory.
final class Given {
  var tensor = mp_tensor()
  private let memory: UnsafeMutableRawPointer
  private let name: UnsafeMutablePointer<CChar>?

  init(
    _ name: String?, _ values: [Double], _ shape: [Int], strides: [Int]? = nil, _ type: ElementType = .float32
  ) {
    let bytes = max(values.count * type.size, 16)
    memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    Elements.write(values, to: memory, type)
    self.name = name.flatMap { strdup($0) }
    tensor.name = UnsafePointer(self.name)
    tensor.data = memory
    tensor.bytes = Int64(values.count * type.size)
    tensor.rank = Int32(shape.count)
    tensor.dtype = type.rawValue
    set(\.shape, shape)
    set(\.strides, strides ?? shape.indices.map { shape[($0 + 1)...].reduce(1) { $0 &* $1 } })
  }

  deinit {
    memory.deallocate()
    free(name)
  }

  func set(_ key: WritableKeyPath<mp_tensor, Eight>, _ values: [Int]) {
    withUnsafeMutableBytes(of: &tensor[keyPath: key]) { bytes in
      let cells = bytes.bindMemory(to: Int64.self)
      for (index, value) in values.prefix(8).enumerated() { cells[index] = Int64(value) }
    }
  }

  typealias Eight = (Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64)
}

/// An output.
struct Taken: Equatable {
  let name: String
  let shape: [Int]
  let strides: [Int]
  let type: ElementType
  let values: [Double]

  init?(_ tensor: mp_tensor) {
    guard let name = tensor.name, let data = tensor.data, let type = ElementType(rawValue: tensor.dtype) else {
      return nil
    }
    let rank = Int(tensor.rank)
    self.name = String(cString: name)
    self.type = type
    shape = withUnsafeBytes(of: tensor.shape) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
    strides = withUnsafeBytes(of: tensor.strides) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
    values = Elements.read(data, count: Int(tensor.bytes) / type.size, type)
  }
}
