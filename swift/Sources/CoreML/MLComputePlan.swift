import Foundation

/// macOS 14, iOS 17.
public final class MLCPUComputeDevice: NSObject {}

/// macOS 14, iOS 17.
public final class MLGPUComputeDevice: NSObject {}

/// macOS 14, iOS 17.
public final class MLNeuralEngineComputeDevice: NSObject {
  public let totalCoreCount: Int = 0
}

/// A processor. macOS 14, iOS 17.
public enum MLComputeDevice {
  case cpu(MLCPUComputeDevice)
  case gpu(MLGPUComputeDevice)
  case neuralEngine(MLNeuralEngineComputeDevice)
}

/// On which processor each part of a model would run. macOS 14.4, iOS 17.4.
public final class MLComputePlan {
  public struct DeviceUsage {
    public let supported: [MLComputeDevice]
    public let preferred: MLComputeDevice
  }

  public struct Cost {
    /// Share of the whole model's time, 0 to 1.
    public let weight: Double
  }

  public let modelStructure: MLModelStructure

  private init(_ structure: MLModelStructure) { modelStructure = structure }

  public static func load(contentsOf url: URL, configuration: MLModelConfiguration) async throws -> MLComputePlan {
    let path = try CompiledFolder(url).model
    let description = try StandInScope.current.registered().describe(path: path, function: configuration.functionName)
    return MLComputePlan(MLModelStructure(description, function: configuration.functionName))
  }

  /// The stand-in has no other processor than the CPU.
  public func deviceUsage(for operation: MLModelStructure.Program.Operation) -> DeviceUsage? { Self.cpu }
  public func deviceUsage(for layer: MLModelStructure.NeuralNetwork.Layer) -> DeviceUsage? { Self.cpu }

  /// The stand-in does not know.
  public func estimatedCost(of operation: MLModelStructure.Program.Operation) -> Cost? { nil }

  private static var cpu: DeviceUsage {
    DeviceUsage(supported: [.cpu(MLCPUComputeDevice())], preferred: .cpu(MLCPUComputeDevice()))
  }
}
