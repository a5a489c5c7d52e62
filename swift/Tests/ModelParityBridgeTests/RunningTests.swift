import CModelParity
import CoreML
import Foundation
import ModelParityArrays
import Testing

@Suite struct RunningTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func with(
    _ text: String, _ name: String = "m.mlpackage", evaluator: TestEvaluator = TestEvaluator(),
    behaviour: StandInBehaviour = .plain, _ body: (OpaquePointer?) throws -> Void
  ) throws {
    let path = try name.hasSuffix("mlmodel") ? scratch.file(name, text) : scratch.package(name, text)
    let (answer, model) = StandIn.with(evaluator, behaviour: behaviour) { Calls.open(path, in: scratch) }
    #expect(answer.isWell, "\(answer)")
    defer { mp_model_close(model) }
    try body(model)
  }

  private let x = Given("x", [1, 2, 3, 4, 5, 6], [2, 3])
  private let twice: [Double] = [2, 4, 6, 8, 10, 12]

  @Test(arguments: ElementType.allCases) func everyTypeGoesThrough(type: ElementType) throws {
    try with(Model.of([2, 3], type.name)) { model in
      let (answer, outputs) = Calls.run(model, [Given("x", [1, 2, 3, 4, 5, 6], [2, 3], type)])
      #expect(answer.isWell, "\(answer)")
      let output = try #require(outputs.first)
      #expect(output.name == "y" && output.type == type)
      #expect(output.shape == [2, 3] && output.strides == [3, 1] && output.values == twice)
    }
  }

  @Test func stridesOfInputsAreHonoured() throws {
    try with(Model.doubling) { model in
      let spread = Given("x", [1, 0, 2, 0, 3, 0, 99, 4, 0, 5, 0, 6], [2, 3], strides: [7, 2])
      #expect(Calls.run(model, [spread]).1.first?.values == twice)
      let turned = Given("x", [1, 4, 2, 5, 3, 6], [2, 3], strides: [1, 2])
      #expect(Calls.run(model, [turned]).1.first?.values == twice)
    }
  }

  @Test(arguments: [
    StandInBehaviour.strided, .float16, [.strided, .float16],
  ])
  func outputsComeDense(behaviour: StandInBehaviour) throws {
    try with(Model.doubling, behaviour: behaviour) { model in
      let (answer, outputs) = Calls.run(model, [x])
      #expect(answer.isWell, "\(answer)")
      let output = try #require(outputs.first)
      #expect(output.type == (behaviour.contains(.float16) ? .float16 : .float32))
      #expect(output.strides == [3, 1] && output.values == twice)
    }
  }

  @Test func outputsAreChosenByName() throws {
    try with(Model.adding) { model in
      let inputs = [Given("b", [1, 2], [2]), Given("a", [3, 4], [2])]
      #expect(Calls.run(model, inputs).1.map(\.name) == ["y", "z"])
      #expect(Calls.run(model, inputs, names: ["z"]).1.map(\.values) == [[8, 12]])
      #expect(Calls.run(model, inputs, names: ["z", "y"]).1.map(\.name) == ["z", "y"])
      #expect(Calls.run(model, inputs, names: ["w"]).0.says(-1, "no output 'w'", "'y', 'z'"))
      #expect(Calls.run(model, inputs, names: ["y", "y"]).0.says(-1, "'y' is wanted twice"))
      #expect(Calls.run(model, inputs, names: []).0.says(-1, "no output is wanted"))
      #expect(Calls.run(model, inputs, names: [""]).0.says(-1, "name of output 0", "empty"))
    }
  }

  @Test func inputsThatAreMissingSurplusOrMisshapen() throws {
    try with(Model.adding) { model in
      let a = Given("a", [1, 2], [2])
      #expect(Calls.run(model, [a]).0.says(-1, "input 'b' was not given", "[2]", "nothing is filled in"))
      #expect(Calls.run(model, []).0.says(-1, "input 'a' was not given"))
      let c = Given("c", [1, 2], [2])
      #expect(Calls.run(model, [a, Given("b", [1, 2], [2]), c]).0.says(-1, "no input 'c'", "'a', 'b'"))
      #expect(Calls.run(model, [a, Given("a", [1, 2], [2])]).0.says(-1, "'a' is given twice"))
      let long = Given("b", [1, 2, 3], [3])
      #expect(Calls.run(model, [a, long]).0.says(-1, "input 'b'", "[3] found", "[2] expected"))
      let half = Given("b", [1, 2], [2], .float16)
      #expect(Calls.run(model, [a, half]).0.says(-1, "input 'b'", "float16 found", "float32 expected"))
    }
  }

  @Test func flexibleShapes() throws {
    let ranges = #", "flexible": {"kind": "ranges", "ranges": [[1, 4], [2, -1]]}"#
    let shapes = #", "flexible": {"kind": "enumerated", "shapes": [[2], [4]]}"#
    try with(
      Model.json(inputs: "[\(Model.array("x", [1, 2], more: ranges))]", outputs: "[\(Model.array("y", [1, 2]))]"),
      "r.mlpackage"
    ) { model in
      for shape in [[1, 2], [4, 5]] {
        let given = Given("x", [Double](repeating: 1, count: shape[0] * shape[1]), shape)
        #expect(Calls.run(model, [given]).1.first?.shape == shape)
      }
      #expect(Calls.run(model, [Given("x", [Double](repeating: 1, count: 10), [5, 2])]).0.says(-1, "[1..4, 2..]"))
      #expect(Calls.run(model, [Given("x", [1, 2], [2])]).0.says(-1, "[2] found"))
    }
    try with(
      Model.json(inputs: "[\(Model.array("x", [2], more: shapes))]", outputs: "[\(Model.array("y", [2]))]"),
      "e.mlpackage"
    ) { model in
      #expect(Calls.run(model, [Given("x", [1, 2, 3, 4], [4])]).0.isWell)
      #expect(Calls.run(model, [Given("x", [1, 2, 3], [3])]).0.says(-1, "[2] or [4]"))
    }
  }

  @Test func classicNetworksTakeTimeAndBatch() throws {
    func accepted(_ declared: [Int], _ name: String, _ shape: [Int]) throws -> Bool {
      var found = false
      try with(Model.of(declared), name) { model in
        let values = [Double](repeating: 1, count: shape.reduce(1, *))
        found = Calls.run(model, [Given("x", values, shape)]).0.isWell
      }
      return found
    }
    for shape in [[3], [5, 1, 3], [5, 2, 3, 1, 1]] { #expect(try accepted([3], "a.mlmodel", shape), "\(shape)") }
    for shape in [[1, 2, 3], [4, 1, 2, 3], [5, 4, 1, 2, 3]] {
      #expect(try accepted([1, 2, 3], "b.mlmodel", shape), "\(shape)")
    }
    for shape in [[5, 3], [5, 1, 4], [5, 1, 3, 1, 2], [1, 1, 1, 3]] {
      #expect(try !accepted([3], "a.mlmodel", shape), "\(shape)")
    }
    #expect(try !accepted([3], "a.mlpackage", [5, 1, 3]))
  }

  @Test func tensorsThatAreNone() throws {
    try with(Model.doubling) { model in
      func refused(_ words: String, _ change: (inout mp_tensor) -> Void, line: Int = #line) {
        let given = Given("x", [1, 2, 3, 4, 5, 6], [2, 3])
        change(&given.tensor)
        let answer = Calls.run(model, [given]).0
        #expect(answer.says(-1, words), "line \(line): \(answer)")
      }
      refused("name of input 0 is a null pointer") { $0.name = nil }
      refused("data is a null pointer") { $0.data = nil }
      refused("dtype is 4") { $0.dtype = 4 }
      refused("dtype is -1") { $0.dtype = -1 }
      refused("rank is 9") { $0.rank = 9 }
      refused("rank is -1") { $0.rank = -1 }
      refused("shape [0, 3]") { $0.shape.0 = 0 }
      refused("shape [2, -3]") { $0.shape.1 = -3 }
      refused("20 bytes found, 24 needed") { $0.bytes = 20 }
      refused("-1 bytes found") { $0.bytes = -1 }
      refused("strides [3, 0]") { $0.strides.1 = 0 }
      refused("strides [-3, 1]") { $0.strides.0 = -3 }
      refused("24 bytes found, 28 needed") { $0.strides.0 = 4 }
      refused("more than") {
        $0.shape.0 = Int64.max
        $0.shape.1 = Int64.max
      }
      refused("more than") { $0.strides.0 = Int64.max }
      refused("multiple of 4 bytes") {
        $0.data = $0.data.map { $0 + 1 }
        $0.bytes = 24
      }
    }
  }

  @Test func nullPointersAndNumbers() throws {
    try with(Model.doubling) { model in
      var result: OpaquePointer?
      let tensor = x.tensor
      let name = strdup("y")
      defer { free(name) }
      let names: [UnsafePointer<CChar>?] = [UnsafePointer(name), nil]
      #expect(Answer(mp_model_run(model, nil, 1, nil, nil, 0, &result)).says(-1, "null pointer", "number is 1"))
      #expect(Answer(mp_model_run(model, nil, -1, nil, nil, 0, &result)).says(-1, "number of inputs is -1"))
      #expect(Answer(mp_model_run(nil, [tensor], 1, nil, nil, 0, &result)).says(-1, "the model is a null pointer"))
      #expect(Answer(mp_model_run(model, [tensor], 1, nil, nil, 0, nil)).says(-1, "place for the result"))
      #expect(Answer(mp_model_run(model, [tensor], 1, nil, nil, 2, &result)).says(-1, "null pointer, but 2"))
      #expect(Answer(mp_model_run(model, [tensor], 1, nil, names, 2, &result)).says(-1, "name of output 1"))
      #expect(Answer(mp_model_run(model, [tensor], 1, nil, names, -2, &result)).says(-1, "-2"))
      #expect(result == nil)
    }
  }

  /// A model may give back the very array that it was given: its memory is C's again after the call.
  @Test func resultsDoNotShowInputs() throws {
    let path = try scratch.file("same.mlmodel", Model.of([2, 3]))
    let same = StandInClosures { path, _ in
      try StandInDescription(json: TestEvaluator.document(path))
    } predict: { request in
      ["y": request.inputs["x"] ?? MLFeatureValue(string: "")]
    }
    let (_, model) = StandIn.with(same) { Calls.open(path, in: scratch) }
    defer { mp_model_close(model) }
    var result: OpaquePointer?
    #expect(mp_model_run(model, [x.tensor], 1, nil, nil, 0, &result) == 0)
    defer { mp_result_free(result) }
    memset(x.tensor.data, 0xFF, 24)
    var tensor = mp_tensor()
    #expect(mp_result_get(result, 0, &tensor) == 0)
    #expect(Taken(tensor)?.values == [1, 2, 3, 4, 5, 6])
  }

  @Test func handlesThatAreGone() throws {
    let path = try scratch.file()
    let (_, model) = StandIn.with(TestEvaluator()) { Calls.open(path, in: scratch) }
    var result: OpaquePointer?
    #expect(mp_model_run(model, [x.tensor], 1, nil, nil, 0, &result) == 0)
    var tensor = mp_tensor()
    for index: Int32 in [-1, 1] {
      #expect(Answer(mp_result_get(result, index, &tensor)).says(-1, "output \(index)", "has 1"))
    }
    #expect(Answer(mp_result_get(result, 0, nil)).says(-1, "place for the tensor"))
    mp_model_close(model)
    // A result outlives its model.
    #expect(mp_result_get(result, 0, &tensor) == 0)
    #expect(Taken(tensor)?.values == twice)
    mp_model_close(model)
    mp_result_free(result)
    mp_result_free(result)
    mp_result_free(nil)
    #expect(Answer(mp_result_get(result, 0, &tensor)).says(-1, "no result, or one that is gone"))
    #expect(tensor.data == nil)
    #expect(mp_result_count(result) == -1 && mp_result_count(nil) == -1)
    #expect(Calls.describe(model).0.says(-1, "no model, or one that is gone"))
    #expect(Calls.describe(OpaquePointer(bitPattern: 12345)).0.says(-1, "no model"))
  }

  @Test func whatTheModelDoesNotGive() throws {
    try with(Model.doubling, evaluator: TestEvaluator(missing: ["y"])) { model in
      #expect(Calls.run(model, [x]).0.says(-4, "gave no prediction", "'y'"))
    }
    try with(Model.doubling, evaluator: TestEvaluator(texts: ["y"])) { model in
      #expect(Calls.run(model, [x]).0.says(-4, "'y'", "did not give it as an array"))
    }
    try with(Model.doubling, behaviour: .fail) { model in
      #expect(Calls.run(model, [x]).0.says(-4, "'m.mlpackage' gave no prediction", "asked to fail"))
    }
    let classifier = Model.json(
      inputs: "[\(Model.array("x", [1]))]",
      outputs: #"[{"name": "label", "type": "string"}, \#(Model.array("p", [1]))]"#)
    try with(classifier, "c.mlpackage") { model in
      let given = Given("x", [1], [1])
      #expect(Calls.run(model, [given]).0.says(-1, "output 'label'", "string", "arrays are 'p'"))
      #expect(Calls.run(model, [given], names: ["p"]).1.first?.values == [2])
    }
    let picture = Model.json(
      inputs: #"[{"name": "x", "type": "image"}]"#, outputs: "[\(Model.array("y", [1]))]")
    try with(picture, "i.mlpackage") { model in
      #expect(Calls.run(model, [Given("x", [1], [1])]).0.says(-1, "'x'", "type image, not an array"))
    }
  }
}
