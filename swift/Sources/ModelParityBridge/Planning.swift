import CoreML
import Foundation

/// On which processor each operation of a model would run.
struct Plan: Encodable, Sendable {
  struct Step: Encodable, Sendable {
    /// "main" for models without functions; of a pipeline, the name of the model and its function.
    let function: String
    let `operator`: String
    let outputs: [String]
    /// "cpu", "gpu", "neuralEngine"; null where Core ML does not say.
    let preferred: String?
    let supported: [String]
    /// Share of the whole time, 0 to 1; null where Core ML does not say.
    let cost: Double?
  }

  let units: String
  /// "program", "neuralNetwork", "pipeline" or "unsupported".
  let structure: String
  let operations: [Step]
}

extension OpenModel {
  func plan() throws -> Plan {
    guard #available(macOS 14.4, iOS 17.4, tvOS 17.4, watchOS 10.4, *) else {
      throw Failure.unsupported("the compute plan needs macOS 14.4 or iOS 17.4")
    }
    let (compiled, options) = (compiled, options)
    return try waiting("'\(name)' has no compute plan") {
      let plan = try await MLComputePlan.load(contentsOf: compiled, configuration: options.configuration())
      let (structure, steps) = plan.steps(plan.modelStructure, within: "")
      return Plan(units: options.units, structure: structure, operations: steps)
    }
  }
}

@available(macOS 14.4, iOS 17.4, tvOS 17.4, watchOS 10.4, *)
extension MLComputePlan {
  fileprivate func steps(_ structure: MLModelStructure, within place: String) -> (String, [Plan.Step]) {
    if case .program(let program) = structure {
      let functions = program.functions.sorted { $0.key < $1.key }
      return ("program", functions.flatMap { steps($0.value.block, in: place + $0.key) })
    }
    if case .neuralNetwork(let network) = structure {
      return (
        "neuralNetwork",
        network.layers.map { layer in
          step(place + "main", layer.type, layer.outputNames, deviceUsage(for: layer), nil)
        }
      )
    }
    if case .pipeline(let pipeline) = structure {
      let parts = zip(pipeline.subModelNames, pipeline.subModels)
      return ("pipeline", parts.flatMap { steps($0.1, within: place + $0.0 + "/").1 })
    }
    return ("unsupported", [])
  }

  private func steps(_ block: MLModelStructure.Program.Block, in function: String) -> [Plan.Step] {
    block.operations.flatMap { operation in
      let usage = deviceUsage(for: operation)
      let cost = estimatedCost(of: operation)?.weight
      let own = step(function, operation.operatorName, operation.outputs.map(\.name), usage, cost)
      return [own] + operation.blocks.flatMap { steps($0, in: function) }
    }
  }

  private func step(
    _ function: String, _ name: String, _ outputs: [String], _ usage: DeviceUsage?, _ cost: Double?
  ) -> Plan.Step {
    Plan.Step(
      function: function, operator: name, outputs: outputs, preferred: usage.map { $0.preferred.word },
      supported: usage?.supported.map(\.word) ?? [], cost: cost)
  }
}

@available(macOS 14.4, iOS 17.4, tvOS 17.4, watchOS 10.4, *)
extension MLComputeDevice {
  fileprivate var word: String {
    if case .cpu = self { return "cpu" }
    if case .gpu = self { return "gpu" }
    if case .neuralEngine = self { return "neuralEngine" }
    return "unknown"
  }
}
