import Foundation

/// A folder of a test's own, gone with it.
final class Scratch: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("modelparity-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var cache: String { folder.appendingPathComponent("cache").path }
  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// A model file; `TestEvaluator` reads from it what it is.
  @discardableResult
  func file(_ name: String = "model.mlmodel", _ text: String = Model.doubling) throws -> String {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    return path(name)
  }

  /// A model package.
  @discardableResult
  func package(_ name: String = "model.mlpackage", _ text: String = Model.doubling) throws -> String {
    let data = folder.appendingPathComponent(name).appendingPathComponent("Data")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: data.appendingPathComponent("model.json"))
    try Data("{}".utf8).write(to: folder.appendingPathComponent(name).appendingPathComponent("Manifest.json"))
    return path(name)
  }

  /// Everything under a folder, sorted.
  func files(_ below: String) -> [String] {
    (FileManager.default.enumerator(atPath: below)?.compactMap { $0 as? String } ?? []).sorted()
  }
}

/// Models of the tests: descriptions as JSON, which are also what is in their files.
enum Model {
  static func json(
    inputs: String, outputs: String, states: String = "[]", functions: String = "[]", more: String = ""
  ) -> String {
    #"{"inputs": \#(inputs), "outputs": \#(outputs), "states": \#(states), "functions": \#(functions)\#(more)}"#
  }

  static func array(_ name: String, _ shape: [Int], _ dtype: String = "float32", more: String = "") -> String {
    #"{"name": "\#(name)", "type": "multiArray", "dtype": "\#(dtype)", "shape": \#(shape)\#(more)}"#
  }

  /// y = 2 x
  static let doubling = json(inputs: "[\(array("x", [2, 3]))]", outputs: "[\(array("y", [2, 3]))]")

  static func of(_ shape: [Int], _ dtype: String = "float32") -> String {
    json(inputs: "[\(array("x", shape, dtype))]", outputs: "[\(array("y", shape, dtype))]")
  }

  /// Takes any shape of a rank.
  static func anyShape(rank: Int, _ dtype: String = "float32") -> String {
    let ranges = Array(repeating: "[1, -1]", count: rank).joined(separator: ", ")
    let flexible = #", "flexible": {"kind": "ranges", "ranges": [\#(ranges)]}"#
    let shape = [Int](repeating: 1, count: rank)
    return json(
      inputs: "[\(array("x", shape, dtype, more: flexible))]", outputs: "[\(array("y", shape, dtype, more: flexible))]")
  }

  /// y = 2 (a + b)
  static let adding = json(
    inputs: "[\(array("a", [2])), \(array("b", [2]))]", outputs: "[\(array("y", [2])), \(array("z", [2]))]")

  /// y = 2 x + how often the state was used before
  static let counting = json(
    inputs: "[\(array("x", [1]))]", outputs: "[\(array("y", [1]))]",
    states: #"[{"name": "seen", "dtype": "float16", "shape": [1]}]"#)
}
