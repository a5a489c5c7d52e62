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
    let narrowed = compared.indices.filter { place in
      let output = compared[place]
      let declared = golden.declared[output.name] ?? "float16"
      return output.element == .float16 && declared != "float16" && output.problems.isEmpty
    }
    if !narrowed.isEmpty {
      explained = explained ?? "float16 outputs"
      for place in narrowed where compared[place].band < .reduced { compared[place].band = .reduced }
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

  /// The types that an output may have, the declared one first; float16 where more is declared is `reduced` at best.
  private func types(_ name: String, _ truth: Tensor) -> [String] {
    guard truth.element.isFloat else { return [truth.element.rawValue] }
    let declared = golden.declared[name] ?? "float32"
    let own = declared == "bfloat16" ? "float32" : declared
    return own != "float16" ? [own, "float16"] : [own]
  }

  /// The first hypothesis that accounts for every output, strictest first; nil if none does.
  private func explanation(_ held: String?) -> String? {
    func fits(_ truth: [String: Tensor], _ floors: [String: Tensor]) -> Bool {
      compare(truth, floors).allSatisfy { $0.band != .wrong }
    }
    func computes(_ half: Golden.Half) -> Bool {
      fits(golden.outputs, half.floors) || fits(half.weights, half.floors)
    }
    for half in golden.halves where fits(half.weights, golden.floors) { return "\(half.precision) weights" }
    for half in golden.halves where traced(half.precision, held) {
      if computes(half) { return "\(half.precision) arithmetic" }
    }
    return nil
  }

  /// Whether a half precision has left a trace: in the weights, if it is known of them, else in the outputs.
  private func traced(_ precision: String, _ held: String?) -> Bool {
    guard let format = HalfTrace(precision) else { return false }
    if let held { return held == precision && !wanted.contains { outputs[$0].map(format.isCoarse) ?? false } }
    return format.isShown(
      wanted.compactMap { name in
        guard let got = outputs[name], let truth = golden.outputs[name], got.shape == truth.shape else { return nil }
        return (got, truth)
      })
  }
}
