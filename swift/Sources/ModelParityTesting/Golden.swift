import Foundation

/// What a network computes for one input, recorded by modelparity: inputs, reference outputs, and the floor of every
/// output element, which is what rounding alone can do there. Every byte of the file was verified.
public struct Golden: Sendable {
  public let inputs: [String: Tensor]
  /// In double precision; or whole numbers.
  public let outputs: [String: Tensor]
  /// By output, of its shape.
  public let floors: [String: Tensor]
  /// The name of the network.
  public let model: String
  /// "well" or "ill": whether rounding is amplified on this input.
  public let conditioning: String
  /// Perturbed runs that the floors were measured with.
  public let runs: Int
  /// The outputs in the order of the reference.
  public let order: [String]

  /// Which model, recipe, seed and versions it was recorded from.
  let provenance: JSON
  /// By output: the element type that the reference declares, where it has fractions.
  let declared: [String: String]
  /// Inputs that are states, with the outputs that become their next values.
  public let states: [String: String]
  /// What half precisions would do, strictest first.
  let halves: [Half]

  /// What one half precision does to the outputs.
  struct Half: Sendable {
    let precision: String
    /// The outputs with weights rounded to it.
    let weights: [String: Tensor]
    let floors: [String: Tensor]
  }

  /// Reads and verifies a `.safetensors` golden.
  /// - Throws: `ParityError` for a file that is absent, damaged anywhere, or of another version.
  public init(contentsOf url: URL) throws {
    let place = url.path
    do {
      let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      guard size <= Safetensors.mostBytes else {
        throw ParityError(
          "too large for a golden", place: place, found: "\(size)", expected: "\(Safetensors.mostBytes) or less")
      }
      try self.init(data: Array(try Data(contentsOf: url)), place: place)
    } catch let error as ParityError {
      throw error
    } catch {
      throw ParityError(
        "not readable", place: place, found: error.localizedDescription,
        next: "add the golden to the test target's resources, or take it from modelparity golden bundle")
    }
  }

  /// Verifies the bytes of a golden's file.
  public init(data: [UInt8], place: String = "golden") throws {
    let file = try Safetensors(data, place: place)
    let entry = try GoldenEntry(file, place: place)
    func group(_ kind: String) -> [String: Tensor] {
      var found: [String: Tensor] = [:]
      for (name, tensor) in file.tensors where name.hasPrefix(kind + "/") {
        found[String(name.dropFirst(kind.count + 1))] = tensor
      }
      return found
    }
    inputs = group("input")
    outputs = group("output")
    floors = group("floor")
    try entry.checkFloors(floors, outputs)
    provenance = entry.provenance
    model = entry.provenance["model"]?.string ?? ""
    conditioning = entry.floor["conditioning"]?.string ?? ""
    runs = entry.floor["runs"]?.int ?? 0
    let native = entry.provenance["native"]?.string ?? ""
    guard let terms = try entry.terms(file.tensors, outputs) else {
      // Recorded without terms: outputs by name, of the network's own type.
      order = outputs.keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
      declared = outputs.mapValues { _ in native == "declared" ? "float32" : native }
      states = [:]
      halves = []
      return
    }
    order = terms.order
    declared = terms.declared
    states = terms.states
    halves = terms.halves
  }
}
