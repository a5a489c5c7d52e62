import CModelParity
import CoreML
import Foundation
import Testing

@Suite struct StateTests {
  let scratch: Scratch
  let evaluator = TestEvaluator()

  init() throws { scratch = try Scratch() }

  private func made(_ model: OpaquePointer?) -> (Answer, OpaquePointer?) {
    var state: OpaquePointer?
    return (Answer(mp_state_make(model, &state)), state)
  }

  @Test func statesAreCarriedResetAndForgotten() throws {
    let path = try scratch.package("m.mlpackage", Model.counting)
    let (_, model) = StandIn.with(evaluator) { Calls.open(path, in: scratch) }
    defer { mp_model_close(model) }
    func run(_ state: OpaquePointer?) -> [Double]? {
      Calls.run(model, [Given("x", [5], [1])], state: state).1.first?.values
    }
    let (answer, one) = made(model)
    #expect(answer.isWell, "\(answer)")
    let other = made(model).1
    #expect(run(one) == [10] && run(one) == [11] && run(one) == [12])
    #expect(run(other) == [10] && run(one) == [13])
    #expect(evaluator.statesAlive == 2)
    #expect(Answer(mp_state_reset(one)).isWell)
    #expect(run(one) == [10] && run(other) == [11])
    #expect(evaluator.statesAlive == 2)
    mp_state_free(one)
    mp_state_free(one)
    mp_state_free(nil)
    #expect(evaluator.statesAlive == 1)
    #expect(Answer(mp_state_reset(one)).says(-1, "no state, or one that is gone"))
    mp_state_free(other)
    #expect(evaluator.statesAlive == 0)
  }

  @Test func statesThatDoNotFit() throws {
    let path = try scratch.package("m.mlpackage", Model.counting)
    let plain = try scratch.package("plain.mlpackage", Model.of([1]))
    let (model, other, without) = StandIn.with(evaluator) {
      (Calls.open(path, in: scratch).1, Calls.open(path, in: scratch).1, Calls.open(plain, in: scratch).1)
    }
    let given = [Given("x", [5], [1])]
    #expect(Calls.run(model, given).0.says(-1, "keeps 'seen'", "mp_state_make"))
    #expect(made(without).0.says(-1, "keeps no state"))
    #expect(made(nil).0.says(-1, "the model is a null pointer"))
    #expect(Answer(mp_state_make(model, nil)).says(-1, "place for the state"))
    #expect(Answer(mp_state_reset(nil)).says(-1, "the state is a null pointer"))
    let state = made(other).1
    #expect(Calls.run(model, given, state: state).0.says(-1, "made by another model"))
    #expect(Calls.run(model, given, state: OpaquePointer(bitPattern: 48)).0.says(-1, "no state"))
    mp_state_free(state)
    for one in [model, other, without] { mp_model_close(one) }
  }
}
