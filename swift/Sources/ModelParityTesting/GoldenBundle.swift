import Foundation

/// A folder that `modelparity golden bundle` made: goldens of several models, and their Core ML files if asked for.
/// The manifest, and every file that is read, are compared with their digests.
public struct GoldenBundle: Sendable {
  public struct Model: Sendable, CustomStringConvertible {
    public let name: String
    /// Where its Core ML file is in the bundle; nil if none was packed.
    public let coreML: String?
    public let cases: [Case]
    /// Outputs whose values have a range, whatever the input.
    public let ranges: [String: Range]

    public var description: String { name }
  }

  public struct Case: Sendable {
    public let id: String
    /// Of its golden, in the bundle.
    public let file: String
  }

  /// What follows from the network about an output's values.
  public struct Range: Sendable, Equatable {
    public let low: Double
    public let high: Double
    /// Along this axis the values sum to one.
    public let sumAxis: Int?
  }

  public let folder: URL
  public let models: [Model]
  private let files: [String: Digest]

  private struct Digest: Sendable {
    let bytes: Int
    let sha256: String
  }

  static let version = 2

  public init(contentsOf folder: URL) throws {
    self.folder = folder
    let place = folder.appendingPathComponent("manifest.json").path
    let anew = "copy the bundle anew from where it was made"
    guard folder.pathExtension.lowercased() != "zip" else {
      throw ParityError("a bundle that is packed", place: folder.path, next: "unpack it, and name the folder")
    }
    let manifest: JSON
    do {
      manifest = try JSON.parsed(String(decoding: try Data(contentsOf: URL(fileURLWithPath: place)), as: UTF8.self))
    } catch {
      throw ParityError("no bundle, or damaged", place: place, found: "\(error.localizedDescription)", next: anew)
    }
    guard manifest["format"]?.string == "modelparity bundle", manifest["spec"]?.int == Self.version else {
      throw ParityError(
        "not a bundle of version \(Self.version)", place: place,
        found: (manifest["spec"] ?? .null).text(ascii: true), next: "make it anew with modelparity golden bundle")
    }
    let content = JSON.object((manifest.members ?? []).filter { $0.key != "seal" }).sorted
    guard manifest["seal"]?.string == SHA256.hex(content.text(ascii: true)) else {
      throw ParityError(
        "the manifest has changed since the bundle was made: its seal does not fit", place: place, next: anew)
    }
    do throws(Damage) {
      files = try Self.files(manifest["files"])
      models = try Self.models(manifest)
    } catch { throw ParityError("damaged bundle: \(error.what)", place: place, next: anew) }
  }

  /// The golden of a case.
  public func golden(_ one: Case) throws -> Golden {
    try Golden(data: try data(one.file), place: "\(folder.lastPathComponent)/\(one.file)")
  }

  /// A model's Core ML file, every byte of it compared with the manifest.
  /// - Throws: `ParityError` if none was packed, or it has changed.
  public func coreML(_ model: Model) throws -> URL {
    guard let name = model.coreML else {
      throw ParityError(
        "no Core ML file was packed", place: model.name, next: "modelparity golden bundle ... --models coreml")
    }
    for file in files.keys where file == name || file.hasPrefix(name + "/") { _ = try data(file) }
    return folder.appendingPathComponent(name)
  }

  private func data(_ name: String) throws -> [UInt8] {
    let url = folder.appendingPathComponent(name)
    let anew = "copy the bundle anew from where it was made"
    guard let digest = files[name], let values = try? url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey]),
      values.isRegularFile == true
    else { throw ParityError("missing, or no plain file", place: url.path, next: anew) }
    guard values.fileSize == digest.bytes, let data = try? Data(contentsOf: url),
      SHA256.hex(Array(data)) == digest.sha256
    else { throw ParityError("has changed since the bundle was made", place: url.path, next: anew) }
    return Array(data)
  }

  private struct Damage: Error { let what: String }

  private static func files(_ listed: JSON?) throws(Damage) -> [String: Digest] {
    guard let members = listed?.members else { throw Damage(what: "no files") }
    var files: [String: Digest] = [:]
    for (name, about) in members {
      guard isPlain(name), let bytes = about["bytes"]?.int, bytes >= 0, bytes <= Safetensors.mostBytes,
        let sha256 = about["sha256"]?.string
      else { throw Damage(what: "the file \(PythonText.quoted(String(name.prefix(80))))") }
      files[name] = Digest(bytes: bytes, sha256: sha256)
    }
    return files
  }

  private static func models(_ manifest: JSON) throws(Damage) -> [Model] {
    var cases: [String: [Case]] = [:]
    for item in manifest["cases"]?.array ?? [.null] {
      guard let id = item["id"]?.string, let model = item["model"]?.string, let file = item["file"]?.string,
        isPlain(file)
      else { throw Damage(what: "a case") }
      cases[model, default: []].append(Case(id: id, file: file))
    }
    var models: [Model] = []
    for (name, about) in manifest["models"]?.members ?? [("", .null)] {
      guard let outputs = about["outputs"]?.members,
        about["coreml"].map({ $0 == .null || isPlain($0.string ?? "") }) == true
      else { throw Damage(what: "the model \(PythonText.quoted(name))") }
      var ranges: [String: Range] = [:]
      for (output, about) in outputs {
        guard let range = about["range"], range != .null else { continue }
        guard case .number(let low) = range["low"] ?? .null, case .number(let high) = range["high"] ?? .null,
          let low = Double(low), let high = Double(high)
        else { throw Damage(what: "the range of \(PythonText.quoted(output))") }
        ranges[output] = Range(low: low, high: high, sumAxis: range["sum"]?["axis"]?.int)
      }
      models.append(Model(name: name, coreML: about["coreml"]?.string, cases: cases[name] ?? [], ranges: ranges))
    }
    return models
  }

  /// Whether a name stays inside the bundle.
  private static func isPlain(_ name: String) -> Bool {
    name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { segment in
      guard let first = segment.unicodeScalars.first, !".+-".unicodeScalars.contains(first) else { return false }
      return segment.unicodeScalars.allSatisfy { scalar in
        scalar.isASCII
          && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || "_.+-".unicodeScalars.contains(scalar))
      }
    }
  }
}
