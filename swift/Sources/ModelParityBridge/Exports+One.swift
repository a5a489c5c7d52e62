import CModelParity
import CoreML
import Foundation
import ModelParityArrays

/// `mm_model_predict` of modelparity.h: one model, one input, one output, float32.
///
/// The input is converted to the type that the model declares (float16, float32 or double), the output back.
@_cdecl("mm_model_predict")
public func exportedModelPredict(
  _ ctx: UnsafeMutableRawPointer?, _ path: UnsafePointer<CChar>?, _ data: UnsafePointer<Float>?,
  _ shape: UnsafePointer<Int32>?, _ rank: Int32, _ count: Int32, _ out: UnsafeMutablePointer<MMBuffer>?
) -> Int32 {
  answering {
    guard let out else { throw Failure.invalid("the place for the output is a null pointer") }
    out.pointee = MMBuffer()
    let path = try text(path, "the path of the model")
    let (source, shape) = try given(data, shape, rank, count)
    let model = try RecentModels.shared.model(path)
    let (input, output) = try model.single()
    try model.check(input, shape: shape, dtype: nil)
    let type = input.dtype ?? .float32
    let array = try Floats.array(source, shape: shape, type) ?? wrapped(source, shape)
    let features = try withExtendedLifetime(array) {
      try model.predict([input.name: MLFeatureValue(multiArray: array)], state: nil)
    }
    let result = try model.array(output, of: features)
    let layout = try result.layout()
    guard layout.shape.count <= GivenTensor.maximalRank else {
      throw Failure.failed("output '\(output.name)' has rank \(layout.shape.count); 8 is the most here")
    }
    var answer = MMBuffer()
    withUnsafeMutableBytes(of: &answer.shape) { fill($0, layout.shape) }
    answer.ndim = Int32(layout.shape.count)
    answer.dtype = ElementType.float32.rawValue
    answer.count = Int64(layout.count)
    answer.data = try Floats.copied(result, result.elementType())
    out.pointee = answer
  }
}

/// `mm_buffer_free` of modelparity.h: safe to call twice, and with a null pointer.
@_cdecl("mm_buffer_free")
public func exportedBufferFree(_ buffer: UnsafeMutablePointer<MMBuffer>?) {
  guard let buffer else { return }
  free(buffer.pointee.data)
  buffer.pointee = MMBuffer()
}

private func given(
  _ data: UnsafePointer<Float>?, _ shape: UnsafePointer<Int32>?, _ rank: Int32, _ count: Int32
) throws -> (UnsafePointer<Float>, [Int]) {
  guard let data else { throw Failure.invalid("input_data is a null pointer") }
  guard let shape else { throw Failure.invalid("input_shape is a null pointer") }
  guard (1...Int32(GivenTensor.maximalRank)).contains(rank) else {
    throw Failure.invalid("input_shape_len is \(rank), expected 1 to \(GivenTensor.maximalRank)")
  }
  let sizes = (0..<Int(rank)).map { Int(shape[$0]) }
  if let size = sizes.first(where: { $0 <= 0 }) {
    throw Failure.invalid("input_shape \(sizes) has the size \(size); sizes are 1 at least")
  }
  guard let layout = try? Layout(shape: sizes), layout.count == Int(count) else {
    throw Failure.invalid("input_count is \(count), which is not the product of input_shape \(sizes)")
  }
  guard UInt(bitPattern: data) % 4 == 0 else {
    throw Failure.invalid("input_data does not begin at a multiple of 4 bytes; give a copy of it")
  }
  return (data, sizes)
}

private func wrapped(_ source: UnsafePointer<Float>, _ shape: [Int]) throws -> MLMultiArray {
  let layout = try Layout(shape: shape)
  return try MLMultiArray(
    dataPointer: UnsafeMutableRawPointer(mutating: source), shape: shape.map { NSNumber(value: $0) },
    dataType: .float32, strides: layout.strides.map { NSNumber(value: $0) }, deallocator: nil)
}

extension OpenModel {
  /// The only input and the only output of a model that has no more.
  fileprivate func single() throws -> (Feature, Feature) {
    guard states.isEmpty else {
      throw Failure.invalid("'\(name)' keeps \(listed(states.keys)) between runs; use mp_model_run")
    }
    guard inputs.count == 1, let input = inputs.values.first else {
      throw Failure.invalid("'\(name)' takes \(listed(inputs.keys)), expected one input; use mp_model_run")
    }
    guard outputs.count == 1, let output = outputs.values.first else {
      throw Failure.invalid("'\(name)' gives \(listed(outputs.keys)), expected one output; use mp_model_run")
    }
    guard output.isArray else {
      throw Failure.invalid("output '\(output.name)' of '\(name)' is of type \(output.type), not an array")
    }
    guard input.dtype != .int32 else {
      throw Failure.invalid("input '\(input.name)' of '\(name)' is of int32, not of floating point; use mp_model_run")
    }
    return (input, output)
  }
}
