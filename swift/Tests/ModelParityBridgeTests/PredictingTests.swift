import CModelParity
import CoreML
import Foundation
import Testing

/// `mm_model_predict`. It has no options: its cache is the user's, here a folder in the temporary one.
@Suite struct PredictingTests {
  let scratch: Scratch
  let evaluator = TestEvaluator()
  static let cache: Void = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("modelparity-tests-cache")
    setenv("MODELPARITY_CACHE", folder.path, 1)
  }()

  init() throws {
    Self.cache
    scratch = try Scratch()
  }

  private func predict(
    _ path: String?, _ values: [Float], _ shape: [Int32], behaviour: StandInBehaviour = .plain
  ) -> (Answer, [Float], [Int]) {
    StandIn.with(evaluator, behaviour: behaviour) { Calls.predict(path, values, shape) }
  }

  @Test(arguments: ["float16", "float32", "float64"]) func typesAreConverted(type: String) throws {
    let path = try scratch.package("m.mlpackage", Model.of([2, 2], type))
    let (answer, values, shape) = predict(path, [1, 2, 3, 4], [2, 2])
    #expect(answer.isWell, "\(answer)")
    #expect(values == [2, 4, 6, 8] && shape == [2, 2])
  }

  @Test(arguments: [StandInBehaviour.strided, .float16, [.strided, .float16]])
  func outputsHoweverTheyCome(behaviour: StandInBehaviour) throws {
    let path = try scratch.package("m.mlpackage", Model.of([2, 2]))
    #expect(predict(path, [1, 2, 3, 4], [2, 2], behaviour: behaviour).1 == [2, 4, 6, 8])
  }

  @Test func modelsStayOpenUntilTheyChange() throws {
    let name = "\(UUID().uuidString).mlmodel"
    let path = try scratch.file(name, Model.of([2]))
    for _ in 0..<3 { #expect(predict(path, [1, 2], [2]).0.isWell) }
    #expect(evaluator.openings(name) == 1)
    // Of the same length, within the same moment.
    try scratch.file(name, Model.of([3]))
    let answer = predict(path, [1, 2], [2]).0
    #expect(answer.says(-1, "[2] found, [3] expected"), "\(answer)")
    #expect(predict(path, [1, 2, 3], [3]).1 == [2, 4, 6])
    #expect(evaluator.openings(name) == 2)
    try FileManager.default.removeItem(atPath: path)
    #expect(predict(path, [1, 2, 3], [3]).0.says(-1, "there is no model"))
  }

  @Test func whatIsNoCall() throws {
    let path = try scratch.file("m.mlmodel", Model.of([2]))
    var buffer = MMBuffer()
    let (data, shape): ([Float], [Int32]) = ([1, 2], [2])
    func call(
      _ data: UnsafePointer<Float>?, _ shape: UnsafePointer<Int32>?, _ rank: Int32, _ count: Int32
    ) -> Answer {
      StandIn.with(evaluator) { Answer(mm_model_predict(nil, path, data, shape, rank, count, &buffer)) }
    }
    #expect(call(nil, shape, 1, 2).says(-1, "input_data is a null pointer"))
    #expect(call(data, nil, 1, 2).says(-1, "input_shape is a null pointer"))
    #expect(call(data, shape, 0, 2).says(-1, "input_shape_len is 0"))
    #expect(call(data, shape, 9, 2).says(-1, "input_shape_len is 9"))
    #expect(call(data, shape, 1, 3).says(-1, "input_count is 3", "[2]"))
    #expect(call(data, [-2], 1, 2).says(-1, "[-2]"))
    #expect(call(data, [0], 1, 0).says(-1, "size 0"))
    #expect(call(data, [Int32](repeating: Int32.max, count: 8), 8, 2).says(-1, "not the product"))
    #expect(Answer(mm_model_predict(nil, path, data, shape, 1, 2, nil)).says(-1, "place for the output"))
    #expect(Answer(mm_model_predict(nil, nil, data, shape, 1, 2, &buffer)).says(-1, "null pointer"))
    #expect(buffer.data == nil)
    mm_buffer_free(&buffer)
    mm_buffer_free(nil)
  }

  @Test func modelsWithMoreAreSentElsewhere() throws {
    let state = try scratch.package("state.mlpackage", Model.counting)
    #expect(predict(state, [1], [1]).0.says(-1, "'seen'", "mp_model_run"))
    let two = try scratch.package("two.mlpackage", Model.adding)
    #expect(predict(two, [1, 2], [2]).0.says(-1, "'a', 'b'", "one input"))
    let integers = try scratch.package("int.mlpackage", Model.of([1], "int32"))
    #expect(predict(integers, [1], [1]).0.says(-1, "int32"))
    let outputs = try scratch.package(
      "out.mlpackage",
      Model.json(
        inputs: "[\(Model.array("x", [1]))]", outputs: "[\(Model.array("y", [1])), \(Model.array("z", [1]))]"))
    #expect(predict(outputs, [1], [1]).0.says(-1, "'y', 'z'", "one output"))
    let text = try scratch.package(
      "text.mlpackage",
      Model.json(inputs: "[\(Model.array("x", [1]))]", outputs: #"[{"name": "y", "type": "string"}]"#))
    #expect(predict(text, [1], [1]).0.says(-1, "'y'", "string"))
  }
}
