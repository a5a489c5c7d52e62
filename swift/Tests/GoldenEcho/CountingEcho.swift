#if os(Linux)
  import CoreML
  import Foundation

  /// What the model `counter` of the fixtures computes, for the stand-in of Core ML: it adds what it is given to what
  /// it keeps, and gives the sum so far.
  public final class CountingEcho: StandInEvaluator, @unchecked Sendable {
    private let lock = NSLock()
    private var totals: [Int64: [Double]] = [:]
    private let start: Double

    /// - Parameter start: what a new state holds; 0 is what Core ML's do.
    public init(startingFrom start: Double = 0) { self.start = start }

    public func describe(path: String, function: String?) throws -> StandInDescription {
      StandInDescription(
        inputs: [.init("x", [2, 3])], outputs: [.init("y", [2, 3])], states: [.init("total", [2, 3], .float16)])
    }

    public func predict(_ request: StandInRequest) throws -> [String: MLFeatureValue] {
      let given = request.inputs["x"]?.multiArrayValue.map(GoldenEcho.numbers) ?? []
      let sums = lock.withLock {
        let before = totals[request.state] ?? [Double](repeating: start, count: given.count)
        let sums = zip(given, before).map { $0 + $1 }
        totals[request.state] = sums
        return sums
      }
      return ["y": MLFeatureValue(multiArray: try GoldenEcho.array(GoldenEcho.tensor([2, 3], sums)))]
    }

    public func forget(state: Int64) { lock.withLock { totals[state] = nil } }
  }
#endif
