import CModelParity
import CoreML
import Foundation
import ModelParityArrays

extension OpenModel {
  /// - Throws: `Failure` that names the input that is missing, surplus or misshapen.
  func check(_ given: [GivenTensor]) throws {
    for tensor in given {
      guard let feature = inputs[tensor.name] else {
        throw Failure.invalid("'\(name)' has no input '\(tensor.name)'; it takes \(listed(inputs.keys))")
      }
      try check(feature, shape: tensor.layout.shape, dtype: tensor.dtype)
    }
    for feature in inputs.values.sorted(by: { $0.name < $1.name }) where !feature.optional {
      guard given.contains(where: { $0.name == feature.name }) else {
        throw Failure.invalid(
          "input '\(feature.name)' was not given (\(feature.type) of shape \(feature.shapes)); "
            + "'\(name)' takes \(listed(inputs.keys)), and nothing is filled in")
      }
    }
  }

  func check(_ feature: Feature, shape: [Int], dtype: ElementType?) throws {
    guard feature.isArray else {
      throw Failure.invalid("input '\(feature.name)' of '\(name)' is of type \(feature.type), not an array")
    }
    guard feature.takes(shape, classic: classic) else {
      throw Failure.invalid(
        "input '\(feature.name)' of '\(name)': shape \(shape) found, \(feature.shapes) expected")
    }
    guard let declared = feature.dtype else {
      throw Failure.invalid("input '\(feature.name)' of '\(name)' has elements of a type that this version lacks")
    }
    if let dtype, dtype != declared {
      throw Failure.invalid(
        "input '\(feature.name)' of '\(name)': \(dtype.name) found, \(declared.name) expected; convert it, "
          + "as no type is converted here")
    }
  }

  /// The outputs that are wanted, in that order; all in the order of their names for nil.
  func wanted(_ names: UnsafePointer<UnsafePointer<CChar>?>?, count: Int32) throws -> [Feature] {
    guard count >= 0 else { throw Failure.invalid("the number of outputs that are wanted is \(count)") }
    guard let names else {
      guard count == 0 else {
        throw Failure.invalid("names of outputs are a null pointer, but \(count) are wanted; 0 and null mean all")
      }
      return try outputs.keys.sorted().map { try array($0) }
    }
    guard count > 0 else { throw Failure.invalid("no output is wanted; null instead of names means all") }
    var found = Set<String>()
    return try (0..<Int(count)).map { index in
      let name = try text(names[index], "the name of output \(index)")
      guard found.insert(name).inserted else { throw Failure.invalid("output '\(name)' is wanted twice") }
      return try array(name)
    }
  }

  private func array(_ output: String) throws -> Feature {
    guard let feature = outputs[output] else {
      throw Failure.invalid("'\(name)' has no output '\(output)'; it gives \(listed(outputs.keys))")
    }
    guard feature.isArray else {
      let arrays = outputs.values.filter(\.isArray).map(\.name)
      throw Failure.invalid(
        "output '\(output)' of '\(name)' is of type \(feature.type), not an array; arrays are \(listed(arrays))")
    }
    return feature
  }

  /// Whether a state has to be given, and is this model's.
  func check(_ state: KeptState?) throws {
    if let state, state.model !== self {
      throw Failure.invalid("the state was made by another model; make one with this one")
    }
    if state == nil, !states.isEmpty {
      throw Failure.invalid("'\(name)' keeps \(listed(states.keys)) between runs: give a state of mp_state_make")
    }
  }

  /// The array that the model gave as this output.
  func array(_ output: Feature, of features: any MLFeatureProvider) throws -> MLMultiArray {
    guard let value = features.featureValue(for: output.name), let array = value.multiArrayValue else {
      throw Failure.failed("'\(name)' declares the output '\(output.name)' but did not give it as an array")
    }
    return array
  }
}
