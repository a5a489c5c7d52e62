import CoreML
import Foundation

/// A model opened from its file; what had to be compiled for that is removed with `close`.
package struct OpenedModel {
  package let model: MLModel
  /// What was compiled to open it, if it had to be.
  package let compiled: URL?

  /// - Parameter url: `.mlmodelc`, as Xcode puts it into a target; or `.mlpackage` or `.mlmodel`, compiled first.
  package init(_ url: URL, units: MLComputeUnits) async throws {
    let place = url.lastPathComponent
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw ParityError(
        "there is no model", place: url.path,
        next: "add the model to the test target's resources; Xcode compiles it to \(Self.compiledName(url))")
    }
    let ready = url.pathExtension.lowercased() == "mlmodelc"
    do {
      compiled = ready ? nil : try await MLModel.compileModel(at: url)
    } catch {
      throw ParityError("the model could not be compiled", place: place, found: "\(error)")
    }
    let configuration = MLModelConfiguration()
    configuration.computeUnits = units
    do {
      model = try MLModel(contentsOf: compiled ?? url, configuration: configuration)
    } catch {
      compiled.map(Self.remove)
      throw ParityError("the model could not be loaded", place: place, found: "\(error)")
    }
  }

  package func close() { compiled.map(Self.remove) }

  private static func remove(_ url: URL) {
    try? FileManager.default.removeItem(at: url)
    // The stand-in, as some systems do, makes a folder of its own around it.
    let around = url.deletingLastPathComponent()
    if (try? FileManager.default.contentsOfDirectory(atPath: around.path).isEmpty) == true,
      around.path != FileManager.default.temporaryDirectory.path
    {
      try? FileManager.default.removeItem(at: around)
    }
  }

  private static func compiledName(_ url: URL) -> String {
    url.deletingPathExtension().lastPathComponent + ".mlmodelc"
  }
}
