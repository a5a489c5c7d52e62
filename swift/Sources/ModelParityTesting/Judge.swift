/// From outputs to a verdict: compare, and where rounding does not explain it, ask whether half precision does. The
/// rules are those of modelparity's `verdict.judging` and `verdict.reduced`.
struct Judge {
  let golden: Golden
  let expected: Band
  /// The outputs that are judged, in the reference's order.
  private let wanted: [String]
  private let outputs: [String: Tensor]

  /// - Throws: `ParityError` for outputs that are not the golden's.
  init(_ golden: Golden, _ outputs: [String: Tensor], expected: Band) throws {
    self.golden = golden
    self.expected = expected
    self.outputs = outputs
    let carried = Set(golden.states.values)
    // A candidate that keeps its state to itself has no output for it.
    let present = golden.order.filter { outputs[$0] != nil || !carried.contains($0) }
    wanted = present.isEmpty ? golden.order : present
    guard !wanted.isEmpty else { throw ParityError("the golden has no outputs", place: golden.model) }
    guard Set(outputs.keys) == Set(wanted) else {
      let names = outputs.keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
      throw ParityError(
        "the candidate's outputs have other names", place: golden.model,
        found: names.isEmpty ? "none" : names.joined(separator: ", "), expected: wanted.joined(separator: ", "),
        next: "name the outputs of the candidate as the reference names them")
    }
  }

  /// - Parameter held: the half precision that the candidate's weights are known to have, if any.
  func verdict(candidate: String, runtime: String, settings: [String: String], held: String?) -> Verdict {
    var compared = compare(golden.outputs, golden.floors)
    var explained: String?
    if compared.contains(where: { $0.band == .wrong && $0.problems.isEmpty }) {
      explained = explanation(held)
      if explained != nil {
        for place in compared.indices where compared[place].band == .wrong && compared[place].problems.isEmpty {
          compared[place].band = .reduced
        }
      }
    }
    let narrow = Set(golden.declared.filter { $0.value != "float16" }.keys)
    if compared.contains(where: { $0.element == .float16 && narrow.contains($0.name) && $0.problems.isEmpty }) {
      explained = explained ?? "float16 outputs"
      for place in compared.indices where compared[place].band < .reduced && narrow.contains(compared[place].name) {
        compared[place].band = .reduced
      }
    }
    // The first of the worst.
    var worst = compared[0]
    for output in compared.dropFirst()
    where output.band > worst.band || (output.band == worst.band && output.floors > worst.floors) {
      worst = output
    }
    let placed = !worst.index.isEmpty || !worst.problems.isEmpty
    return Verdict(
      reference: golden.model, candidate: candidate, runtime: runtime, band: worst.band, expected: expected,
      floors: worst.floors, outputs: compared, conditioning: golden.conditioning, floorRuns: golden.runs,
      explainedBy: explained, place: worst.name + (placed ? PythonText.list(worst.index) : ""),
      inputs: .object((golden.provenance.members ?? []) + [("golden", .bool(true))]), settings: settings)
  }

  private func compare(_ truth: [String: Tensor], _ floors: [String: Tensor]) -> [Verdict.Output] {
    wanted.compactMap { name in
      guard let got = outputs[name], let truth = truth[name], let floor = floors[name] else { return nil }
      return Comparison.output(name, got, truth: truth, floor: floor, types: types(name, truth))
    }
  }

  /// The types that an output may have; half precision is welcome where `reduced` is expected.
  private func types(_ name: String, _ truth: Tensor) -> [String] {
    guard truth.element.isFloat else { return [truth.element.rawValue] }
    let declared = golden.declared[name] ?? "float32"
    let own = declared == "bfloat16" ? "float32" : declared
    return expected == .reduced && own != "float16" ? [own, "float16"] : [own]
  }

  /// The first hypothesis that accounts for every output, strictest first; nil if none does.
  private func explanation(_ held: String?) -> String? {
    func fits(_ truth: [String: Tensor], _ floors: [String: Tensor]) -> Bool {
      compare(truth, floors).allSatisfy { $0.band != .wrong }
    }
    for half in golden.halves where fits(half.weights, golden.floors) { return "\(half.precision) weights" }
    for precision in held.map({ [$0] }) ?? traces() {
      for half in golden.halves where half.precision == precision {
        if fits(golden.outputs, half.floors) || fits(half.weights, half.floors) { return "\(precision) arithmetic" }
      }
    }
    return nil
  }

  /// The half precisions of which every output is a number: such as left a trace.
  private func traces() -> [String] {
    // Multiples of an eighth are numbers of every type, and say nothing.
    let values = wanted.compactMap { outputs[$0] }.filter(\.element.isFloat).flatMap(\.doubles)
      .filter { $0.isFinite && $0 * 8 != ($0 * 8).rounded(.toNearestOrEven) }
    guard !values.isEmpty else { return [] }
    let isHalf = values.allSatisfy { Tensor.Element.float16.stored($0) == $0 }
    let isBrain = values.allSatisfy { Double(Float($0)) == $0 && Float($0).bitPattern & 0xFFFF == 0 }
    // float16 holds most numbers of bfloat16, but hardly the other way round.
    if isHalf && isBrain && values.count >= 8 { return ["bfloat16"] }
    return (isHalf ? ["float16"] : []) + (isBrain ? ["bfloat16"] : [])
  }
}
