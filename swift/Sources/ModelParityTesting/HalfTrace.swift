/// Whether the numbers of outputs show that half precision has made them. The rule is that of modelparity's
/// `verdict.trace`, to the last bit: two other explanations have to fail, steps of one size, and fewer bits.
struct HalfTrace {
  /// What an output says.
  private enum Said { case shown, open, against }

  private let precision: String
  /// The bits of a number, and the exponent of the smallest one above zero.
  private let bits: Int
  private let least: Int

  /// So many different numbers must an output have to show anything, and so many steps has the finest grid of 8 bits.
  private static let distinct = 4
  private static let steps = 255.0
  /// Bits of evidence for a precision that show it, and against it that rule it out.
  private static let (pro, contra) = (12, 20)
  /// Whole numbers of more bits than this are not looked at for a common factor.
  private static let widest = 62

  /// nil for what is no half precision.
  init?(_ precision: String) {
    switch precision {
    case "float16": (bits, least) = (11, -24)
    case "bfloat16": (bits, least) = (8, -133)
    default: return nil
    }
    self.precision = precision
  }

  /// Whether an output shows it and none speaks against it, of outputs with their truths.
  func isShown(_ outputs: [(got: Tensor, truth: Tensor)]) -> Bool {
    let found = outputs.filter { $0.got.element.isFloat && $0.truth.element.isFloat }.map { said($0.got, $0.truth) }
    return found.contains(.shown) && !found.contains(.against)
  }

  /// Whether an output has numbers that the precision holds, all of which something coarser has made.
  func isCoarse(_ output: Tensor) -> Bool {
    guard output.element.isFloat else { return false }
    let values = Set(output.doubles.filter(Self.tells).map(\.magnitude))
    return values.allSatisfy(holds) && floating(values) == .against
  }

  private func said(_ got: Tensor, _ truth: Tensor) -> Said {
    let (values, own) = (got.doubles, truth.doubles)
    guard values.allSatisfy({ !Self.tells($0) || holds($0) }) else { return .against }
    // What the truth has as well was not rounded: as rows of a table that holds such numbers.
    let fresh = values.indices.filter { place in
      let stored = Double(Float(own[place]))
      return Self.tells(values[place]) && stored.isFinite && !holds(stored)
    }.map { values[$0] }
    let found = floating(Set(fresh.map(\.magnitude)))
    return found == .open && got.element.rawValue == precision ? .shown : found
  }

  /// Whether a number tells a precision: finite, and no multiple of an eighth, which every type holds.
  private static func tells(_ value: Double) -> Bool {
    value.isFinite && value * 8 != (value * 8).rounded(.toNearestOrEven)
  }

  /// What numbers say that the precision holds: `sizes` are their magnitudes.
  private func floating(_ sizes: Set<Double>) -> Said {
    guard !sizes.isEmpty else { return .open }
    let lowest = sizes.map(Self.last).min() ?? 0
    var factor = 1
    if (sizes.map(Self.places).max() ?? 0) - lowest <= Self.widest {
      let wholes = sizes.map { Int(Double(sign: .plus, exponent: -lowest, significand: $0)) }
      factor = wholes.reduce(0, Self.commonFactor)
    }
    // The coarsest grid that has them all has steps of factor * 2^lowest.
    let step = lowest + (Int.bitWidth - factor.leadingZeroBitCount) - 1
    let gained = sizes.reduce(0) { $0 + finest($1) - step }
    let full = sizes.count { Self.last($0) == finest($0) }
    let short = 8 * full < sizes.count
    if gained <= -Self.contra || (short && sizes.count >= Self.contra) { return .against }
    if short || gained < 0 || sizes.count < Self.distinct { return .open }
    // Where all are of one size, its numbers are steps of one size: float16's are more than quantisers have.
    let steps = Double(sign: .plus, exponent: -lowest, significand: sizes.max() ?? 0) / Double(factor)
    let many = steps > Self.steps && bits > 8
    return gained >= Self.pro || many ? .shown : .open
  }

  private func holds(_ value: Double) -> Bool { value == 0 || Self.last(value) >= finest(value) }

  /// The exponent of the power of two above a number.
  private static func places(_ value: Double) -> Int { Int(value.exponent) + 1 }

  /// The exponent of the last bit of a number other than zero.
  private static func last(_ value: Double) -> Int { Int(value.exponent) - value.significandWidth }

  /// The exponent of the last bit that the precision has for numbers of that size.
  private func finest(_ value: Double) -> Int { max(Self.places(value) - bits, least) }

  private static func commonFactor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
