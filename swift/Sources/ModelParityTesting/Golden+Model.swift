import CoreML
import Foundation

extension Golden {
  /// Runs a model file with the golden's inputs and judges what it gives.
  ///
  ///     let verdict = try await Golden(contentsOf: goldenURL).verdict(on: modelURL)
  ///     #expect(verdict.ok, "\(verdict)")
  ///
  /// - Parameters:
  ///   - url: `.mlmodelc`, `.mlpackage` or `.mlmodel`.
  ///   - units: what it runs on. Only the CPU computes in float32 throughout; the Neural Engine computes in float16,
  ///     so expect `.reduced` of the others.
  ///   - expected: the worst band that is well.
  ///   - names: the model's names for inputs and outputs of the golden, where that does not follow from the names.
  /// - Throws: `ParityError` if the model does not load or run, or takes and gives something else than the golden.
  public func verdict(
    on url: URL, units: MLComputeUnits = .cpuOnly, expecting expected: Band = .rounding, names: [String: String] = [:]
  ) async throws -> Verdict {
    let opened = try await OpenedModel(url, units: units)
    defer { opened.close() }
    return try verdict(on: opened.model, candidate: url.lastPathComponent, expecting: expected, names: names)
  }

  /// Runs a model that is open already with the golden's inputs and judges what it gives.
  /// - Parameter candidate: as the verdict shall name it.
  public func verdict(
    on model: MLModel, candidate: String = "the model", expecting expected: Band = .rounding,
    names: [String: String] = [:]
  ) throws -> Verdict {
    let units = model.configuration.computeUnits
    let (outputs, renamed) = try Candidate(model: model, name: candidate).outputs(for: self, names: names)
    var settings = ["units": Candidate.word(units)]
    settings["names"] = renamed
    return try verdict(
      on: outputs, candidate: candidate, runtime: Candidate.runtime(units), expecting: expected, settings: settings)
  }

  /// What a model gives for the golden's inputs, by the golden's names.
  public func outputs(of model: MLModel, names: [String: String] = [:]) throws -> [String: Tensor] {
    try Candidate(model: model, name: "the model").outputs(for: self, names: names).outputs
  }
}
