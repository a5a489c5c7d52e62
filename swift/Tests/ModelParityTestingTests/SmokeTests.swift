#if os(Linux)
  import CoreML
  import Foundation
  import GoldenEcho
  import Testing

  @testable import ModelParityTesting

  /// The smoke tests of a bundle pass right models and fail wrong ones.
  @Suite struct SmokeTests {
    /// A number that is another one each time.
    private final class Counter: @unchecked Sendable {
      private let lock = NSLock()
      private var value = 0
      func next() -> Int {
        lock.withLock {
          value += 1
          return value
        }
      }
    }

    private func checks(
      _ name: String = "blstm", expecting: Band = .rounding, alteration: @escaping GoldenEcho.Alteration
    ) async throws -> SmokeChecks {
      let bundle = try FixtureBundle.open()
      let model = try #require(bundle.models.first { $0.name == "paths/\(name).pkl" })
      let golden = try bundle.golden(model.cases[0])
      return try await StandIn.with(GoldenEcho([golden], alteration: alteration)) {
        let opened = try await OpenedModel(try bundle.coreML(model), units: .cpuOnly)
        defer { opened.close() }
        return try SmokeChecks(opened.model, golden: golden, ranges: model.ranges, expecting: expecting)
      }
    }

    /// What the golden says, its values changed.
    private func changed(_ change: @escaping @Sendable (Int, Double) -> Double) -> GoldenEcho.Alteration {
      { golden, output in
        let truth = golden.outputs[output].map { ($0.shape, $0.doubles) } ?? ([], [])
        return GoldenEcho.tensor(truth.0, truth.1.enumerated().map { change($0.offset, $0.element) })
      }
    }

    @Test(arguments: ["blstm", "dnn", "key", "mixed"], [0, 0.9, -0.9])
    func rightModelsPass(name: String, floors: Double) async throws {
      let found = try await checks(name, alteration: GoldenEcho.off(by: floors))
      #expect(found.shapes + found.finite + found.range + found.determinism == [])
    }

    @Test func anotherShape() async throws {
      let found = try await checks { golden, output in
        let truth = golden.outputs[output]?.doubles ?? []
        return GoldenEcho.tensor([truth.count], truth)
      }
      #expect(found.shapes == ["output 'y': shape is (36,), but should be (12, 3)"])
      #expect(found.range == [])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func valuesThatAreNotFinite(odd: Double) async throws {
      let found = try await checks(alteration: changed { $0 == 5 ? odd : $1 })
      #expect(found.finite == ["output 'y': 1 of 36 elements are not finite"])
      #expect(found.range.count == 1)
      #expect(found.shapes == [])
    }

    @Test func valuesBeyondTheirRange() async throws {
      for (name, value) in [("dnn", 1.01), ("dnn", -0.01), ("mixed", -1.01)] {
        let found = try await checks(name, alteration: changed { $0 == 3 ? value : $1 })
        #expect(found.range.count == 1, "\(name) \(value)")
        #expect(found.range.first?.contains("1 of") == true)
        #expect(found.finite == [])
      }
    }

    @Test func aSoftmaxThatDoesNotSumToOne() async throws {
      let found = try await checks(alteration: changed { $0 == 4 ? $1 + 1e-3 : $1 })
      #expect(found.range.first?.hasPrefix("output 'y': values along axis 1 sum to 1.00") == true)
      // Half precision may be off by as much.
      #expect(try await checks(expecting: .reduced, alteration: changed { $0 == 4 ? $1 + 3e-4 : $1 }).range == [])
    }

    @Test func aModelThatIsNotTheSameTwice() async throws {
      let counter = Counter()
      let found = try await checks(alteration: changed { place, value in place == 0 ? Double(counter.next()) : value })
      #expect(found.determinism == ["output 'y': the model gives something else when it runs again on the same input"])
    }
  }
#endif
