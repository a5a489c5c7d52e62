import CModelParity
import Foundation
import ModelParityTesting

/// A model that was opened through the C interface, closed with this object.
final class OpenedThroughC {
  struct Refusal: Error, CustomStringConvertible {
    let status: Int32
    let text = String(cString: mp_last_error())
    var description: String { "\(status) \(text)" }
  }

  private let model: OpaquePointer?
  private let cache: URL

  init(_ url: URL, units: String = "cpuOnly") throws {
    cache = FileManager.default.temporaryDirectory.appendingPathComponent("modelparity-\(UUID().uuidString)")
    let options = try JSONEncoder().encode(["cache": cache.path, "units": units])
    var model: OpaquePointer?
    let status = mp_model_open(url.path, String(decoding: options, as: UTF8.self), &model)
    self.model = model
    try Self.check(status)
  }

  deinit {
    mp_model_close(model)
    try? FileManager.default.removeItem(at: cache)
  }

  static func check(_ status: Int32) throws {
    if status != 0 { throw Refusal(status: status) }
  }

  func described() throws -> [String: Any] { try json(mp_model_describe) }
  func plan() throws -> [String: Any] { try json(mp_model_plan) }

  private func json(
    _ call: (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32
  ) throws -> [String: Any] {
    var text: UnsafeMutablePointer<CChar>?
    try Self.check(call(model, &text))
    defer { mp_text_free(text) }
    let data = Data(text.map { String(cString: $0) }?.utf8 ?? "".utf8)
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// The outputs of one run on float32 arrays.
  func run(_ inputs: [String: Tensor], state: OpaquePointer? = nil) throws -> [String: Tensor] {
    var tensors: [mp_tensor] = []
    var held: [UnsafeMutableRawPointer] = []
    defer { for memory in held { free(memory) } }
    for (name, tensor) in inputs {
      guard let label = strdup(name), let data = malloc(tensor.bytes.count) else { continue }
      held += [UnsafeMutableRawPointer(label), data]
      data.copyMemory(from: tensor.bytes, byteCount: tensor.bytes.count)
      var given = mp_tensor()
      given.name = UnsafePointer(label)
      given.data = data
      given.bytes = Int64(tensor.bytes.count)
      given.rank = Int32(tensor.shape.count)
      withUnsafeMutableBytes(of: &given.shape) { $0.copyBytes(from: cells(tensor.shape)) }
      let strides = tensor.shape.indices.map { tensor.shape[($0 + 1)...].reduce(1, *) }
      withUnsafeMutableBytes(of: &given.strides) { $0.copyBytes(from: cells(strides)) }
      tensors.append(given)
    }
    var result: OpaquePointer?
    try Self.check(mp_model_run(model, tensors, Int32(tensors.count), state, nil, 0, &result))
    defer { mp_result_free(result) }
    var outputs: [String: Tensor] = [:]
    for index in 0..<mp_result_count(result) {
      var taken = mp_tensor()
      try Self.check(mp_result_get(result, index, &taken))
      let sizes = withUnsafeBytes(of: taken.shape) {
        $0.bindMemory(to: Int64.self).prefix(Int(taken.rank)).map { Int($0) }
      }
      let types: [Tensor.Element] = [.float32, .float64, .float16, .int32]
      let bytes = taken.data.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: Int(taken.bytes))) }
      outputs[String(cString: taken.name)] = Tensor(types[Int(taken.dtype)], shape: sizes, bytes: bytes ?? [])
    }
    return outputs
  }

  private func cells(_ numbers: [Int]) -> [UInt8] { numbers.map { Int64($0) }.withUnsafeBytes { Array($0) } }

  /// A state at its beginning; it is C's to free.
  func state() throws -> OpaquePointer? {
    var state: OpaquePointer?
    try Self.check(mp_state_make(model, &state))
    return state
  }
}
