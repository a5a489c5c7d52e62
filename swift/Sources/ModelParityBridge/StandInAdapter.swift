#if MODELPARITY_STANDIN
  import CModelParity
  import CoreML
  import Foundation
  import ModelParityArrays

  /// An evaluator that C registered, as the stand-in's.
  struct CEvaluator: StandInEvaluator, @unchecked Sendable {
    typealias Describe =
      @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, OpaquePointer?) -> Void
    typealias Predict =
      @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, Int64, UnsafePointer<mp_tensor>?,
        Int32, OpaquePointer?
      ) -> Void

    private let context: UnsafeMutableRawPointer?
    private let describing: Describe
    private let predicting: Predict
    private let forgetting: (@convention(c) (UnsafeMutableRawPointer?, Int64) -> Void)?

    init(_ evaluator: mp_evaluator) throws {
      guard let describe = evaluator.describe, let predict = evaluator.predict else {
        throw Failure.invalid("the evaluator's describe or predict is a null pointer")
      }
      context = evaluator.context
      describing = describe
      predicting = predict
      forgetting = evaluator.forget
    }

    func describe(path: String, function: String?) throws -> StandInDescription {
      let json = try answered { reply in
        withCString(function) { describing(context, path, $0, reply) }
      }.text
      guard let json else { throw Failure.failed("the evaluator said nothing of \(path)") }
      return try StandInDescription(json: json)
    }

    func predict(_ request: StandInRequest) throws -> [String: MLFeatureValue] {
      var names: [UnsafeMutablePointer<CChar>] = []
      defer { for name in names { free(name) } }
      let tensors = try request.inputs.sorted { $0.key < $1.key }.map { name, value in
        guard let array = value.multiArrayValue else {
          throw Failure.failed("input '\(name)' is no array; an evaluator in C takes arrays alone")
        }
        let label = try copiedForC(name)
        names.append(label)
        return try mp_tensor(label, array)
      }
      return try withExtendedLifetime(request) {
        try answered { reply in
          withCString(request.function) {
            predicting(context, request.path, $0, request.state, tensors, Int32(tensors.count), reply)
          }
        }.outputs.mapValues { MLFeatureValue(multiArray: $0) }
      }
    }

    func forget(state: Int64) { forgetting?(context, state) }

    private func withCString(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Void) {
      guard let text else { return body(nil) }
      text.withCString(body)
    }

    /// - Throws: `Failure` with the evaluator's reason.
    private func answered(_ ask: (OpaquePointer?) -> Void) throws -> Reply {
      let reply = Reply()
      let handle = replies.give(reply)
      defer { replies.drop(handle) }
      ask(handle)
      if let reason = reply.reason { throw Failure.failed(reason) }
      return reply
    }
  }

  /// An answer that an evaluator in C is giving.
  final class Reply: @unchecked Sendable {
    private let lock = NSLock()
    private var locked: (text: String?, reason: String?, outputs: [String: MLMultiArray]) = (nil, nil, [:])

    var text: String? { lock.withLock { locked.text } }
    var reason: String? { lock.withLock { locked.reason } }
    var outputs: [String: MLMultiArray] { lock.withLock { locked.outputs } }

    func tell(_ text: String) { lock.withLock { locked.text = text } }
    func fail(_ reason: String) { lock.withLock { locked.reason = reason } }

    func add(_ tensor: GivenTensor) throws {
      let shape = tensor.layout.shape.map { NSNumber(value: $0) }
      let copy = try MLMultiArray(shape: shape, dataType: tensor.dtype.dataType)
      tensor.layout.gather(from: tensor.data, to: copy.dataPointer, size: tensor.dtype.size)
      try lock.withLock {
        guard locked.outputs.updateValue(copy, forKey: tensor.name) == nil else {
          throw Failure.invalid("output '\(tensor.name)' is given twice")
        }
      }
    }
  }

  extension mp_tensor {
    /// The memory of an array, which must outlive it.
    fileprivate init(_ name: UnsafeMutablePointer<CChar>, _ array: MLMultiArray) throws {
      let layout = try array.layout()
      let type = try array.elementType()
      self.init()
      self.name = UnsafePointer(name)
      data = array.dataPointer
      bytes = Int64(layout.extent * type.size)
      rank = Int32(layout.shape.count)
      dtype = type.rawValue
      withUnsafeMutableBytes(of: &shape) { fill($0, layout.shape) }
      withUnsafeMutableBytes(of: &strides) { fill($0, layout.strides) }
    }
  }
#endif
