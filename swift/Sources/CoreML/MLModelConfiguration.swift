import Foundation

/// Which processors may be used. Raw values as Apple's. macOS 10.14, iOS 12; `.cpuAndNeuralEngine`: macOS 13, iOS 16.
public enum MLComputeUnits: Int, Sendable {
  case cpuOnly = 0
  case cpuAndGPU = 1
  case all = 2
  case cpuAndNeuralEngine = 3
}

/// How a model is to be loaded. macOS 10.14, iOS 12.
open class MLModelConfiguration: NSObject, NSCopying {
  public var computeUnits: MLComputeUnits = .all
  /// macOS 15, iOS 18.
  public var functionName: String?

  public override init() {}

  public func copy(with zone: NSZone? = nil) -> Any {
    let other = MLModelConfiguration()
    other.computeUnits = computeUnits
    other.functionName = functionName
    return other
  }
}
