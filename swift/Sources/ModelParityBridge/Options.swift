import CoreML
import Foundation

/// How a model is to be opened: the JSON of `mp_model_open`.
struct Options: Sendable {
  var units = "cpuOnly"
  var function: String?
  var cache: String?

  static let units: [(word: String, units: MLComputeUnits)] = [
    ("cpuOnly", .cpuOnly), ("cpuAndGPU", .cpuAndGPU), ("cpuAndNeuralEngine", .cpuAndNeuralEngine), ("all", .all),
  ]

  init() {}

  init(json pointer: UnsafePointer<CChar>?) throws {
    guard let pointer else { return }
    let json = try text(pointer, "options")
    guard let found = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
      throw Failure.invalid("options are no JSON object: \(json.prefix(80)); expected for example {\"units\": \"all\"}")
    }
    for (key, value) in found {
      guard let value = value as? String, !value.isEmpty else {
        throw Failure.invalid("option '\(key)' is \(value), expected a text")
      }
      switch key {
      case "units":
        guard Self.units.contains(where: { $0.word == value }) else {
          throw Failure.invalid("option 'units' is '\(value)', expected one of \(listed(Self.units.map(\.word)))")
        }
        units = value
      case "function": function = value
      case "cache": cache = value
      default:
        throw Failure.invalid("option '\(key)' is not known, expected \(listed(["units", "function", "cache"]))")
      }
    }
  }

  /// Core ML's object for it; a new one each time, as it may not be shared.
  func configuration() throws -> MLModelConfiguration {
    let configuration = MLModelConfiguration()
    if let chosen = Self.units.first(where: { $0.word == units }) { configuration.computeUnits = chosen.units }
    if let function {
      guard #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *) else {
        throw Failure.unsupported("function '\(function)': choosing a function needs macOS 15 or iOS 18")
      }
      configuration.functionName = function
    }
    return configuration
  }
}
