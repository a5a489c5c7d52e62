import CModelParity
import Foundation
import ModelParityTesting
import Testing

/// Real Core ML files through both products: on Apple systems by Core ML, on Linux by the stand-in.
@Suite struct CoreMLTests {
  @Test(arguments: Fixtures.models) func aModelGivesWhatItsGoldenSays(name: String) async throws {
    let verdict = try await Fixtures.running([name]) {
      try await assertParity(model: Fixtures.model(name), golden: Fixtures.golden(name))
    }
    #expect(verdict.runtime == "\(Fixtures.runtime) (cpuOnly)")
  }

  @Test(arguments: Fixtures.models) func theSameThroughC(name: String) async throws {
    let golden = try Golden(contentsOf: Fixtures.golden(name))
    try await Fixtures.running([name]) {
      let model = try OpenedThroughC(Fixtures.model(name))
      let inputs = try model.described()["inputs"] as? [[String: Any]]
      #expect(inputs?.compactMap { $0["name"] as? String } == golden.inputs.keys.sorted())
      #expect(inputs?.first?["dtype"] as? String == "float32")
      let verdict = try golden.verdict(on: try model.run(golden.inputs), candidate: name)
      #expect(verdict.ok, "\(verdict)")
    }
  }

  @Test(arguments: ["cpuAndGPU", "cpuAndNeuralEngine", "all"]) func otherComputeUnits(units: String) async throws {
    let golden = try Golden(contentsOf: Fixtures.golden("blstm"))
    try await Fixtures.running(["blstm"]) {
      let outputs = try OpenedThroughC(Fixtures.model("blstm"), units: units).run(golden.inputs)
      let verdict = try golden.verdict(on: outputs, candidate: units, expecting: .reduced)
      #expect(verdict.ok, "\(verdict)")
    }
  }

  @Test func theCallForOneInputAndOneOutput() async throws {
    let golden = try Golden(contentsOf: Fixtures.golden("dnn"))
    let input = try #require(golden.inputs["x"])
    let truth = try #require(golden.outputs["y"])
    let values = input.doubles.map { Float($0) }
    let shape = input.shape.map { Int32($0) }
    setenv(
      "MODELPARITY_CACHE", FileManager.default.temporaryDirectory.appendingPathComponent("modelparity-tests").path, 0)
    try await Fixtures.running(["dnn"]) {
      var buffer = MMBuffer()
      defer { mm_buffer_free(&buffer) }
      try OpenedThroughC.check(
        mm_model_predict(
          nil, Fixtures.model("dnn").path, values, shape, Int32(shape.count), Int32(values.count), &buffer))
      let found = Array(UnsafeBufferPointer(start: buffer.data, count: Int(buffer.count)))
      let output = try #require(Tensor(shape: truth.shape, found))
      let verdict = try golden.verdict(on: ["y": output])
      #expect(verdict.ok, "\(verdict)")
    }
  }

  @Test func inputsThatDoNotFitAreNamed() async throws {
    let golden = try Golden(contentsOf: Fixtures.golden("dnn"))
    let input = try #require(golden.inputs["x"])
    let narrow = try #require(Tensor(shape: [input.shape[0], 1], [Float](repeating: 0, count: input.shape[0])))
    try await Fixtures.running(["dnn"]) {
      let model = try OpenedThroughC(Fixtures.model("dnn"))
      for (inputs, words) in [
        ([:], "input 'x' was not given"), (["x": narrow], "input 'x'"), (["x": input, "z": narrow], "no input 'z'"),
      ] {
        let refusal = #expect(throws: OpenedThroughC.Refusal.self) { try model.run(inputs) }
        #expect(refusal?.status == -1 && refusal?.text.contains(words) == true, "\(refusal?.text ?? "")")
      }
    }
  }

  @Test func thePlanNamesItsUnits() async throws {
    try await Fixtures.running(["dnn"]) {
      let model = try OpenedThroughC(Fixtures.model("dnn"))
      do {
        let plan = try model.plan()
        #expect(plan["units"] as? String == "cpuOnly")
      } catch let refusal as OpenedThroughC.Refusal where refusal.status == -5 {
        print("no plan: \(refusal)")  // before macOS 14.4
      }
    }
  }

  @Test(.enabled(if: Fixtures.hasStates, "models keep states from macOS 15 and iOS 18 on"))
  func statesAreCarriedAndReset() async throws {
    let input = try #require(try Golden(contentsOf: Fixtures.counterGolden).inputs["x"])
    try await Fixtures.counting {
      let model = try OpenedThroughC(Fixtures.counter)
      let state = try model.state()
      defer { mp_state_free(state) }
      for (times, reset) in [(1.0, false), (2, false), (3, true), (1, false)] {
        let output = try model.run(["x": input], state: state)["y"]
        #expect(output?.doubles == input.doubles.map { times * $0 })
        if reset { #expect(mp_state_reset(state) == 0) }
      }
      let refusal = #expect(throws: OpenedThroughC.Refusal.self) { try model.run(["x": input]) }
      #expect(refusal?.text.contains("'total'") == true)
    }
  }

  @Test(.enabled(if: Fixtures.hasStates, "models keep states from macOS 15 and iOS 18 on"))
  func aModelWithAStateGivesWhatItsGoldenSays() async throws {
    let verdict = try await Fixtures.counting {
      try await assertParity(model: Fixtures.counter, golden: Fixtures.counterGolden)
    }
    #expect(verdict.band == .exact)
  }
}
