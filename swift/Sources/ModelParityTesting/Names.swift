/// Which of a model's names stands for which of a golden's: exporters rename inputs and outputs at will.
struct Names {
  private let kind: String
  private let place: String

  init(_ kind: String, of place: String) {
    self.kind = kind
    self.place = place
  }

  /// The golden's names with the model's. Names that are given come first, then names that both have; one that is
  /// left over on either side goes to the other's, for there is no choice.
  func matched(_ wanted: [String], _ found: [String], _ given: [String: String]) throws -> [String: String] {
    var pairs: [String: String] = [:]
    for name in wanted {
      guard let other = given[name] ?? (found.contains(name) ? name : nil) else { continue }
      guard found.contains(other) else {
        throw ParityError(
          "the model has no \(kind) \(PythonText.quoted(other))", place: place, found: "\(name) is \(other)",
          expected: found.joined(separator: ", "))
      }
      pairs[name] = other
    }
    guard Set(pairs.values).count == pairs.count else {
      throw ParityError("one \(kind) of the model is taken twice", place: place, found: "\(pairs)")
    }
    let left = wanted.filter { pairs[$0] == nil }
    let over = found.filter { !pairs.values.contains($0) }
    // Outputs beyond the golden's are left alone only where every one that is meant was named.
    if kind == "output" && !wanted.isEmpty && wanted.allSatisfy({ given[$0] != nil }) { return pairs }
    guard left.count <= 1, left.count == over.count else {
      throw ParityError(
        "the model's \(kind)s have other names", place: place,
        found: found.isEmpty ? "none" : found.joined(separator: ", "), expected: wanted.joined(separator: ", "),
        next:
          "say which is which: names: [\((left.isEmpty ? wanted : left).map { "\"\($0)\": \"...\"" }.joined(separator: ", "))]"
      )
    }
    if let name = left.first { pairs[name] = over[0] }
    return pairs
  }
}
