/// What a golden says beyond outputs and floors, for a judge that has no network at hand.
struct GoldenTerms {
  struct Fault: Error { let what: String }

  let order: [String]
  let declared: [String: String]
  let states: [String: String]
  let halves: [Golden.Half]

  /// From the strictest hypothesis to the widest.
  private static let precisions = ["float16", "bfloat16"]

  init(_ about: JSON, _ tensors: [String: Tensor], _ outputs: [String: Tensor]) throws(Fault) {
    guard Set(about.keys) == ["outputs", "states", "halves"] else { throw Fault(what: "unexpected or missing keys") }
    var order: [String] = []
    var declared: [String: String] = [:]
    for item in about["outputs"]?.array ?? [.null] {
      guard let pair = item.array, pair.count == 2, let name = pair[0].string,
        pair[1] == .null || GoldenEntry.precisions.contains(pair[1].string ?? "")
      else { throw Fault(what: "outputs are not names with their types") }
      order.append(name)
      declared[name] = pair[1].string
    }
    guard order.sorted() == outputs.keys.sorted() else { throw Fault(what: "outputs are not those of the golden") }
    var states: [String: String] = [:]
    for (name, next) in about["states"]?.members ?? [("", .null)] {
      guard let next = next.string, outputs[next] != nil else {
        throw Fault(what: "states are not inputs with their outputs")
      }
      states[name] = next
    }
    let named = about["halves"]?.array?.map { $0.string ?? "" } ?? [""]
    guard named.allSatisfy(Self.precisions.contains), named == Set(named).sorted() else {
      throw Fault(what: "halves are not precisions")
    }
    var claimed = 0
    var halves: [Golden.Half] = []
    for precision in Self.precisions where named.contains(precision) {
      var weights: [String: Tensor] = [:]
      var floors: [String: Tensor] = [:]
      for (name, output) in outputs {
        let rounded = tensors["half/\(precision)/weights/\(name)"]
        let floor = tensors["half/\(precision)/floor/\(name)"]
        guard let rounded, let floor, rounded.shape == output.shape, rounded.element == output.element,
          floor.shape == output.shape, floor.element == .float64
        else { throw Fault(what: "what \(precision) does to \(PythonText.quoted(name)) does not fit the output") }
        weights[name] = rounded
        floors[name] = floor
        claimed += 2
      }
      halves.append(Golden.Half(precision: precision, weights: weights, floors: floors))
    }
    guard claimed == tensors.keys.count(where: { $0.hasPrefix("half/") }) else {
      throw Fault(what: "tensors of half precision that nothing speaks of")
    }
    self.order = order
    self.declared = declared
    self.states = states
    self.halves = halves
  }
}
