import Foundation

/// This module takes Core ML's place where there is none, so that code written for Apple's API is compiled, run and
/// tested there. It computes nothing: what models are and give is asked of a registered evaluator.
public enum StandIn {
  /// The evaluator of the whole process, used where no scope says otherwise; nil takes it away. Models that are open
  /// already use the new one.
  public static func register(_ evaluator: (any StandInEvaluator)?) { StandInScope.process.evaluator = evaluator }

  /// How the whole process behaves, where no scope says otherwise; open models included.
  public static func behave(_ behaviour: StandInBehaviour) { StandInScope.process.behaviour = behaviour }

  /// Models that are opened in the body use this evaluator, then and later, whatever the process uses: so tests that
  /// run side by side do not meet.
  public static func with<Result>(
    _ evaluator: any StandInEvaluator, behaviour: StandInBehaviour = .plain, _ body: () throws -> Result
  ) rethrows -> Result {
    try StandInScope.$current.withValue(StandInScope(evaluator, behaviour), operation: body)
  }

  /// The same for a body that waits.
  public static func with<Result: Sendable>(
    _ evaluator: any StandInEvaluator, behaviour: StandInBehaviour = .plain,
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await StandInScope.$current.withValue(StandInScope(evaluator, behaviour), operation: body)
  }
}

/// How outputs come, and what goes wrong.
public struct StandInBehaviour: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Outputs as the evaluator gave them.
  public static let plain: StandInBehaviour = []
  /// Outputs with room between their rows, filled with what is no number.
  public static let strided = StandInBehaviour(rawValue: 1)
  /// Floating point outputs as float16.
  public static let float16 = StandInBehaviour(rawValue: 2)
  /// Predictions throw.
  public static let fail = StandInBehaviour(rawValue: 4)
  /// Predictions end the process.
  public static let abort = StandInBehaviour(rawValue: 8)
  /// Predictions do not return until the behaviour is another.
  public static let hang = StandInBehaviour(rawValue: 16)

  /// The words of behaviours, as `init(words:)` takes them.
  public static let vocabulary: [String: StandInBehaviour] = [
    "plain": .plain, "strided": .strided, "float16": .float16, "fail": .fail, "abort": .abort, "hang": .hang,
  ]

  /// From one word of the vocabulary or several with commas; nil if a word is none of it.
  public init?(words: String) {
    self = []
    for word in words.split(separator: ",", omittingEmptySubsequences: false) {
      guard let behaviour = Self.vocabulary[String(word)] else { return nil }
      formUnion(behaviour)
    }
  }
}

/// Which evaluator is asked, and how outputs come. A model keeps the scope in which it was opened.
final class StandInScope: @unchecked Sendable {
  static let process = StandInScope(nil, .plain)
  @TaskLocal static var current: StandInScope = .process

  private let lock = NSLock()
  private var lockedEvaluator: (any StandInEvaluator)?
  private var lockedBehaviour: StandInBehaviour

  init(_ evaluator: (any StandInEvaluator)?, _ behaviour: StandInBehaviour) {
    lockedEvaluator = evaluator
    lockedBehaviour = behaviour
  }

  var evaluator: (any StandInEvaluator)? {
    get { lock.withLock { lockedEvaluator } }
    set { lock.withLock { lockedEvaluator = newValue } }
  }

  var behaviour: StandInBehaviour {
    get { lock.withLock { lockedBehaviour } }
    set { lock.withLock { lockedBehaviour = newValue } }
  }

  func registered() throws -> any StandInEvaluator {
    guard let evaluator else {
      throw MLModelError(
        .generic, "no evaluator is registered with the stand-in of Core ML: nothing here can say what a model computes")
    }
    return evaluator
  }
}
