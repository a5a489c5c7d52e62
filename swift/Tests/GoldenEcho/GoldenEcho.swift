#if os(Linux)
  import CoreML
  import Foundation
  import ModelParityTesting

  /// An evaluator for the stand-in of Core ML that answers with what goldens say, altered on purpose: so it shows
  /// whether what judges a model passes the right ones and fails the wrong ones.
  public struct GoldenEcho: StandInEvaluator {
    /// What comes out for an output: its values, given what the golden says.
    public typealias Alteration = @Sendable (_ golden: Golden, _ output: String) -> Tensor

    private let goldens: [Golden]
    private let names: [String: String]
    private let type: MLMultiArrayDataType
    private let alteration: Alteration

    /// - Parameters:
    ///   - names: what the model calls inputs and outputs of the goldens.
    ///   - type: of inputs.
    public init(
      _ goldens: [Golden], names: [String: String] = [:], type: MLMultiArrayDataType = .float32,
      alteration: @escaping Alteration = GoldenEcho.off(by: 0)
    ) {
      self.goldens = goldens
      self.names = names
      self.type = type
      self.alteration = alteration
    }

    /// Every value off by so many floors, then rounded to float32.
    public static func off(by floors: Double) -> Alteration {
      { golden, output in
        guard let truth = golden.outputs[output], let floor = golden.floors[output] else { fatalError("no \(output)") }
        return tensor(truth.shape, zip(truth.doubles, floor.doubles).map { $0 + floors * $1 })
      }
    }

    public static func tensor(_ shape: [Int], _ values: [Double]) -> Tensor {
      guard let tensor = Tensor(shape: shape, values.map { Float($0) }) else {
        fatalError("\(shape) are not the values")
      }
      return tensor
    }

    public func describe(path: String, function: String?) throws -> StandInDescription {
      let first = goldens[0]
      func feature(_ name: String, _ tensors: [Tensor], _ type: MLMultiArrayDataType) -> StandInDescription.Feature {
        let ranges = tensors[0].shape.indices.map { axis in
          (tensors.map { $0.shape[axis] }.min() ?? 0, tensors.map { $0.shape[axis] }.max() ?? 0)
        }
        return StandInDescription.Feature(names[name] ?? name, tensors[0].shape, type, flexible: .ranges(ranges))
      }
      return StandInDescription(
        inputs: first.inputs.keys.map { name in feature(name, goldens.compactMap { $0.inputs[name] }, type) },
        outputs: first.order.map { name in feature(name, goldens.compactMap { $0.outputs[name] }, .float32) })
    }

    public func predict(_ request: StandInRequest) throws -> [String: MLFeatureValue] {
      let golden = goldens.first { golden in
        golden.inputs.allSatisfy { name, tensor in
          guard let given = request.inputs[names[name] ?? name]?.multiArrayValue else { return false }
          return given.shape.map(\.intValue) == tensor.shape && Self.numbers(given) == tensor.doubles
        }
      }
      guard let golden else { throw ParityError("these are the inputs of no golden") }
      var outputs: [String: MLFeatureValue] = [:]
      for name in golden.order {
        outputs[names[name] ?? name] = MLFeatureValue(multiArray: try Self.array(alteration(golden, name)))
      }
      return outputs
    }

    static func array(_ tensor: Tensor) throws -> MLMultiArray {
      let types: [Tensor.Element: MLMultiArrayDataType] = [
        .float64: .double, .float16: .float16, .int32: .int32,
      ]
      let array = try MLMultiArray(
        shape: tensor.shape.map { NSNumber(value: $0) }, dataType: types[tensor.element] ?? .float32)
      array.withUnsafeMutableBytes { memory, _ in memory.copyBytes(from: tensor.bytes) }
      return array
    }

    /// The elements of a dense array, as goldens give theirs.
    static func numbers(_ array: MLMultiArray) -> [Double] {
      let elements: [MLMultiArrayDataType: Tensor.Element] = [
        .double: .float64, .float16: .float16, .int32: .int32, .float32: .float32,
      ]
      let tensor = elements[array.dataType].flatMap { element in
        Tensor(element, shape: array.shape.map(\.intValue), bytes: array.withUnsafeBytes { Array($0) })
      }
      return tensor?.doubles ?? []
    }
  }
#endif
