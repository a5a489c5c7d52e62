/// How close a candidate is to its reference, from best to worst.
public enum Band: String, Sendable, CaseIterable, Comparable {
  /// Every value is the reference's, rounded to the output's type.
  case exact
  /// Every value is within its floor: rounding explains it.
  case rounding
  /// Beyond that, but half precision explains it.
  case reduced
  /// Nothing legitimate explains it.
  case wrong

  public static func < (a: Band, b: Band) -> Bool { a.rank < b.rank }
  var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Whether a model computes what its golden recorded. Its text is what a person reads: print it, or hand it to
/// `#expect` or `XCTAssert`.
public struct Verdict: Sendable {
  /// One output, judged.
  public struct Output: Sendable {
    public let name: String
    public internal(set) var band: Band
    /// The worst element's difference in floors; infinite if shapes, types or non-finite values disagree.
    public internal(set) var floors: Double
    public let shape: [Int]
    public let expectedShape: [Int]
    public let element: Tensor.Element
    /// Of the worst element.
    public internal(set) var index: [Int] = []
    public internal(set) var got: Double?
    public internal(set) var want: Double?
    public internal(set) var difference = 0.0
    public internal(set) var floor = 0.0
    /// Of the elements, those beyond rounding; from 0 to 1.
    public internal(set) var shareAbove = 0.0
    public let problems: [Problem]
  }

  /// A disagreement that no number of floors measures.
  public struct Problem: Sendable, Equatable {
    public enum Kind: String, Sendable { case type, shape, nan, infinity }
    public let kind: Kind
    /// A sentence: what, but should be what, at which place.
    public let text: String
  }

  /// The network that the golden was recorded from.
  public let reference: String
  public let candidate: String
  /// What ran the candidate.
  public let runtime: String
  public internal(set) var band: Band
  /// The worst band that was expected.
  public let expected: Band
  public let floors: Double
  public let outputs: [Output]
  /// "well" or "ill".
  public let conditioning: String
  public let floorRuns: Int
  /// Which half precision accounts for a reduced verdict.
  public internal(set) var explainedBy: String?
  /// The output and element that is off most.
  public let place: String
  /// What inputs were made from: recipe, seed, length and more, as the golden records it.
  let inputs: JSON
  public let settings: [String: String]

  /// Whether the band is no worse than expected.
  public var ok: Bool { band <= expected }
}

extension Verdict: CustomStringConvertible {
  public var description: String { VerdictText(self).text }
}
