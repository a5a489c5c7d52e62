import CoreML
import Foundation
import ModelParityTesting
import Testing

#if canImport(GoldenEcho)
  import GoldenEcho
#endif

/// Smoke tests for every model of a bundle; which models there are, their inputs and what is known of their outputs
/// comes from the bundle.
///
/// The bundle is the folder that MODELPARITY_BUNDLE names, else build/bundle in the top folder. MODELPARITY_UNITS
/// says what models run on: cpuOnly (left out), cpuAndGPU, cpuAndNeuralEngine, all. All but the first compute in
/// half precision, so `reduced` is expected of them.
@Suite("Every model of the bundle")
struct BundleTests {
  @Test(
    "loads, and gives what its goldens say",
    .enabled(
      if: FoundBundle.here != nil,
      "no golden bundle: modelparity golden bundle FAMILY --models coreml --to build/bundle, or name one in MODELPARITY_BUNDLE"
    ), arguments: FoundBundle.models)
  func smoke(model: GoldenBundle.Model) async throws {
    let bundle = try #require(try FoundBundle.here?.get())
    let units = FoundBundle.units
    let expected: Band = units == .cpuOnly ? .rounding : .reduced
    #expect(!model.cases.isEmpty, "the bundle holds no golden of \(model)")
    let goldens = try model.cases.map(bundle.golden)
    try await FoundBundle.evaluated(by: goldens) {
      let opened = try await OpenedModel(try bundle.coreML(model), units: units)
      defer { opened.close() }
      for (golden, one) in zip(goldens, model.cases) {
        let checks = try SmokeChecks(opened.model, golden: golden, ranges: model.ranges, expecting: expected)
        #expect(checks.shapes == [], "\(one.id)")
        #expect(checks.finite == [], "\(one.id)")
        #expect(checks.range == [], "\(one.id)")
        #expect(checks.determinism == [], "\(one.id)")
        let verdict = try golden.verdict(on: opened.model, candidate: model.name, expecting: expected)
        #expect(verdict.ok, "\(one.id)\n\(verdict)")
      }
    }
  }

  @Test("the bundle can be read", .enabled(if: FoundBundle.here != nil, "no golden bundle"))
  func readable() throws {
    let bundle = try #require(try FoundBundle.here?.get())
    #expect(!bundle.models.isEmpty)
    let without = bundle.models.filter { $0.coreML == nil }.map(\.name)
    if !without.isEmpty { print("no Core ML file was packed of: \(without.joined(separator: ", "))") }
  }
}

/// The bundle that is tested, if there is one.
enum FoundBundle {
  static let here: Result<GoldenBundle, any Error>? = {
    let named = ProcessInfo.processInfo.environment["MODELPARITY_BUNDLE"]
    // swift/Tests/BundleTests/BundleTests.swift is three folders down.
    let top = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let folder = named.map { URL(fileURLWithPath: $0) } ?? top.appendingPathComponent("build/bundle")
    guard named != nil || FileManager.default.fileExists(atPath: folder.path) else { return nil }
    return Result { try GoldenBundle(contentsOf: folder) }
  }()

  /// Those with a Core ML file.
  static var models: [GoldenBundle.Model] {
    guard case .success(let bundle) = here else { return [] }
    return bundle.models.filter { $0.coreML != nil }
  }

  static var units: MLComputeUnits {
    switch ProcessInfo.processInfo.environment["MODELPARITY_UNITS"] {
    case "all": .all
    case "cpuAndGPU": .cpuAndGPU
    case "cpuAndNeuralEngine": .cpuAndNeuralEngine
    default: .cpuOnly
    }
  }

  /// On Linux there is no Core ML: there the stand-in answers what the goldens say, so that everything but the models
  /// themselves is tried. MODELPARITY_ECHO_FLOORS puts it off by so many floors: that these tests fail then is tested
  /// too.
  static func evaluated(
    by goldens: [Golden], isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
  ) async throws {
    #if canImport(GoldenEcho)
      let floors = Double(ProcessInfo.processInfo.environment["MODELPARITY_ECHO_FLOORS"] ?? "0") ?? 0
      try await StandIn.with(GoldenEcho(goldens, alteration: GoldenEcho.off(by: floors)), body)
    #else
      try await body()
    #endif
  }
}
