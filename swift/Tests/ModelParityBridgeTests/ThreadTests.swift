import CModelParity
import CoreML
import Foundation
import Testing

@Suite struct ThreadTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Does the same on threads of their own, and waits for them.
  private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      Thread.detachNewThread {
        body(index)
        group.leave()
      }
    }
    group.wait()
  }

  private func opened(_ text: String, _ name: String) throws -> UInt {
    let path = try scratch.package(name, text)
    let (answer, model) = StandIn.with(TestEvaluator()) { Calls.open(path, in: scratch) }
    #expect(answer.isWell, "\(answer)")
    return UInt(bitPattern: model)
  }

  private func use(_ address: UInt, _ thread: Int, _ log: Log) {
    let model = OpaquePointer(bitPattern: address)
    for index in 0..<200 {
      let value = Double(thread * 1000 + index)
      let (answer, outputs) = Calls.run(model, [Given("x", [value], [1])])
      if !answer.isWell || outputs.first?.values != [2 * value] { log.add("\(answer)") }
      let refused = Calls.run(model, [Given("of \(thread)", [value], [1])]).0
      if !refused.says(-1, "'of \(thread)'") { log.add("another thread's text: \(refused)") }
    }
  }

  @Test func twoThreadsOnOneModel() throws {
    let model = try opened(Model.of([1]), "m.mlpackage")
    let log = Log()
    onThreads(2) { self.use(model, $0, log) }
    #expect(log.lines.isEmpty)
    mp_model_close(OpaquePointer(bitPattern: model))
  }

  @Test func twoThreadsOnTwoModels() throws {
    let models = [try opened(Model.of([1]), "a.mlpackage"), try opened(Model.of([1]), "b.mlpackage")]
    let log = Log()
    onThreads(2) { self.use(models[$0], $0, log) }
    #expect(log.lines.isEmpty)
    for model in models { mp_model_close(OpaquePointer(bitPattern: model)) }
  }

  @Test func aModelIsClosedWhileItRuns() throws {
    for round in 0..<20 {
      let model = try opened(Model.of([1]), "\(round).mlpackage")
      let log = Log()
      onThreads(2) { thread in
        let model = OpaquePointer(bitPattern: model)
        if thread == 0 { return mp_model_close(model) }
        let answer = Calls.run(model, [Given("x", [1], [1])]).0
        if !answer.isWell, !answer.says(-1, "gone") { log.add("\(answer)") }
      }
      #expect(log.lines.isEmpty)
    }
  }

  @Test func statesOfOneModelOnTwoThreads() throws {
    let model = try opened(Model.counting, "m.mlpackage")
    let log = Log()
    onThreads(2) { _ in
      let model = OpaquePointer(bitPattern: model)
      var state: OpaquePointer?
      if mp_state_make(model, &state) != 0 { log.add("no state") }
      for index in 0..<100 {
        let values = Calls.run(model, [Given("x", [1], [1])], state: state).1.first?.values
        if values != [2 + Double(index)] { log.add("\(values ?? [])") }
      }
      mp_state_free(state)
    }
    #expect(log.lines.isEmpty)
    mp_model_close(OpaquePointer(bitPattern: model))
  }

  @Test func oneStateOnTwoThreads() throws {
    let model = try opened(Model.counting, "m.mlpackage")
    var state: OpaquePointer?
    #expect(mp_state_make(OpaquePointer(bitPattern: model), &state) == 0)
    let address = UInt(bitPattern: state)
    let log = Log()
    onThreads(2) { thread in
      for _ in 0..<50 {
        let state = OpaquePointer(bitPattern: address)
        let answer = Calls.run(OpaquePointer(bitPattern: model), [Given("x", [1], [1])], state: state).0
        if !answer.isWell { log.add("\(answer)") }
        if thread == 1, mp_state_reset(state) != 0 { log.add("no reset") }
      }
    }
    #expect(log.lines.isEmpty)
    mp_state_free(state)
    mp_model_close(OpaquePointer(bitPattern: model))
  }

  @Test func pathsOnTwoThreads() throws {
    PredictingTests.cache
    let paths = try (0..<12).map { try scratch.package("\($0).mlpackage", Model.of([1])) }
    let log = Log()
    onThreads(2) { _ in
      for round in 0..<60 {
        let found = StandIn.with(TestEvaluator()) { Calls.predict(paths[round % 12], [3], [1]) }
        if found.1 != [6] { log.add("\(found.0)") }
      }
    }
    #expect(log.lines.isEmpty)
  }
}

/// What threads found.
private final class Log: @unchecked Sendable {
  private let lock = NSLock()
  private var found: [String] = []
  var lines: [String] { lock.withLock { found } }
  func add(_ line: String) { lock.withLock { found.append(line) } }
}
