/// JSON as goldens and manifests hold it: objects keep their order, numbers their text, so that what was read can be
/// written again to the byte. Foundation's reader keeps neither.
package indirect enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// As it was written.
  case number(String)
  case string(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  package static func == (a: JSON, b: JSON) -> Bool { a.text(ascii: true) == b.text(ascii: true) }

  package subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  package var keys: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.key)
  }

  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// A whole number that fits.
  package var int: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text)
  }

  package var array: [JSON]? {
    guard case .array(let items) = self else { return nil }
    return items
  }

  /// Members in their order; nil if it is no object.
  package var members: [(key: String, value: JSON)]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// The same value with the members of every object in the order of their keys' code points.
  package var sorted: JSON {
    switch self {
    case .array(let items): .array(items.map(\.sorted))
    case .object(let members):
      .object(
        members.map { ($0.key, $0.value.sorted) }.sorted {
          $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars)
        })
    default: self
    }
  }

  /// Compact JSON as Python's json module writes it; in ASCII if asked for.
  package func text(ascii: Bool) -> String {
    var out = ""
    write(to: &out, ascii: ascii)
    return out
  }

  private func write(to out: inout String, ascii: Bool) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .number(let text): out += text
    case .string(let text): Self.quote(text, to: &out, ascii: ascii)
    case .array(let items):
      out += "["
      for (index, item) in items.enumerated() {
        if index > 0 { out += "," }
        item.write(to: &out, ascii: ascii)
      }
      out += "]"
    case .object(let members):
      out += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { out += "," }
        Self.quote(member.key, to: &out, ascii: ascii)
        out += ":"
        member.value.write(to: &out, ascii: ascii)
      }
      out += "}"
    }
  }

  private static func quote(_ text: String, to out: inout String, ascii: Bool) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{8}": out += "\\b"
      case "\u{c}": out += "\\f"
      case _ where scalar.value < 0x20 || (ascii && scalar.value > 0x7e):
        for unit in String(scalar).utf16 { out += "\\u" + hexadecimal(UInt32(unit), digits: 4) }
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

/// Lower case, with zeros in front.
func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

extension JSON {
  /// - Throws: what is wrong, and at which byte.
  package static func parsed(_ text: String) throws -> JSON { try JSONReader.read(text) }
}
