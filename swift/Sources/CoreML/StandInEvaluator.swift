import Foundation

/// Says what models are and computes what they give. Called from any thread, and by several at once.
public protocol StandInEvaluator: Sendable {
  /// - Parameters:
  ///   - path: the model file or package; a copy of the one that was compiled.
  ///   - function: the name of the function that is asked for, if one is.
  func describe(path: String, function: String?) throws -> StandInDescription

  /// The outputs by name.
  func predict(_ request: StandInRequest) throws -> [String: MLFeatureValue]

  /// A state is gone and its number is not used again.
  func forget(state: Int64)
}

extension StandInEvaluator {
  public func forget(state: Int64) {}
}

/// What a model is asked for.
public struct StandInRequest {
  /// The model file or package.
  public let path: String
  public let function: String?
  /// 0 for none, else a number of its own for each state that was made.
  public let state: Int64
  public let computeUnits: MLComputeUnits
  public let inputs: [String: MLFeatureValue]
}

/// An evaluator out of closures.
public struct StandInClosures: StandInEvaluator {
  private let describing: @Sendable (_ path: String, _ function: String?) throws -> StandInDescription
  private let predicting: @Sendable (StandInRequest) throws -> [String: MLFeatureValue]
  private let forgetting: @Sendable (Int64) -> Void

  public init(
    describe: @escaping @Sendable (_ path: String, _ function: String?) throws -> StandInDescription,
    predict: @escaping @Sendable (StandInRequest) throws -> [String: MLFeatureValue],
    forget: @escaping @Sendable (Int64) -> Void = { _ in }
  ) {
    describing = describe
    predicting = predict
    forgetting = forget
  }

  /// For models that are all alike.
  public init(
    _ description: StandInDescription,
    predict: @escaping @Sendable (StandInRequest) throws -> [String: MLFeatureValue]
  ) {
    self.init(describe: { _, _ in description }, predict: predict)
  }

  public func describe(path: String, function: String?) throws -> StandInDescription {
    try describing(path, function)
  }
  public func predict(_ request: StandInRequest) throws -> [String: MLFeatureValue] { try predicting(request) }
  public func forget(state: Int64) { forgetting(state) }
}
