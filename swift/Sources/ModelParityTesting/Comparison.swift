/// Compares one output with truth and floor: shape, type, non-finite values, then the worst element. The rule is
/// that of modelparity's `verdict.compare`, to the last digit.
struct Comparison {
  /// A difference within this many floors is rounding.
  static let limit = 1.0

  let got: Tensor
  let truth: Tensor
  /// The type that the reference declares: numbers of a narrower one are measured against it.
  private let declared: Tensor.Element
  /// All as doubles, in C order.
  private let gotValues: [Double]
  private let truthValues: [Double]
  private let floorValues: [Double]

  /// - Parameter types: the types that the output may have, the declared one first.
  static func output(_ name: String, _ got: Tensor, truth: Tensor, floor: Tensor, types: [String]) -> Verdict.Output {
    var problems: [Verdict.Problem] = []
    if !types.contains(got.element.rawValue) {
      let text = "type is \(got.element.rawValue), but should be \(types.joined(separator: " or "))"
      problems.append(Verdict.Problem(kind: .type, text: text))
    }
    guard got.shape == truth.shape else {
      let text = "shape is \(PythonText.tuple(got.shape)), but should be \(PythonText.tuple(truth.shape))"
      problems.append(Verdict.Problem(kind: .shape, text: text))
      return Verdict.Output(
        name: name, band: .wrong, floors: .infinity, shape: got.shape, expectedShape: truth.shape,
        element: got.element, problems: problems)
    }
    let declared = Tensor.Element(rawValue: types[0]) ?? truth.element
    return Comparison(got, truth, floor, declared).output(name, problems)
  }

  private init(_ got: Tensor, _ truth: Tensor, _ floor: Tensor, _ declared: Tensor.Element) {
    self.got = got
    self.truth = truth
    self.declared = declared
    gotValues = got.doubles
    truthValues = truth.doubles
    floorValues = floor.doubles
  }

  private func output(_ name: String, _ typed: [Verdict.Problem]) -> Verdict.Output {
    let problems = typed + nonFinite()
    var output = Verdict.Output(
      name: name, band: problems.isEmpty ? .exact : .wrong, floors: problems.isEmpty ? 0 : .infinity,
      shape: got.shape, expectedShape: truth.shape, element: got.element, problems: problems)
    guard !gotValues.isEmpty else { return output }
    let equal = sameAsStored()
    let own = measured(equal)
    // In a narrower type than declared, what that type rounded is a difference, however well it holds the truth.
    let found = truth.element.isFloat ? measured(sameAsDeclared()) : own
    let worst = found.worst
    if problems.isEmpty {
      let same = gotValues.indices.allSatisfy { equal[$0] || (gotValues[$0].isNaN && truthValues[$0].isNaN) }
      output.band = same ? .exact : own.most <= Self.limit ? .rounding : .wrong
      output.floors = found.most
    }
    output.index = index(worst)
    output.got = gotValues[worst]
    output.want = truthValues[worst]
    output.difference = found.difference
    output.floor = floorValues[worst]
    output.shareAbove = Double(found.above) / Double(gotValues.count)
    return output
  }

  /// What differs, in floors, where elements are not `equal`.
  private func measured(_ equal: [Bool]) -> (most: Double, worst: Int, difference: Double, above: Int) {
    var found = (most: -Double.infinity, worst: 0, difference: 0.0, above: 0)
    for place in gotValues.indices {
      let difference = difference(place, equal[place])
      let distance = difference == 0 ? 0 : difference / floorValues[place]
      if distance > Self.limit { found.above += 1 }
      // The first that is no number, else the first of the largest.
      if !found.most.isNaN, distance.isNaN || distance > found.most {
        (found.most, found.worst, found.difference) = (distance, place, difference)
      }
    }
    return found
  }

  /// Whether each element is the truth, a number with fractions, as the declared type holds it best.
  private func sameAsDeclared() -> [Bool] {
    gotValues.indices.map { gotValues[$0] == declared.stored(truthValues[$0]) }
  }

  /// Whether each element is the truth as the candidate's type holds it best.
  private func sameAsStored() -> [Bool] {
    if truth.element.isFloat && got.element.isFloat {
      return gotValues.indices.map { gotValues[$0] == got.element.stored(truthValues[$0]) }
    }
    if truth.element.isFloat || got.element.isFloat {
      return gotValues.indices.map { gotValues[$0] == truthValues[$0] }
    }
    // Whole numbers: beyond 2^53 doubles do not tell them apart.
    let (mine, other) = (got.wholes, truth.wholes)
    let unlike = (got.element == .uint64) != (truth.element == .uint64)
    return mine.indices.map { mine[$0] == other[$0] && !(unlike && mine[$0] < 0) }
  }

  /// How far an element is from the truth; 0 if no number of its type is nearer, or either is not finite.
  private func difference(_ place: Int, _ equal: Bool) -> Double {
    let (mine, other) = (gotValues[place], truthValues[place])
    guard !equal, mine.isFinite, other.isFinite else { return 0 }
    let away = (mine - other).magnitude
    return truth.element.isFloat ? away : max(away, 1)
  }

  /// Problems of NaN and infinities that stand where they should not, or are missing.
  private func nonFinite() -> [Verdict.Problem] {
    guard got.element.isFloat, truth.element.isFloat else { return [] }
    let kinds: [(Verdict.Problem.Kind, String, (Double) -> Bool)] = [
      (.nan, "NaN", { $0.isNaN }), (.infinity, "+infinity", { $0 == .infinity }),
      (.infinity, "-infinity", { $0 == -.infinity }),
    ]
    // A sound run of fewer bits overflows where the double precision run does not.
    let beyond = truthValues.indices.map {
      truthValues[$0].isFinite && truthValues[$0].magnitude + floorValues[$0] > got.element.greatest
    }
    var problems: [Verdict.Problem] = []
    for (kind, value, test) in kinds {
      let odd = gotValues.indices.filter { place in
        let edge = Double(signOf: truthValues[place], magnitudeOf: .infinity)
        return test(gotValues[place]) && !test(truthValues[place]) && !(beyond[place] && test(edge))
      }
      let missing = gotValues.indices.filter { test(truthValues[$0]) && !test(gotValues[$0]) }
      for (places, text) in [
        (odd, "is \(value), but should not be"), (missing, "should be \(value), but is not"),
      ] {
        guard let first = places.first else { continue }
        let said =
          "\(places.count) of \(gotValues.count) elements: the value \(text), at \(PythonText.list(index(first))) first"
        problems.append(Verdict.Problem(kind: kind, text: said))
      }
    }
    return problems
  }

  /// The index of an element along each axis.
  private func index(_ place: Int) -> [Int] {
    var rest = place
    var index: [Int] = []
    for size in got.shape.reversed() {
      index.append(rest % size)
      rest /= size
    }
    return index.reversed()
  }
}
