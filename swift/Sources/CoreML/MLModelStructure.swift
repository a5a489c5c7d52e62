import Foundation

/// What a model consists of; the part that a compute plan needs. macOS 14.4, iOS 17.4.
public enum MLModelStructure {
  public struct Program {
    public struct NamedValueType {
      public let name: String
    }
    public struct Operation {
      public let operatorName: String
      public let outputs: [NamedValueType]
      public let blocks: [Block]
    }
    public struct Block {
      public let outputNames: [String]
      public let operations: [Operation]
    }
    public struct Function {
      public let block: Block
    }
    public let functions: [String: Function]
  }

  public struct NeuralNetwork {
    public struct Layer {
      public let name: String
      public let type: String
      public let inputNames: [String]
      public let outputNames: [String]
    }
    public let layers: [Layer]
  }

  public struct Pipeline {
    public let subModelNames: [String]
    public let subModels: [MLModelStructure]
  }

  case neuralNetwork(NeuralNetwork)
  case program(Program)
  case pipeline(Pipeline)
  case unsupported

  /// A program of one block, if the evaluator says of what it consists.
  init(_ description: StandInDescription, function: String?) {
    guard let operations = description.operations else {
      self = .unsupported
      return
    }
    let block = Program.Block(
      outputNames: description.outputs.map(\.name),
      operations: operations.map { step in
        Program.Operation(
          operatorName: step.operator, outputs: step.outputs.map { Program.NamedValueType(name: $0) }, blocks: [])
      })
    self = .program(Program(functions: [function ?? "main": Program.Function(block: block)]))
  }
}
