import Foundation

/// Values as Python writes them, so that a verdict reads the same wherever it was reached.
package enum PythonText {
  /// `repr` of a text: in quotes, with escapes for what does not print.
  package static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var out = String(quote)
    for scalar in scalars {
      switch scalar {
      case quote, "\\": out += "\\" + String(scalar)
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where printable(scalar): out.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x100: out += "\\x" + hexadecimal(scalar.value, digits: 2)
      case _ where scalar.value < 0x10000: out += "\\u" + hexadecimal(scalar.value, digits: 4)
      default: out += "\\U" + hexadecimal(scalar.value, digits: 8)
      }
    }
    return out + String(quote)
  }

  /// `repr` of a float: the shortest digits that lead back to it.
  package static func repr(_ value: Double) -> String {
    if let odd = notFinite(value) { return odd }
    // Swift finds the same digits; only where it begins to use exponents differs.
    let (digits, exponent) = shortest(value.magnitude)
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    guard exponent > -5, exponent < 16 else {
      let rest = digits.count > 1 ? "." + digits.dropFirst() : ""
      let size = String(abs(exponent))
      return "\(sign)\(digits.prefix(1))\(rest)e\(exponent < 0 ? "-" : "+")\(size.count < 2 ? "0" : "")\(size)"
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = digits.count > exponent ? digits : digits + String(repeating: "0", count: exponent + 1 - digits.count)
    let fraction = whole.dropFirst(exponent + 1)
    return sign + whole.prefix(exponent + 1) + "." + (fraction.isEmpty ? "0" : fraction)
  }

  /// As the format `.<digits>g`.
  package static func general(_ value: Double, digits: Int) -> String {
    notFinite(value) ?? String(format: "%.\(digits)g", value)
  }

  /// As the format `.<digits>e`.
  package static func scientific(_ value: Double, digits: Int) -> String {
    notFinite(value) ?? String(format: "%.\(digits)e", value)
  }

  /// As the format `,.0f`.
  package static func thousands(_ value: Double) -> String {
    if let odd = notFinite(value) { return odd }
    let text = String(format: "%.0f", value)
    let digits = text.drop { $0 == "-" }
    var out = text.hasPrefix("-") ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out += "," }
      out.append(digit)
    }
    return out
  }

  /// As the format `.2%`.
  package static func percent(_ value: Double) -> String {
    (notFinite(value) ?? String(format: "%.2f", value * 100)) + "%"
  }

  /// A list of whole numbers.
  package static func list(_ numbers: [Int]) -> String { "[" + numbers.map(String.init).joined(separator: ", ") + "]" }

  /// A tuple of whole numbers.
  package static func tuple(_ numbers: [Int]) -> String {
    "(" + numbers.map(String.init).joined(separator: ", ") + (numbers.count == 1 ? ",)" : ")")
  }

  /// A list of texts.
  package static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }

  private static func notFinite(_ value: Double) -> String? {
    value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : nil
  }

  /// The decimal digits of a number above zero, without zeros at either end, and the power of ten of the first.
  private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = mantissa.joined()
    exponent += mantissa[0].count - 1
    let leading = digits.prefix { $0 == "0" }.count
    digits.removeFirst(leading)
    while digits.hasSuffix("0") { digits.removeLast() }
    return (digits, exponent - leading)
  }

  private static func printable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }
}
