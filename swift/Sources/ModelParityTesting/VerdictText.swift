/// A verdict as the text that a person reads: what, how far beyond rounding, where, and what to do next. Laid out as
/// modelparity's `verdict.message` does.
struct VerdictText {
  private let verdict: Verdict

  init(_ verdict: Verdict) { self.verdict = verdict }

  /// One line if it is well, else several.
  var text: String {
    guard !verdict.ok else {
      return "\(verdict.band): \(subject) is off by \(margin)\(condition)"
    }
    var lines = ["\(verdict.band), expected \(verdict.expected): \(subject)"]
    lines += worstFirst.flatMap(facts).map(line)
    lines.append(line(("inputs", inputs)))
    if let names = verdict.settings["names"] { lines.append(line(("names", names))) }
    for (index, step) in next.enumerated() { lines.append(line((index == 0 ? "next" : "", step))) }
    return lines.joined(separator: "\n")
  }

  /// A distance in floors, as a person reads it, in as many digits as mean something.
  static func multiple(_ floors: Double) -> String {
    if !floors.isFinite { return "infinitely more than rounding can explain" }
    let number =
      floors >= 1e6
      ? PythonText.scientific(floors, digits: 1)
      : floors >= 100 ? PythonText.thousands(floors) : PythonText.general(floors, digits: 2)
    return number + " times what rounding can explain"
  }

  private typealias Fact = (label: String, text: String)

  private func line(_ fact: Fact) -> String {
    "  " + fact.label + String(repeating: " ", count: max(0, 11 - fact.label.count)) + fact.text
  }

  private var subject: String {
    let other = verdict.candidate == verdict.reference ? "its reference" : verdict.reference
    return "\(verdict.candidate) run by \(verdict.runtime), against \(other)"
  }

  private var margin: String {
    let text = Self.multiple(verdict.floors)
    return verdict.explainedBy.map { "\(text), explained by \($0)" } ?? text
  }

  private var condition: String { verdict.conditioning == "ill" ? " (ill-conditioned)" : "" }

  /// Disagreements of shape, type and non-finite values come first, since no number after them means much.
  private var worstFirst: [Verdict.Output] {
    func before(_ a: Verdict.Output, _ b: Verdict.Output) -> Bool {
      a.problems.isEmpty == b.problems.isEmpty ? a.floors > b.floors : b.problems.isEmpty
    }
    // Equals keep their order.
    var sorted: [Verdict.Output] = []
    for output in verdict.outputs {
      let place = sorted.firstIndex { before(output, $0) } ?? sorted.endIndex
      sorted.insert(output, at: place)
    }
    return sorted
  }

  private func facts(_ output: Verdict.Output) -> [Fact] {
    let named = "output \(PythonText.quoted(output.name))"
    var facts: [Fact] = output.problems.map { ("problem", "\(named): \($0.text)") }
    guard let got = output.got, let want = output.want else { return facts }
    if output.band <= .rounding && output.problems.isEmpty && verdict.outputs.count > 1 {
      return facts + [("also", "\(named) is \(output.band), \(Self.multiple(output.floors))")]
    }
    if output.difference == 0 { return facts + [("what", "\(named): finite values agree")] }
    let largest = output.floor == 0 ? Double.infinity : output.difference / output.floor
    facts.append(("what", "\(named) is off by \(Self.multiple(largest))"))
    let index = output.index.isEmpty ? "" : PythonText.list(output.index)
    let share =
      output.shareAbove == 0 ? "" : "; \(PythonText.percent(output.shareAbove)) of the elements are beyond rounding"
    facts.append(("where", "\(output.name)\(index) of shape \(PythonText.list(output.shape))\(share)"))
    facts.append(("got", PythonText.general(got, digits: 9)))
    facts.append(("want", PythonText.general(want, digits: 9)))
    facts.append(("difference", PythonText.general(output.difference, digits: 3)))
    let runs = "\(verdict.floorRuns) perturbed runs\(condition)"
    facts.append(("floor", "\(PythonText.general(output.floor, digits: 3)), from \(runs)"))
    if let explained = verdict.explainedBy, output.band == .reduced { facts.append(("explained", "by \(explained)")) }
    return facts
  }

  private var inputs: String {
    let known = ["recipe", "seed", "length", "golden"].compactMap { key -> String? in
      switch verdict.inputs[key] {
      case .string(let text): "\(key) \(text)"
      case .number(let text): "\(key) \(text)"
      case .bool(let value): "\(key) \(value ? "True" : "False")"
      default: nil
      }
    }
    return known.joined(separator: ", ")
  }

  private var next: [String] {
    let problems = Set(verdict.outputs.flatMap(\.problems).map(\.kind))
    var steps: [String] = []
    if problems.contains(.shape) {
      steps.append(
        "compare the shapes above: a missing squeeze or batch axis, padding, or a stride taken for a flatten")
    }
    if problems.contains(.type) {
      steps.append("the element type differs: convert with the type that the reference declares")
    }
    if !problems.isDisjoint(with: [.nan, .infinity]) {
      steps.append("look for the first node with such values: an empty mask, a division by zero, a logarithm of zero")
    }
    if !problems.isEmpty { return steps }
    if verdict.band == .reduced {
      return ["if half precision is meant, expect 'reduced'; else convert in float32"]
    }
    if verdict.band == .rounding {
      return ["bit for bit equality was expected; expect 'rounding' unless the two must run the same instructions"]
    }
    if verdict.conditioning == "ill" {
      steps.append("this network amplifies rounding on this input: try other recipes before you look for a fault")
    }
    var worst = verdict.outputs[0]
    for output in verdict.outputs.dropFirst() where output.floors > worst.floors { worst = output }
    if worst.shareAbove > 0.25 {
      steps.append("most of the output is off: look for a weight, a gate, an axis order or an activation")
    } else if worst.shareAbove > 0 {
      steps.append("only a part of the output is off: look at edges, padding, masks, and the direction of time")
    }
    return steps
  }
}
