import Foundation

/// A model on disk: what kind it is, and every file of it.
struct Artefact {
  enum Kind: String {
    case file = "mlmodel"
    case package = "mlpackage"
    case compiled = "mlmodelc"
  }

  let path: String
  let kind: Kind
  let name: String
  var url: URL { URL(fileURLWithPath: path, isDirectory: kind != .file) }
  var stem: String { (name as NSString).deletingPathExtension }

  /// - Throws: `Failure` for a path that leads to no model.
  init(_ path: String) throws {
    self.path = path
    name = (path as NSString).lastPathComponent
    guard let info = FileInfo(following: path) else {
      throw Failure.invalid("there is no model at '\(path)'; check the path")
    }
    guard let kind = Kind(rawValue: (path as NSString).pathExtension.lowercased()) else {
      throw Failure.invalid("'\(name)' is no Core ML model: expected .mlmodel, .mlpackage or .mlmodelc")
    }
    self.kind = kind
    switch kind {
    case .file:
      guard info.isFile else { throw Failure.invalid("'\(name)' is not a file: a .mlmodel is one") }
      guard info.size > 0 else { throw Failure.invalid("'\(name)' is empty; write or download the model again") }
    case .package, .compiled:
      guard info.isFolder else {
        throw Failure.invalid("'\(name)' is not a folder: a .\(kind.rawValue) is one; was it packed for the journey?")
      }
      let inside = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      guard !inside.isEmpty else { throw Failure.invalid("'\(name)' is an empty folder; copy the model again") }
      guard kind == .compiled || inside.contains("Manifest.json") else {
        throw Failure.invalid("'\(name)' has no Manifest.json: it is no model package, or a part of one is missing")
      }
    }
  }

  /// One file or link, and where it is inside.
  struct Entry {
    let relative: String
    let info: FileInfo
    /// Where a link leads to.
    let link: String?
  }

  /// Every file, in an order that depends on the names alone.
  /// - Throws: `Failure` for links that lead out, and for what is neither file, folder nor link.
  func entries() throws -> [Entry] {
    guard kind != .file else {
      guard let info = FileInfo(following: path), info.isFile else { throw gone(path) }
      return [Entry(relative: name, info: info, link: nil)]
    }
    var found: [Entry] = []
    try walk("", depth: 0, into: &found)
    return found.sorted { $0.relative.utf8.lexicographicallyPrecedes($1.relative.utf8) }
  }

  private func walk(_ relative: String, depth: Int, into found: inout [Entry]) throws {
    guard depth < 32 else { throw Failure.invalid("'\(name)' has folders nested more than 32 deep") }
    let folder = relative.isEmpty ? path : "\(path)/\(relative)"
    guard let inside = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw Failure.invalid("the folder '\(folder)' is not readable")
    }
    for one in inside {
      let inner = relative.isEmpty ? one : "\(relative)/\(one)"
      let whole = "\(path)/\(inner)"
      guard let info = FileInfo(whole) else { throw gone(whole) }
      if info.isFolder {
        try walk(inner, depth: depth + 1, into: &found)
      } else if info.isLink {
        found.append(Entry(relative: inner, info: info, link: try followed(inner)))
      } else if info.isFile {
        found.append(Entry(relative: inner, info: info, link: nil))
      } else {
        throw Failure.invalid("'\(inner)' in '\(name)' is neither a file nor a folder; no model has such a thing")
      }
    }
  }

  private func followed(_ relative: String) throws -> String {
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/\(relative)")
    let root = realpath(path, nil)
    let end = realpath("\(path)/\(relative)", nil)
    defer {
      free(root)
      free(end)
    }
    guard let target, let root, let end, !target.hasPrefix("/"),
      String(cString: end).hasPrefix(String(cString: root) + "/")
    else {
      throw Failure.invalid(
        "'\(relative)' in '\(name)' is a link that leads out of it, to '\(target ?? "nowhere")'; put the file itself there"
      )
    }
    return target
  }

  private func gone(_ path: String) -> Failure { .invalid("'\(path)' vanished while the model was being read") }
}

/// What the file system says of a path.
struct FileInfo: Equatable {
  let mode: UInt32
  let size: Int
  let inode: UInt64
  /// Nanoseconds of the last change of contents, and of the last change of any kind.
  let changed: Int
  let touched: Int

  var isFile: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
  var isFolder: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
  var isLink: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFLNK) }

  /// Of the path itself, be it a link.
  init?(_ path: String) { self.init(path, lstat) }

  /// Of what the path leads to.
  init?(following path: String) { self.init(path, stat) }

  private init?(_ path: String, _ ask: (UnsafePointer<CChar>, UnsafeMutablePointer<stat>) -> Int32) {
    var answer = stat()
    guard ask(path, &answer) == 0 else { return nil }
    mode = UInt32(answer.st_mode)
    size = Int(answer.st_size)
    inode = UInt64(answer.st_ino)
    #if canImport(Darwin)
      let (contents, any) = (answer.st_mtimespec, answer.st_ctimespec)
    #else
      let (contents, any) = (answer.st_mtim, answer.st_ctim)
    #endif
    changed = Int(contents.tv_sec) * 1_000_000_000 + Int(contents.tv_nsec)
    touched = Int(any.tv_sec) * 1_000_000_000 + Int(any.tv_nsec)
  }
}
