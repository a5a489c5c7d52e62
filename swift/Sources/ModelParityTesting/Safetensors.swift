/// A file in the safetensors format: eight bytes with the length of the header, the header, the tensors' bytes.
///
/// Nothing is allocated by what a header says before it was compared with the file's size. The tensors must cover the
/// data without gap, overlap or rest.
package struct Safetensors: Sendable {
  package let tensors: [String: Tensor]
  /// Of `__metadata__`: texts by name, or nil if there is none.
  package let metadata: [(key: String, value: JSON)]?

  /// What a file and its header may hold: far more than any real golden, far less than a machine.
  static let mostBytes = 1 << 30
  static let mostHeader = 1 << 24

  private static let types: [String: Tensor.Element] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "I64": .int64, "I32": .int32, "I16": .int16, "I8": .int8,
    "U64": .uint64, "U32": .uint32, "U16": .uint16, "U8": .uint8, "BOOL": .bool,
  ]

  package init(_ data: [UInt8], place: String) throws {
    var length: UInt64 = 0
    for (index, byte) in data.prefix(8).enumerated() { length |= UInt64(byte) << (8 * UInt64(index)) }
    guard data.count >= 8, length <= UInt64(min(data.count - 8, Self.mostHeader)) else {
      throw ParityError(
        "not a golden, or cut short: its header does not fit the file", place: place,
        found: "\(data.count) bytes, header of \(length)", next: ParityError.anew)
    }
    let start = 8 + Int(length)
    let raw = data[8..<start]
    func damaged(_ found: String) -> ParityError {
      ParityError(
        "not a golden, or damaged in its header or length", place: place, found: String(found.prefix(200)),
        next: ParityError.anew)
    }
    let header: JSON
    do { header = try JSONReader.read(raw) } catch { throw damaged("the header: \(error)") }
    guard let members = header.members else { throw damaged("the header is no object") }
    var entries: [Entry] = []
    for (name, about) in members where name != "__metadata__" {
      guard let entry = Entry(name, about, Self.types) else { throw damaged("the tensor \(PythonText.quoted(name))") }
      entries.append(entry)
    }
    var end = 0
    var tensors: [String: Tensor] = [:]
    for entry in entries.sorted(by: { ($0.first, $0.last) < ($1.first, $1.last) }) {
      guard entry.first == end, entry.last <= data.count - start,
        Tensor.size(entry.element, entry.shape) == entry.last - entry.first,
        let tensor = Tensor(
          entry.element, shape: entry.shape, bytes: Array(data[start + entry.first..<start + entry.last]))
      else { throw damaged("the tensor \(PythonText.quoted(entry.name)) does not fit its place in the file") }
      tensors[entry.name] = tensor
      end = entry.last
    }
    guard end == data.count - start else { throw damaged("\(data.count - start - end) bytes belong to no tensor") }
    if let metadata = header["__metadata__"] {
      guard let members = metadata.members, members.allSatisfy({ $0.value.string != nil }) else {
        throw damaged("metadata that is no text")
      }
    }
    var kept = raw
    while kept.last == UInt8(ascii: " ") { kept.removeLast() }
    guard kept.elementsEqual(header.text(ascii: false).utf8) else {
      throw ParityError(
        "the header is not as the safetensors library writes it", place: place, next: ParityError.anew)
    }
    self.tensors = tensors
    metadata = header["__metadata__"]?.members
  }

  /// What the header says of one tensor.
  private struct Entry {
    let name: String
    let element: Tensor.Element
    let shape: [Int]
    let first: Int
    let last: Int

    init?(_ name: String, _ about: JSON, _ types: [String: Tensor.Element]) {
      let sizes = about["shape"]?.array?.map { $0.int ?? -1 }
      let places = about["data_offsets"]?.array?.map { $0.int ?? -1 }
      guard Set(about.keys) == ["dtype", "shape", "data_offsets"], let element = types[about["dtype"]?.string ?? ""],
        let sizes, sizes.allSatisfy({ $0 >= 0 }), let places, places.count == 2, places[0] >= 0,
        places[1] >= places[0]
      else { return nil }
      self.name = name
      self.element = element
      shape = sizes
      first = places[0]
      last = places[1]
    }
  }
}
