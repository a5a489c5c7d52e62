import CModelParity
import CoreML
import Foundation
import ModelParityArrays
import Testing

/// What C registers holds for the whole process: these tests follow one another, and no other test uses it.
@Suite(.serialized) struct ProcessWideTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// An evaluator in C: y = 2 x, state and function told by the names of what it answers.
  private func evaluator() -> mp_evaluator {
    mp_evaluator(
      context: nil,
      describe: { _, path, function, reply in
        guard let path, let text = try? TestEvaluator.document(String(cString: path)) else {
          _ = mp_reply_fail(reply, "is not readable")
          return
        }
        _ = text == "silent" ? 0 : mp_reply_text(reply, text)
      },
      predict: { _, _, _, _, inputs, count, reply in
        guard count == 1, let input = inputs?[0], let data = input.data else { return }
        let rank = Int(input.rank)
        let shape = withUnsafeBytes(of: input.shape) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
        let count = shape.reduce(1, *)
        let values = Elements.read(data, count: count, .float32)
        if values.first == 13 {
          _ = mp_reply_fail(reply, "thirteen is refused")
          return
        }
        let output = Given("y", values.map { 2 * $0 }, shape)
        _ = mp_reply_tensor(reply, [output.tensor])
        if values.first == 14 { _ = mp_reply_tensor(reply, [output.tensor]) }
      },
      forget: nil)
  }

  private func opened(_ text: String = Model.doubling) throws -> (Answer, OpaquePointer?) {
    Calls.open(try scratch.file("\(UUID().uuidString).mlmodel", text), in: scratch)
  }

  private func run(_ model: OpaquePointer?, first: Double = 1) -> (Answer, [Double]) {
    let (answer, outputs) = Calls.run(model, [Given("x", [first, 2, 3, 4, 5, 6], [2, 3])])
    return (answer, outputs.first?.values ?? [])
  }

  @Test func anEvaluatorInC() throws {
    #expect(try opened().0.says(-4, "no evaluator is registered"))
    #expect(Answer(mp_standin_register([evaluator()])).isWell)
    defer { _ = mp_standin_register(nil) }
    let (answer, model) = try opened()
    #expect(answer.isWell, "\(answer)")
    defer { mp_model_close(model) }
    #expect(run(model).1 == [2, 4, 6, 8, 10, 12])
    #expect(run(model, first: 13).0.says(-4, "thirteen is refused"))
    #expect(try opened("silent").0.says(-4, "said nothing"))
    // Given twice: the second is refused, the first stands.
    #expect(run(model, first: 14).1.first == 28)
    #expect(Answer(mp_standin_register(nil)).isWell)
    #expect(run(model).0.says(-4, "no evaluator is registered"))
  }

  @Test func behavioursInC() throws {
    #expect(Answer(mp_standin_register([evaluator()])).isWell)
    defer { _ = mp_standin_register(nil) }
    let model = try opened().1
    defer { mp_model_close(model) }
    for words in ["strided", "float16", "strided,float16", "plain"] {
      #expect(Answer(mp_standin_behave(words)).isWell)
      #expect(run(model).1 == [2, 4, 6, 8, 10, 12], "\(words)")
    }
    #expect(mp_standin_behave("fail") == 0)
    #expect(run(model).0.says(-4, "asked to fail"))
    #expect(Answer(mp_standin_behave("loud")).says(-1, "'loud'", "'strided'"))
    #expect(Answer(mp_standin_behave(nil)).says(-1, "null pointer"))
    #expect(mp_standin_behave("plain") == 0)
  }

  @Test func aHangEndsWhenItIsTold() async throws {
    #expect(mp_standin_register([evaluator()]) == 0 && mp_standin_behave("hang") == 0)
    defer { _ = mp_standin_register(nil) }
    let model = try opened().1
    defer { mp_model_close(model) }
    let done = Done()
    let address = UInt(bitPattern: model)
    Thread.detachNewThread {
      let answer = Calls.run(OpaquePointer(bitPattern: address), [Given("x", [1, 2, 3, 4, 5, 6], [2, 3])]).0
      done.set(answer)
    }
    try await Task.sleep(nanoseconds: 100_000_000)
    #expect(done.answer == nil)
    #expect(mp_standin_behave("plain") == 0)
    for _ in 0..<1000 where done.answer == nil { try await Task.sleep(nanoseconds: 5_000_000) }
    #expect(done.answer?.isWell == true)
  }

  @Test func whatIsNoEvaluatorAndNoReply() {
    var half = evaluator()
    half.predict = nil
    #expect(Answer(mp_standin_register([half])).says(-1, "predict is a null pointer"))
    let given = Given("y", [1], [1])
    #expect(Answer(mp_reply_tensor(nil, [given.tensor])).says(-1, "the reply is a null pointer"))
    #expect(Answer(mp_reply_text(OpaquePointer(bitPattern: 64), "{}")).says(-1, "no reply"))
    #expect(Answer(mp_reply_fail(nil, "why")).says(-1, "null pointer"))
  }
}

/// An answer that comes from another thread.
private final class Done: @unchecked Sendable {
  private let lock = NSLock()
  private var locked: Answer?
  var answer: Answer? { lock.withLock { locked } }
  func set(_ answer: Answer) { lock.withLock { locked = answer } }
}
