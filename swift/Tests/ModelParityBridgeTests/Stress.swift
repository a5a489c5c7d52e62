import CModelParity
import CoreML
import Foundation
import ModelParityArrays

/// Numbers that are the same each time: SplitMix64, Steele, Lea and Flood, 2014.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

/// Many calls of every kind, right and wrong, each compared with what it must answer.
final class Stress {
  struct Report {
    var calls = 0
    var refused = 0
    /// What was answered otherwise than it must be.
    var wrong: [String] = []
    var seconds = 0.0
    /// Of resident memory, in bytes, after the first tenth.
    var growth = 0
  }

  private var random: Seeded
  private var report = Report()
  private let scratch: Scratch
  /// Models for every rank, type and way of giving outputs.
  private var models: [(handle: OpaquePointer?, path: String, rank: Int, type: ElementType)] = []
  private var counting: OpaquePointer?

  init(seed: UInt64) throws {
    random = Seeded(seed)
    scratch = try Scratch()
    setenv("MODELPARITY_CACHE", scratch.cache, 1)
    let behaviours: [StandInBehaviour] = [.plain, .strided, .float16, [.strided, .float16]]
    for rank in 1...8 {
      for type in ElementType.allCases {
        let path = try scratch.package("m\(rank)\(type.name).mlpackage", Model.anyShape(rank: rank, type.name))
        let behaviour = behaviours.randomElement(using: &random) ?? .plain
        let model = StandIn.with(TestEvaluator(), behaviour: behaviour) { Calls.open(path, in: scratch).1 }
        models.append((model, path, rank, type))
      }
    }
    let path = try scratch.package("counting.mlpackage", Model.counting)
    counting = StandIn.with(TestEvaluator()) { Calls.open(path, in: scratch).1 }
  }

  deinit {
    for model in models { mp_model_close(model.handle) }
    mp_model_close(counting)
  }

  func run(_ calls: Int) -> Report {
    let start = Date()
    var settled = 0
    while report.calls < calls {
      report.calls += 1
      switch Int.random(in: 0..<20, using: &random) {
      case 0: reopen()
      case 1: describe()
      case 2: keepState()
      case 3, 4: predict()
      case 5..<12: runWell()
      default: runIll()
      }
      if report.calls == calls / 10 { settled = Self.resident() }
    }
    report.growth = Self.resident() - settled
    report.seconds = Date().timeIntervalSince(start)
    return report
  }

  /// Resident memory in bytes.
  static func resident() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private func check(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds, report.wrong.count < 20 { report.wrong.append("call \(report.calls): \(what())") }
  }

  private func given(_ rank: Int, _ type: ElementType) -> (Given, [Double], [Int]) {
    let shape = (0..<rank).map { _ in Int.random(in: 1...(rank > 5 ? 3 : 5), using: &random) }
    let values = (0..<shape.reduce(1, *)).map { _ in Double(Int.random(in: -500...500, using: &random)) }
    guard Bool.random(using: &random) else { return (Given("x", values, shape, type), values, shape) }
    // With room between the elements, and axes in any order in memory.
    var strides = [Int](repeating: 1, count: rank)
    var step = Int.random(in: 1...2, using: &random)
    for axis in shape.indices.shuffled(using: &random) {
      strides[axis] = step
      step = step * shape[axis] + Int.random(in: 0...1, using: &random)
    }
    let last = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
    var memory = [Double](repeating: -1, count: last + 1)
    let offsets = zip(shape, strides).reduce([0]) { bases, axis in
      bases.flatMap { base in (0..<axis.0).map { base + $0 * axis.1 } }
    }
    for (offset, value) in zip(offsets, values) { memory[offset] = value }
    return (Given("x", memory, shape, strides: strides, type), values, shape)
  }

  private func runWell() {
    guard let model = models.randomElement(using: &random) else { return }
    let (input, values, shape) = given(model.rank, model.type)
    let (answer, outputs) = Calls.run(model.handle, [input], names: Bool.random(using: &random) ? ["y"] : nil)
    check(answer.isWell, "\(answer)")
    check(outputs.first?.shape == shape, "shape \(outputs.first?.shape ?? []) for \(shape)")
    check(outputs.first?.values == values.map { 2 * $0 }, "values of \(shape) \(model.type)")
  }

  private func runIll() {
    guard let model = models.randomElement(using: &random) else { return }
    let input = given(model.rank, model.type).0
    var names: [String]?
    var handle = model.handle
    var inputs = [input]
    let axis = Int.random(in: 0..<model.rank, using: &random)
    var sizes = (0..<model.rank).map { _ in 1 }
    switch Int.random(in: 0..<14, using: &random) {
    case 0: input.tensor.dtype = (model.type.rawValue + Int32.random(in: 1...9, using: &random)) % 10
    case 1: input.tensor.rank = Int32.random(in: 9...Int32.max, using: &random)
    case 2: input.tensor.rank = -Int32.random(in: 1...Int32.max, using: &random)
    case 3: input.tensor.bytes = Int64.random(in: Int64.min..<1, using: &random)
    case 4: input.tensor.data = nil
    case 5: input.tensor.name = nil
    case 6:
      sizes[axis] = -Int.random(in: 0...Int.max, using: &random)
      input.set(\.shape, sizes)
    case 7:
      sizes[axis] = Int.random(in: 1 << 40...Int.max, using: &random)
      input.set(\.shape, sizes)
    case 8:
      sizes[axis] = 2
      input.set(\.shape, sizes)
      input.set(\.strides, sizes.map { _ in -Int.random(in: 0...9, using: &random) })
    case 9: names = ["z"]
    case 10: inputs = []
    case 11: inputs = [input, Given("surplus", [1], [1])]
    case 12: handle = OpaquePointer(bitPattern: UInt.random(in: 1...99, using: &random))
    default: inputs = [input, input]
    }
    let (answer, outputs) = Calls.run(handle, inputs, names: names)
    check(answer.status == -1 && !answer.text.isEmpty && outputs.isEmpty, "a wrong call answered \(answer)")
    report.refused += 1
  }

  private func predict() {
    guard let model = models.randomElement(using: &random) else { return }
    let (_, values, shape) = given(model.rank, model.type)
    let (answer, found, sizes) = StandIn.with(TestEvaluator()) {
      Calls.predict(model.path, values.map { Float($0) }, shape.map { Int32($0) })
    }
    if model.type == .int32 {
      check(answer.status == -1, "\(answer)")
      report.refused += 1
    } else {
      check(answer.isWell && found == values.map { Float(2 * $0) } && sizes == shape, "\(answer)")
    }
  }

  private func reopen() {
    guard let index = models.indices.randomElement(using: &random) else { return }
    mp_model_close(models[index].handle)
    let behaviour: StandInBehaviour = Bool.random(using: &random) ? .strided : .plain
    let path = models[index].path
    let (answer, model) = StandIn.with(TestEvaluator(), behaviour: behaviour) { Calls.open(path, in: scratch) }
    check(answer.isWell, "\(answer)")
    mp_model_close(models[index].handle)
    models[index].handle = model
    let (refusal, none) = StandIn.with(TestEvaluator()) { Calls.open(path + "x", in: scratch) }
    check(refusal.status == -1 && none == nil, "\(refusal)")
  }

  private func describe() {
    guard let model = models.randomElement(using: &random) else { return }
    StandIn.with(TestEvaluator()) {
      let (answer, json) = Calls.describe(model.handle)
      check(answer.isWell && json.contains(model.type.name), "\(answer)")
      check(Calls.plan(model.handle).0.isWell, "no plan")
    }
  }

  private func keepState() {
    var state: OpaquePointer?
    check(mp_state_make(counting, &state) == 0, "no state")
    for before in 0..<Int.random(in: 1...3, using: &random) {
      let outputs = Calls.run(counting, [Given("x", [5], [1])], state: state).1
      check(outputs.first?.values == [10 + Double(before)], "a state was not carried")
    }
    check(mp_state_reset(state) == 0, "no reset")
    mp_state_free(state)
    check(mp_state_reset(state) == -1, "a state that is gone was reset")
  }
}
