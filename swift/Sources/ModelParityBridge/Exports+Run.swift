import CModelParity
import CoreML
import Foundation

/// `mp_model_run` of modelparity.h.
@_cdecl("mp_model_run")
public func exportedModelRun(
  _ model: OpaquePointer?, _ inputs: UnsafePointer<mp_tensor>?, _ count: Int32, _ state: OpaquePointer?,
  _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ wanted: Int32, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  answering {
    guard let result else { throw Failure.invalid("the place for the result is a null pointer") }
    result.pointee = nil
    let model = try models.find(model)
    let state = try state.map { try states.find($0) }
    let given = try GivenTensor.all(inputs, count: count, "input")
    try model.check(given)
    let outputs = try model.wanted(names, count: wanted)
    try model.check(state)
    var values: [String: MLFeatureValue] = [:]
    for tensor in given { values[tensor.name] = MLFeatureValue(multiArray: try tensor.wrapped()) }
    let features = try model.predict(values, state: state)
    let found = try outputs.map { try RunResult.Output($0.name, model.array($0, of: features), given: given) }
    result.pointee = results.give(RunResult(found))
  }
}

/// `mp_result_count` of modelparity.h; -1 for what is no result.
@_cdecl("mp_result_count")
public func exportedResultCount(_ result: OpaquePointer?) -> Int32 {
  var count: Int32 = 0
  let status = answering { count = Int32(try results.find(result).outputs.count) }
  return status == Status.well.rawValue ? count : status
}

/// `mp_result_get` of modelparity.h.
@_cdecl("mp_result_get")
public func exportedResultGet(
  _ result: OpaquePointer?, _ index: Int32, _ tensor: UnsafeMutablePointer<mp_tensor>?
) -> Int32 {
  answering {
    guard let tensor else { throw Failure.invalid("the place for the tensor is a null pointer") }
    tensor.pointee = mp_tensor()
    let outputs = try results.find(result).outputs
    guard outputs.indices.contains(Int(index)) else {
      throw Failure.invalid("output \(index) is asked for; the result has \(outputs.count), counted from 0")
    }
    tensor.pointee = outputs[Int(index)].tensor
  }
}

/// `mp_result_free` of modelparity.h.
@_cdecl("mp_result_free")
public func exportedResultFree(_ result: OpaquePointer?) { results.drop(result) }
