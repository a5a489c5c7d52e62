import CoreML
import Foundation

/// Compiled models, kept by the content of what was compiled: `<folder>/compiled/<hash>/<stem>.mlmodelc`.
///
/// A model appears under its name whole or not at all: it is written under another name and renamed. Of several
/// processes that compile the same, the first to be done wins and the others use its work.
struct CompiledModels {
  let folder: String

  /// - Parameter folder: nil for `$MODELPARITY_CACHE`, else the user's cache folder.
  init(folder: String?) {
    if let folder {
      self.folder = folder
    } else if let named = getenv("MODELPARITY_CACHE").map({ String(cString: $0) }), !named.isEmpty {
      self.folder = named
    } else {
      let caches = FileManager.default.urls(for: .cachesDirectory, in: .userDomainMask).first
      self.folder = (caches ?? FileManager.default.temporaryDirectory).appendingPathComponent("modelparity").path
    }
  }

  /// The compiled form of an artefact, compiled now if it is not here.
  /// - Returns: its place, and whether it was here.
  func compiled(_ artefact: Artefact) throws -> (url: URL, kept: Bool) {
    let before = try artefact.fingerprint()
    let hash = try artefact.contentHash()
    let place = URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent("compiled")
      .appendingPathComponent(hash)
    // Names of files may have 255 bytes.
    let stem = String(decoding: artefact.stem.utf8.prefix(180), as: UTF8.self)
    let target = place.appendingPathComponent(stem + ".mlmodelc")
    if FileInfo(following: target.path)?.isFolder == true { return (target, true) }
    try make(place)
    sweep(place)
    let fresh: URL
    do {
      fresh = try MLModel.compileModel(at: artefact.url)
    } catch {
      throw Failure(error, while: "'\(artefact.name)' does not compile")
    }
    let waiting = place.appendingPathComponent(".\(UUID().uuidString).tmp")
    defer {
      try? FileManager.default.removeItem(at: waiting)
      dispose(fresh)
    }
    guard try artefact.fingerprint() == before else {
      throw Failure.invalid("'\(artefact.name)' changed while it was compiled; open it again when it is written")
    }
    do {
      try FileManager.default.moveItem(at: fresh, to: waiting)
    } catch {
      throw unwritable(place, error)
    }
    guard rename(waiting.path, target.path) == 0 || FileInfo(following: target.path)?.isFolder == true else {
      throw unwritable(place, CocoaError(.fileWriteUnknown))
    }
    return (target, false)
  }

  /// Takes away a compiled model that does not load; whole, or not at all.
  func discard(_ compiled: URL) {
    let waiting = compiled.deletingLastPathComponent().appendingPathComponent(".\(UUID().uuidString).tmp")
    if rename(compiled.path, waiting.path) == 0 { try? FileManager.default.removeItem(at: waiting) }
  }

  private func make(_ place: URL) throws {
    do {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    } catch {
      throw unwritable(place, error)
    }
  }

  private func unwritable(_ place: URL, _ error: any Error) -> Failure {
    .invalid(
      "the folder for compiled models '\(place.path)' is not writable (\(error.localizedDescription)); "
        + "name another one: option 'cache', or the environment variable MODELPARITY_CACHE")
  }

  /// What a process left that was ended while it compiled, a day ago or longer.
  private func sweep(_ place: URL) {
    let day = 86_400.0
    for name in (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? [] where name.hasSuffix(".tmp") {
      let path = place.appendingPathComponent(name)
      guard let info = FileInfo(path.path), Date().timeIntervalSince1970 - Double(info.changed) / 1e9 > day else {
        continue
      }
      try? FileManager.default.removeItem(at: path)
    }
  }

  /// Core ML leaves what it compiled in the temporary folder, alone in a folder of its own.
  private func dispose(_ fresh: URL) {
    try? FileManager.default.removeItem(at: fresh)
    let around = fresh.deletingLastPathComponent().standardizedFileURL.path
    if around != FileManager.default.temporaryDirectory.standardizedFileURL.path { rmdir(around) }
  }
}
