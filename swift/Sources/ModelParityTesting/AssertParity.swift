import CoreML
import Foundation

/// A model that does not compute what its golden recorded. Its text is the verdict's.
public struct ParityFailure: Error, Sendable, CustomStringConvertible, LocalizedError {
  public let verdict: Verdict

  public var description: String { verdict.description }
  public var errorDescription: String? { description }
}

/// Fails a test whose model does not compute what its golden recorded; in XCTest and Swift Testing alike.
///
///     @Test func beats() async throws {
///       try await assertParity(model: modelURL, golden: goldenURL)
///     }
///
/// - Parameters: see `Golden.verdict(on:units:expecting:names:)`.
/// - Returns: the verdict, if it is well.
/// - Throws: `ParityFailure` with the verdict, or `ParityError` if none could be reached.
@discardableResult
public func assertParity(
  model: URL, golden: URL, units: MLComputeUnits = .cpuOnly, expecting expected: Band = .rounding,
  names: [String: String] = [:]
) async throws -> Verdict {
  let verdict = try await Golden(contentsOf: golden).verdict(
    on: model, units: units, expecting: expected, names: names)
  guard verdict.ok else { throw ParityFailure(verdict: verdict) }
  return verdict
}

/// The same for a model that is open already.
@discardableResult
public func assertParity(
  model: MLModel, golden: URL, expecting expected: Band = .rounding, names: [String: String] = [:]
) throws -> Verdict {
  let verdict = try Golden(contentsOf: golden).verdict(on: model, expecting: expected, names: names)
  guard verdict.ok else { throw ParityFailure(verdict: verdict) }
  return verdict
}
