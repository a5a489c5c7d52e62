import Foundation
import ModelParityTesting

/// The bundle of tiny networks beside these tests.
enum FixtureBundle {
  static let folder = (0..<2).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    .appendingPathComponent("Fixtures/bundle")

  static func open() throws -> GoldenBundle { try GoldenBundle(contentsOf: folder) }

  static func goldenURL(_ model: String, _ recipe: String = "noise") -> URL {
    folder.appendingPathComponent("goldens/paths/\(model).pkl/\(recipe)-s0-l12.safetensors")
  }

  static func golden(_ model: String, _ recipe: String = "noise") throws -> Golden {
    try Golden(contentsOf: goldenURL(model, recipe))
  }

  static func model(_ name: String) -> URL { folder.appendingPathComponent("models/paths/\(name).pkl.mlpackage") }

  /// A copy of the bundle that a test may change; removed with the closure.
  static func copied<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: folder, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    return try body(copy)
  }
}
