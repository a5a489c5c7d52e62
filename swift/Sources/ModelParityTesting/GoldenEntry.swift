/// The metadata of a golden, which vouches for every other byte: read, compared with its seal, and the tensors
/// with it.
struct GoldenEntry {
  /// The versions of goldens that this package reads. Version 2 says by which method the floor was measured.
  static let versions = ["1", "2"]
  private static let name = "modelparity"
  private static let fields: [String: String] = [
    "spec": "int", "model": "text", "model_hash": "text", "structure_hash": "text", "native": "text",
    "source_format": "text?", "source_name": "text?", "source_sha256": "text?", "recipe": "text?", "seed": "int?",
    "length": "int?", "engine": "int", "numpy": "text", "created_by": "text",
  ]
  static let precisions = ["float64", "float32", "float16", "bfloat16"]

  let provenance: JSON
  let floor: JSON
  private let entry: JSON
  private let place: String

  init(_ file: Safetensors, place: String) throws {
    self.place = place
    func refuse(_ what: String) -> ParityError { ParityError(what, place: place, next: ParityError.anew) }
    guard let metadata = file.metadata, metadata.map(\.key) == [Self.name], let text = metadata[0].value.string else {
      let found = file.metadata.map { PythonText.list($0.map(\.key).sorted()) } ?? "none"
      throw ParityError(
        "metadata is not that of a golden", place: place, found: found, expected: PythonText.list([Self.name]))
    }
    do { entry = try JSONReader.read(text) } catch {
      throw ParityError("damaged metadata", place: place, found: "\(error)")
    }
    guard entry.sorted.text(ascii: true).utf8.elementsEqual(text.utf8), Self.isPlain(entry) else {
      throw refuse("damaged metadata: not sorted, compact JSON")
    }
    // Version first, for another version may seal and arrange things its own way; then the seal; then the content.
    let record = entry["provenance"] ?? .null
    guard case .number(let spec) = record["spec"] ?? .null, Self.versions.contains(spec) else {
      let found = (record["spec"] ?? .null).text(ascii: true)
      throw ParityError(
        "written by another version of the golden format", place: place,
        found: "version \(found == "null" ? "None" : String(found.prefix(20)))",
        expected: "version \(Self.versions.joined(separator: " or "))",
        next: "record it anew, or use the modelparity that wrote it")
    }
    let content = JSON.object((entry.members ?? []).filter { $0.key != "seal" })
    guard entry["seal"]?.string == SHA256.hex(content.text(ascii: true)) else {
      throw refuse("the metadata has changed since it was written: its seal does not fit")
    }
    guard Set(entry.keys).subtracting(["terms"]) == ["provenance", "floor", "weights", "tensors", "seal"] else {
      throw refuse("unexpected or missing metadata: \(PythonText.list(entry.keys.sorted()))")
    }
    if let problem = Self.problem(record) { throw refuse("provenance: \(problem)") }
    guard let weights = entry["weights"]?.members, weights.allSatisfy({ $0.value.string != nil }) else {
      throw refuse("damaged metadata: weights")
    }
    guard let described = entry["tensors"]?.members else { throw refuse("damaged metadata: tensors") }
    provenance = record
    floor = entry["floor"] ?? .null
    if let problem = Self.floorProblem(floor, method: spec != "1") { throw refuse("damaged metadata: \(problem)") }
    try Self.check(file.tensors, described, place: place, terms: entry["terms"] != nil)
  }

  /// Every tensor against type, shape and digest that were written down.
  private static func check(
    _ tensors: [String: Tensor], _ described: [(key: String, value: JSON)], place: String, terms: Bool
  ) throws {
    let known = Set(described.map(\.key))
    for name in known.symmetricDifference(tensors.keys).sorted() {
      let what = tensors[name] != nil ? "is not described by the metadata" : "is missing"
      throw ParityError("tensor \(PythonText.quoted(name)) \(what)", place: place)
    }
    for (name, about) in described {
      guard let tensor = tensors[name] else { continue }
      let now = JSON.object([
        ("dtype", .string(tensor.element.rawValue)), ("sha256", .string(SHA256.hex(tensor.bytes))),
        ("shape", .array(tensor.shape.map { .number(String($0)) })),
      ])
      guard about == now else {
        throw ParityError(
          "tensor \(PythonText.quoted(name)) has changed since it was written", place: place,
          found: now.text(ascii: true), expected: about.text(ascii: true), next: ParityError.anew)
      }
    }
    let kinds = ["input", "output", "floor"] + (terms ? ["half"] : [])
    for name in tensors.keys.sorted()
    where !kinds.contains(where: { name.hasPrefix($0 + "/") && name.count > $0.count + 1 }) {
      throw ParityError("unknown tensor \(PythonText.quoted(name))", place: place, next: ParityError.anew)
    }
  }

  /// Whether floors are of the outputs' shapes, and their summary is true.
  func checkFloors(_ floors: [String: Tensor], _ outputs: [String: Tensor]) throws {
    guard floors.mapValues(\.shape) == outputs.mapValues(\.shape), floors.values.allSatisfy({ $0.element == .float64 })
    else { throw ParityError("floors do not fit the outputs", place: place, next: ParityError.anew) }
    let maxima = floors.mapValues { floor in
      PythonText.repr(floor.doubles.reduce(0.0) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) })
    }
    let said = floor["maximum"]?.members ?? []
    guard said.count == maxima.count, said.allSatisfy({ maxima[$0.key] == $0.value.string }) else {
      throw ParityError("the summary of the floor does not fit the floor", place: place, next: ParityError.anew)
    }
  }

  /// What a judge without the network must know besides; nil if it was not recorded.
  func terms(_ tensors: [String: Tensor], _ outputs: [String: Tensor]) throws -> GoldenTerms? {
    guard let about = entry["terms"] else { return nil }
    do throws(GoldenTerms.Fault) { return try GoldenTerms(about, tensors, outputs) } catch {
      throw ParityError("damaged metadata: terms: \(error.what)", place: place, next: ParityError.anew)
    }
  }

  /// Numbers are whole and written in one way only.
  private static func isPlain(_ value: JSON) -> Bool {
    switch value {
    case .number(let text): text != "-0" && text.allSatisfy { $0 == "-" || $0.isNumber }
    case .array(let items): items.allSatisfy(isPlain)
    case .object(let members): members.allSatisfy { isPlain($0.value) }
    default: true
    }
  }

  private static func problem(_ record: JSON) -> String? {
    let odd = Set(record.keys).symmetricDifference(fields.keys).sorted()
    guard odd.isEmpty else {
      return "keys missing or unknown: " + odd.prefix(5).map(PythonText.quoted).joined(separator: ", ")
    }
    for (key, value) in record.members ?? [] {
      switch (fields[key] ?? "", value) {
      case ("int", .number), ("int?", .number), ("int?", .null): continue
      case ("text", .string), ("text?", .string), ("text?", .null): continue
      default: return "\(PythonText.quoted(key)) is \(pythonic(value))"
      }
    }
    return nil
  }

  private static func pythonic(_ value: JSON) -> String {
    switch value {
    case .null: "None"
    case .bool(let value): value ? "True" : "False"
    case .string(let text): PythonText.quoted(text)
    default: value.text(ascii: true)
    }
  }

  private static func floorProblem(_ floor: JSON, method: Bool) -> String? {
    let known: Set = ["precision", "runs", "conditioning", "spread", "maximum"]
    guard Set(floor.keys) == (method ? known.union(["method"]) : known) else { return "floor" }
    guard !method || (floor["method"]?.int ?? 0) >= 1 else { return "method of the floor" }
    guard precisions.contains(floor["precision"]?.string ?? "") else { return "precision of the floor" }
    guard floor["runs"]?.int != nil, ["well", "ill"].contains(floor["conditioning"]?.string) else {
      return "runs or conditioning of the floor"
    }
    guard let spread = floor["spread"]?.members,
      spread.allSatisfy({ member in
        member.value.string.map { text in Double(text).map { PythonText.repr($0) == text } ?? false } ?? false
      })
    else { return "spread of the floor" }
    return nil
  }
}
