/// Reads JSON that somebody else wrote, so it trusts nothing: depth is bounded, keys are unique, text is UTF-8.
struct JSONReader {
  /// What is wrong, and at which byte.
  struct Fault: Error, CustomStringConvertible {
    let what: String
    let place: Int
    var description: String { "\(what) at byte \(place)" }
  }

  /// Arrays and objects inside one another: far more than a golden has.
  static let mostDepth = 32

  private let bytes: ArraySlice<UInt8>
  private var at: Int
  private var depth = 0

  static func read(_ bytes: ArraySlice<UInt8>) throws(Fault) -> JSON {
    var reader = JSONReader(bytes: bytes, at: bytes.startIndex)
    let value = try reader.value()
    reader.skip()
    guard reader.at == bytes.endIndex else { throw reader.fault("more than one value") }
    return value
  }

  static func read(_ text: String) throws(Fault) -> JSON { try read(Array(text.utf8)[...]) }

  private func fault(_ what: String) -> Fault { Fault(what: what, place: at - bytes.startIndex) }
  private var next: UInt8? { at < bytes.endIndex ? bytes[at] : nil }

  private mutating func skip() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
  }

  private mutating func took(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(character.value) else { return false }
    at += 1
    return true
  }

  private mutating func value() throws(Fault) -> JSON {
    skip()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ text: String, _ value: JSON) throws(Fault) -> JSON {
    guard bytes[at...].starts(with: text.utf8) else { throw fault("no value") }
    at += text.utf8.count
    return value
  }

  private mutating func enter() throws(Fault) {
    depth += 1
    guard depth <= Self.mostDepth else { throw fault("nested too deeply") }
  }

  private mutating func object() throws(Fault) -> JSON {
    try enter()
    at += 1
    var members: [(key: String, value: JSON)] = []
    var seen: Set<String> = []
    skip()
    if took("}") {
      depth -= 1
      return .object(members)
    }
    repeat {
      skip()
      guard next == UInt8(ascii: "\"") else { throw fault("no key") }
      let key = try string()
      guard seen.insert(key).inserted else { throw fault("a key that is there already") }
      skip()
      guard took(":") else { throw fault("no colon") }
      members.append((key, try value()))
      skip()
    } while took(",")
    guard took("}") else { throw fault("an object that does not end") }
    depth -= 1
    return .object(members)
  }

  private mutating func array() throws(Fault) -> JSON {
    try enter()
    at += 1
    var items: [JSON] = []
    skip()
    if took("]") {
      depth -= 1
      return .array(items)
    }
    repeat {
      items.append(try value())
      skip()
    } while took(",")
    guard took("]") else { throw fault("an array that does not end") }
    depth -= 1
    return .array(items)
  }

  private mutating func number() throws(Fault) -> String {
    let start = at
    _ = took("-")
    let whole = try digits()
    guard whole == 1 || bytes[at - whole] != UInt8(ascii: "0") else { throw fault("a number that begins with 0") }
    if took(".") { _ = try digits() }
    if took("e") || took("E") {
      if !took("+") { _ = took("-") }
      _ = try digits()
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func digits() throws(Fault) -> Int {
    let start = at
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { at += 1 }
    guard at > start else { throw fault("no value") }
    return at - start
  }

  private mutating func string() throws(Fault) -> String {
    at += 1
    var text: [UInt8] = []
    while true {
      let start = at
      while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
      text += bytes[start..<at]
      guard let byte = next, byte >= 0x20 else { throw fault("text that does not end") }
      at += 1
      if byte == UInt8(ascii: "\"") { break }
      text += try escaped().utf8
    }
    // What is not UTF-8 is repaired on the way in, and so does not come out as it was.
    let read = String(decoding: text, as: UTF8.self)
    guard read.utf8.elementsEqual(text) else { throw fault("text that is not UTF-8") }
    return read
  }

  private mutating func escaped() throws(Fault) -> String {
    guard let byte = next else { throw fault("text that does not end") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw fault("an unknown escape")
    }
    let high = try unit()
    if let scalar = Unicode.Scalar(high) { return String(scalar) }
    guard high < 0xdc00, took("\\"), took("u") else { throw fault("half a surrogate") }
    let low = try unit()
    guard low >= 0xdc00, low < 0xe000, let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
    else { throw fault("half a surrogate") }
    return String(scalar)
  }

  private mutating func unit() throws(Fault) -> UInt32 {
    guard bytes.endIndex - at >= 4 else { throw fault("text that does not end") }
    var value: UInt32 = 0
    for byte in bytes[at..<at + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw fault("an unknown escape")
      }
      value = value << 4 | UInt32(digit)
    }
    at += 4
    return value
  }
}
