#if os(Linux)
  import CoreML
  import Foundation
  import GoldenEcho
  import ModelParityTesting
  import Testing

  /// Models that keep a state to themselves, against goldens in which it is an input and an output.
  @Suite struct StatefulTests {
    private static let folder = FixtureBundle.folder.deletingLastPathComponent().appendingPathComponent("counter")
    private let model = Self.folder.appendingPathComponent("counter.mlpackage")
    private let fromZero = Self.folder.appendingPathComponent("from-zero.safetensors")
    private let fromOne = Self.folder.appendingPathComponent("from-one.safetensors")

    @Test func aStateIsNeitherGivenNorLookedFor() async throws {
      #expect(try Golden(contentsOf: fromZero).states == ["total": "add_0"])
      let verdict = try await StandIn.with(CountingEcho()) { try await assertParity(model: model, golden: fromZero) }
      #expect(verdict.band == .exact)
      #expect(verdict.outputs.map(\.name) == ["y"])
    }

    @Test func everyRunBeginsAnew() async throws {
      let golden = try Golden(contentsOf: fromZero)
      let bands = try await StandIn.with(CountingEcho()) {
        let opened = try await OpenedModel(model, units: .cpuOnly)
        defer { opened.close() }
        return try (0..<3).map { _ in try golden.verdict(on: opened.model).band }
      }
      #expect(bands == [.exact, .exact, .exact])
    }

    @Test func aStateThatDoesNotBeginAtZeroIsAFault() async throws {
      let failure = await #expect(throws: ParityFailure.self) {
        try await StandIn.with(CountingEcho(startingFrom: 1)) { try await assertParity(model: model, golden: fromZero) }
      }
      #expect(failure?.verdict.band == .wrong)
    }

    @Test func aGoldenThatBeginsElsewhereCannotBeRun() async throws {
      let error = await #expect(throws: ParityError.self) {
        try await StandIn.with(CountingEcho()) { try await assertParity(model: model, golden: fromOne) }
      }
      #expect(error?.what == "the golden's state begins elsewhere than at zero, where the model's own begin")
      #expect(error?.place == "counter.mlpackage, input 'total'")
    }
  }
#endif
