import CoreML
import Foundation
import ModelParityArrays

/// A Core ML model, as a golden is run through it.
struct Candidate {
  let model: MLModel
  /// As errors name it.
  let name: String

  /// What ran a model, as verdicts name it: a stand-in is never called Core ML.
  static func runtime(_ units: MLComputeUnits) -> String {
    #if os(Linux)
      "stand-in (\(word(units)))"
    #else
      "Core ML (\(word(units)))"
    #endif
  }

  static func word(_ units: MLComputeUnits) -> String {
    switch units {
    case .cpuOnly: "cpuOnly"
    case .cpuAndGPU: "cpuAndGPU"
    case .all: "all"
    case .cpuAndNeuralEngine: "cpuAndNeuralEngine"
    @unknown default: "units \(units.rawValue)"
    }
  }

  /// The outputs for a golden's inputs, by the golden's names, and which names stand for which where they differ.
  func outputs(for golden: Golden, names: [String: String]) throws -> (outputs: [String: Tensor], names: String?) {
    let description = model.modelDescription
    let (values, taken) = try inputs(golden, description, names)
    let predicted = try prediction(try MLDictionaryFeatureProvider(dictionary: values))
    let carried = Set(golden.states.values)
    let found = description.outputDescriptionsByName.keys.sorted()
    let wanted = golden.order.filter { found.contains($0) || names[$0] != nil || !carried.contains($0) }
    let given = try Names("output", of: name).matched(wanted, found, names)
    var outputs: [String: Tensor] = [:]
    for output in wanted {
      guard let own = given[output], let value = predicted.featureValue(for: own) else { continue }
      outputs[output] = try tensor(value, own)
    }
    let renamed = (golden.inputs.keys.sorted() + golden.order).compactMap { name -> String? in
      guard let own = taken[name] ?? given[name], own != name else { return nil }
      return "\(name) is \(own)"
    }
    return (outputs, renamed.isEmpty ? nil : renamed.joined(separator: ", "))
  }

  private func inputs(
    _ golden: Golden, _ description: MLModelDescription, _ names: [String: String]
  ) throws -> (values: [String: MLFeatureValue], names: [String: String]) {
    let own = description.inputDescriptionsByName
    // States that start from zeros are left to a model that keeps them to itself.
    let wanted = golden.inputs.keys.sorted().filter { name in
      own[name] != nil || golden.states[name] == nil || golden.inputs[name]?.bytes.allSatisfy { $0 == 0 } == false
    }
    if keepsStates,
      let state = wanted.first(where: { golden.states[$0] != nil && own[$0] == nil && names[$0] == nil })
    {
      throw ParityError(
        "the golden's state begins elsewhere than at zero, where the model's own begin",
        place: "\(name), input \(PythonText.quoted(state))", next: "take a golden whose states begin at zero")
    }
    let found = own.keys.sorted().filter { wanted.contains($0) || own[$0]?.isOptional == false }
    let matched = try Names("input", of: name).matched(wanted, found, names)
    var values: [String: MLFeatureValue] = [:]
    for (input, other) in matched {
      guard let tensor = golden.inputs[input], let feature = own[other] else { continue }
      values[other] = MLFeatureValue(
        multiArray: try GivenInput(tensor, feature, place: "\(name), input \(PythonText.quoted(other))").array())
    }
    return (values, matched)
  }

  /// Whether the model has states that are no inputs.
  private var keepsStates: Bool {
    guard #available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *) else { return false }
    return !model.modelDescription.stateDescriptionsByName.isEmpty
  }

  private func prediction(_ provider: MLDictionaryFeatureProvider) throws -> any MLFeatureProvider {
    do {
      if #available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *), keepsStates {
        return try model.prediction(from: provider, using: model.makeState())
      }
      return try model.prediction(from: provider)
    } catch {
      throw ParityError("the model did not run", place: name, found: "\(error)")
    }
  }

  private func tensor(_ value: MLFeatureValue, _ output: String) throws -> Tensor {
    let place = "\(name), output \(PythonText.quoted(output))"
    guard let array = value.multiArrayValue else {
      throw ParityError("not a multi-array", place: place, next: "convert the model so that it gives arrays")
    }
    do {
      guard let element = Tensor.Element(rawValue: try array.elementType().name),
        let tensor = Tensor(element, shape: try array.layout().shape, bytes: try array.denseBytes())
      else { throw ParityError("not an array that is known here", place: place) }
      return tensor
    } catch let error as UnreadableArray {
      throw ParityError("not readable", place: place, found: "\(error)")
    }
  }
}
