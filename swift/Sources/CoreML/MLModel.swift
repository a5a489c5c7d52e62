import Foundation

/// A model, opened from its compiled folder. macOS 10.13, iOS 11. As Apple's it may not be sent to another thread
/// without further ado: what shares one has to say how.
open class MLModel: NSObject {
  public let modelDescription: MLModelDescription
  /// macOS 10.14, iOS 12.
  public let configuration: MLModelConfiguration

  private let scope: StandInScope
  private let path: String

  public convenience init(contentsOf url: URL) throws {
    try self.init(contentsOf: url, configuration: MLModelConfiguration())
  }

  /// macOS 10.14, iOS 12.
  public init(contentsOf url: URL, configuration: MLModelConfiguration) throws {
    scope = StandInScope.current
    path = try CompiledFolder(url).model
    let description = try scope.registered().describe(path: path, function: configuration.functionName)
    modelDescription = try MLModelDescription(description)
    self.configuration = configuration.copy() as? MLModelConfiguration ?? configuration
  }

  /// macOS 12, iOS 15.
  public class func load(
    contentsOf url: URL, configuration: MLModelConfiguration = MLModelConfiguration()
  ) async throws -> MLModel {
    try MLModel(contentsOf: url, configuration: configuration)
  }

  public func prediction(from input: any MLFeatureProvider) throws -> any MLFeatureProvider {
    guard modelDescription.stateDescriptionsByName.isEmpty else {
      throw MLModelError(.generic, "the model has states: a prediction needs one")
    }
    return try predicted(input, state: 0)
  }

  /// macOS 15, iOS 18.
  public func prediction(from inputFeatures: any MLFeatureProvider, using state: MLState) throws
    -> any MLFeatureProvider
  {
    try state.lock.withLock { try predicted(inputFeatures, state: state.number) }
  }

  /// Its beginning is zero; a model without states gives an empty one. macOS 15, iOS 18.
  public func makeState() -> MLState { MLState(scope) }

  private func predicted(_ input: any MLFeatureProvider, state: Int64) throws -> any MLFeatureProvider {
    if scope.behaviour.contains(.abort) { abort() }
    while scope.behaviour.contains(.hang) { usleep(2_000) }
    guard !scope.behaviour.contains(.fail) else { throw MLModelError(.generic, "the stand-in was asked to fail") }
    var inputs: [String: MLFeatureValue] = [:]
    for (name, description) in modelDescription.inputDescriptionsByName {
      guard let value = input.featureValue(for: name), !value.isUndefined else {
        if description.isOptional { continue }
        throw MLModelError(.featureType, "the input '\(name)' is required but was not given")
      }
      guard value.type == description.type else {
        throw MLModelError(.featureType, "the input '\(name)' is a \(value.type), expected a \(description.type)")
      }
      inputs[name] = value
    }
    let request = StandInRequest(
      path: path, function: configuration.functionName, state: state, computeUnits: configuration.computeUnits,
      inputs: inputs)
    let outputs = try scope.registered().predict(request)
    for name in modelDescription.outputDescriptionsByName.keys where outputs[name] == nil {
      throw MLModelError(.generic, "the evaluator gave no output '\(name)'")
    }
    return MLDictionaryFeatureProvider(values: try scope.behaviour.applied(to: outputs))
  }
}

/// What a model keeps from one prediction to the next. macOS 15, iOS 18.
public final class MLState: NSObject {
  private static let numbers = Numbers()
  let lock = NSLock()
  let number: Int64
  private let scope: StandInScope

  init(_ scope: StandInScope) {
    number = Self.numbers.next()
    self.scope = scope
  }

  deinit { scope.evaluator?.forget(state: number) }

  private final class Numbers: @unchecked Sendable {
    private let lock = NSLock()
    private var last: Int64 = 0
    func next() -> Int64 {
      lock.withLock {
        last += 1
        return last
      }
    }
  }
}
