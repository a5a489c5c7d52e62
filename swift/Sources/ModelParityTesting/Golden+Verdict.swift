extension Golden {
  /// The verdict on outputs that somebody computed for this golden's inputs.
  /// - Parameters:
  ///   - outputs: by the golden's names.
  ///   - candidate: what computed them, as the verdict shall name it.
  ///   - runtime: what ran it, as the verdict shall name it.
  ///   - expected: the worst band that is well.
  ///   - weights: "float16" or "bfloat16" if the candidate is known to hold its weights so.
  ///   - settings: kept in the verdict's JSON.
  /// - Throws: `ParityError` for outputs that are not the golden's, and for `.wrong` as what is expected.
  public func verdict(
    on outputs: [String: Tensor], candidate: String = "the model", runtime: String = "Swift",
    expecting expected: Band = .rounding, weights: String? = nil, settings: [String: String] = [:]
  ) throws -> Verdict {
    guard expected != .wrong else {
      throw ParityError("'wrong' is not a band to expect", place: "expect", expected: "exact, rounding, reduced")
    }
    let judge = try Judge(self, outputs, expected: expected)
    var verdict = judge.verdict(candidate: candidate, runtime: runtime, settings: settings, held: weights)
    if let weights, verdict.band <= .rounding {
      verdict.band = .reduced
      verdict.explainedBy =
        "\(weights) weights, read from the candidate; on this input the outputs alone do not show them"
    }
    return verdict
  }
}
