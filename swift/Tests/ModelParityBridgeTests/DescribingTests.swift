import CModelParity
import CoreML
import Foundation
import Testing

@Suite struct DescribingTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func described(_ text: String) throws -> (Answer, String) {
    let path = try scratch.package("m.mlpackage", text)
    let (opened, model) = StandIn.with(TestEvaluator()) { Calls.open(path, in: scratch) }
    #expect(opened.isWell, "\(opened)")
    defer { mp_model_close(model) }
    return StandIn.with(TestEvaluator()) { Calls.describe(model) }
  }

  @Test func everythingIsSaid() throws {
    let enumerated = #", "optional": true, "flexible": {"kind": "enumerated", "shapes": [[1, 4], [1, 8]]}"#
    let ranges = #", "flexible": {"kind": "ranges", "ranges": [[1, -1], [80, 80]]}"#
    let (answer, json) = try described(
      Model.json(
        inputs: "[\(Model.array("b", [1, 4], "int32", more: enumerated)), "
          + #"\#(Model.array("a", [1, 80], "float16", more: ranges)), {"name": "i", "type": "image"}]"#,
        outputs: "[\(Model.array("y", [3], "float64"))]",
        states: #"[{"name": "h", "dtype": "float16", "shape": [2, 8]}]"#, functions: #"["main"]"#,
        more: #", "metadata": {"author": "A", "version": "2", "creatorDefined": {"k": "v"}}"#))
    #expect(answer.isWell, "\(answer)")
    #expect(
      json == #"{"functions":["main"],"inputs":["#
        + #"{"dtype":"float16","flexible":{"kind":"ranges","ranges":[[1,-1],[80,80]]},"name":"a","optional":false,"#
        + #""shape":[1,80],"type":"multiArray"},"#
        + #"{"dtype":"int32","flexible":{"kind":"enumerated","shapes":[[1,4],[1,8]]},"name":"b","optional":true,"#
        + #""shape":[1,4],"type":"multiArray"},"#
        + #"{"dtype":null,"flexible":null,"name":"i","optional":false,"shape":[],"type":"image"}],"#
        + #""metadata":{"author":"A","creatorDefined":{"k":"v"},"version":"2"},"#
        + #""outputs":[{"dtype":"float64","flexible":null,"name":"y","optional":false,"shape":[3],"type":"multiArray"}],"#
        + #""states":[{"dtype":"float16","name":"h","shape":[2,8]}]}"#)
  }

  @Test func thePlanNamesProcessors() throws {
    let operations =
      #", "operations": [{"operator": "conv", "outputs": ["c"]}, {"operator": "relu", "outputs": ["y"]}]"#
    let path = try scratch.file(
      "m.mlmodel",
      Model.json(
        inputs: "[\(Model.array("x", [1]))]", outputs: "[\(Model.array("y", [1]))]", more: operations))
    StandIn.with(TestEvaluator()) {
      let (_, model) = Calls.open(path, in: scratch)
      defer { mp_model_close(model) }
      let (answer, json) = Calls.plan(model)
      #expect(answer.isWell, "\(answer)")
      #expect(
        json == #"{"operations":["#
          + #"{"function":"main","operator":"conv","outputs":["c"],"preferred":"cpu","supported":["cpu"]},"#
          + #"{"function":"main","operator":"relu","outputs":["y"],"preferred":"cpu","supported":["cpu"]}],"#
          + #""structure":"program","units":"cpuOnly"}"#)
    }
  }

  @Test func aModelThatDoesNotTellHasNoPlan() throws {
    let path = try scratch.file()
    StandIn.with(TestEvaluator()) {
      let (_, model) = Calls.open(path, in: scratch)
      defer { mp_model_close(model) }
      #expect(Calls.plan(model).1 == #"{"operations":[],"structure":"unsupported","units":"cpuOnly"}"#)
    }
  }

  @Test func nullPointers() throws {
    #expect(Calls.describe(nil).0.says(-1, "the model is a null pointer"))
    #expect(Calls.plan(nil).0.says(-1, "the model is a null pointer"))
    #expect(Answer(mp_model_describe(nil, nil)).says(-1, "place for the JSON"))
    mp_text_free(nil)
    mp_model_close(nil)
  }
}
