import Foundation

extension MLModel {
  /// Writes a folder `.mlmodelc` into the temporary folder, where it stays until somebody moves it.
  ///
  /// macOS 10.13, iOS 11; packages: macOS 12, iOS 15. The stand-in's folder holds a copy of the model and a marker.
  public class func compileModel(at modelURL: URL) throws -> URL {
    let files = FileManager.default
    let name = modelURL.lastPathComponent
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: modelURL.path, isDirectory: &isFolder) else {
      throw MLModelError(.io, "there is no model at \(modelURL.path)")
    }
    switch (modelURL.pathExtension.lowercased(), isFolder.boolValue) {
    case ("mlmodel", false):
      let size = try files.attributesOfItem(atPath: modelURL.path)[.size] as? Int ?? 0
      guard size > 0 else { throw MLModelError(.io, "\(name) is empty") }
    case ("mlpackage", true):
      guard files.fileExists(atPath: modelURL.appendingPathComponent("Manifest.json").path) else {
        throw MLModelError(.io, "\(name) has no Manifest.json: it is no model package")
      }
    default:
      throw MLModelError(.io, "\(name) is neither a .mlmodel file nor a .mlpackage folder")
    }
    let place = files.temporaryDirectory.appendingPathComponent("mlmodelc-\(UUID().uuidString)")
    let compiled = place.appendingPathComponent(modelURL.deletingPathExtension().lastPathComponent + ".mlmodelc")
    do {
      try files.createDirectory(at: compiled, withIntermediateDirectories: true)
      try files.copyItem(at: modelURL, to: compiled.appendingPathComponent(name))
      try JSONEncoder().encode(CompiledFolder.Marker(model: name))
        .write(to: compiled.appendingPathComponent(CompiledFolder.marker))
    } catch {
      try? files.removeItem(at: place)
      throw MLModelError(.io, "\(name) could not be compiled: \(error.localizedDescription)")
    }
    return compiled
  }

  /// macOS 13, iOS 16.
  public class func compileModel(at url: URL) async throws -> URL {
    let compile: (URL) throws -> URL = compileModel(at:)
    return try compile(url)
  }
}

/// A folder that the stand-in compiled.
struct CompiledFolder {
  struct Marker: Codable { var model: String }
  static let marker = "stand-in.json"

  /// The path of the model in it.
  let model: String

  init(_ url: URL) throws {
    let found = try? JSONDecoder().decode(Marker.self, from: Data(contentsOf: url.appendingPathComponent(Self.marker)))
    guard let found, !found.model.contains("/") else {
      throw MLModelError(
        .io, "\(url.lastPathComponent) was not compiled by the stand-in of Core ML; give it the model itself")
    }
    model = url.appendingPathComponent(found.model).path
    guard FileManager.default.fileExists(atPath: model) else {
      throw MLModelError(.io, "\(url.lastPathComponent) lacks \(found.model)")
    }
  }
}
