import Foundation
import ModelParityTesting

#if canImport(GoldenEcho)
  import CoreML
  import GoldenEcho
#endif

/// Core ML files and their goldens beside these tests.
enum Fixtures {
  private static let folder = (0..<2).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
    url.deletingLastPathComponent()
  }.appendingPathComponent("Fixtures")

  static let models = ["dnn", "blstm", "mixed", "key"]
  static let counter = folder.appendingPathComponent("counter/counter.mlpackage")
  static let counterGolden = folder.appendingPathComponent("counter/from-zero.safetensors")

  static func model(_ name: String) -> URL {
    folder.appendingPathComponent("bundle/models/paths/\(name).pkl.mlpackage")
  }

  static func golden(_ name: String) -> URL {
    folder.appendingPathComponent("bundle/goldens/paths/\(name).pkl/noise-s0-l12.safetensors")
  }

  /// What runs models here.
  static var runtime: String {
    #if canImport(GoldenEcho)
      "stand-in"
    #else
      "Core ML"
    #endif
  }

  /// Whether models may keep states here.
  static var hasStates: Bool {
    if #available(macOS 15, iOS 18, *) { true } else { false }
  }

  /// The body with Core ML itself; on Linux with a stand-in that answers what the goldens say, so that all of a test
  /// but the model runs there too.
  static func running<Result: Sendable>(
    _ names: [String], isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async throws -> Result {
    #if canImport(GoldenEcho)
      try await StandIn.with(GoldenEcho(try names.map { try Golden(contentsOf: golden($0)) }), body)
    #else
      try await body()
    #endif
  }

  /// The same for the model that counts.
  static func counting<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async throws -> Result {
    #if canImport(GoldenEcho)
      try await StandIn.with(CountingEcho(), body)
    #else
      try await body()
    #endif
  }
}
