import CModelParity
import CoreML
import Foundation
import Testing

@Suite struct OpeningTests {
  let scratch: Scratch
  let evaluator = TestEvaluator()

  init() throws { scratch = try Scratch() }

  private func open(_ path: String, more: String = "") -> (Answer, OpaquePointer?) {
    StandIn.with(evaluator) { Calls.open(path, in: scratch, more: more) }
  }

  @Test func aboutSaysWhatRuns() throws {
    let text = try #require(mp_about())
    defer { mp_text_free(text) }
    let about = String(cString: text)
    #expect(about.contains(#""runtime":"stand-in""#) && about.contains(#""interface":1"#))
    #expect(mp_interface() == 1)
  }

  @Test(arguments: [Model.doubling]) func filesAndPackagesOpen(text: String) throws {
    for path in [try scratch.file("a.mlmodel", text), try scratch.package("b.mlpackage", text)] {
      let (answer, model) = open(path)
      #expect(answer.isWell, "\(answer)")
      #expect(model != nil)
      mp_model_close(model)
    }
  }

  @Test func compiledModelsOpenAsTheyAre() throws {
    let compiled = try MLModel.compileModel(at: URL(fileURLWithPath: scratch.file()))
    defer { try? FileManager.default.removeItem(at: compiled.deletingLastPathComponent()) }
    let (answer, model) = open(compiled.path)
    #expect(answer.isWell, "\(answer)")
    #expect(scratch.files(scratch.cache).isEmpty)
    mp_model_close(model)
  }

  @Test func whatIsNoModelIsNamed() throws {
    let folder = scratch.path("folder.mlmodel")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: scratch.path("empty.mlpackage"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: scratch.path("bare.mlpackage/Data"), withIntermediateDirectories: true)
    try scratch.file("file.mlpackage")
    try scratch.file("empty.mlmodel", "")
    try scratch.file("net.onnx")
    for (path, words) in [
      (folder, "is not a file"), (scratch.path("empty.mlpackage"), "empty folder"),
      (scratch.path("bare.mlpackage"), "Manifest.json"), (scratch.path("file.mlpackage"), "is not a folder"),
      (scratch.path("empty.mlmodel"), "is empty"), (scratch.path("net.onnx"), ".mlmodel, .mlpackage or .mlmodelc"),
      (scratch.path("gone.mlmodel"), "there is no model"), ("", "is empty"), ("/", "no Core ML model"),
    ] {
      let (answer, model) = open(path)
      #expect(answer.says(-1, words), "\(path): \(answer)")
      #expect(model == nil)
    }
    #expect(Calls.open(nil, nil).0.says(-1, "null pointer"))
    #expect(Answer(mp_model_open("x.mlmodel", nil, nil)).says(-1, "place for the model"))
    let broken: [CChar] = [0x2F, -61, 0x28, 0]  // no UTF-8
    var model: OpaquePointer?
    #expect(Answer(mp_model_open(broken, nil, &model)).says(-1, "not UTF-8"))
  }

  @Test func aModelThatDoesNotLoadLeavesNothing() throws {
    let path = try scratch.file("broken.mlmodel", "this is no description")
    let (answer, model) = open(path)
    #expect(answer.says(-4, "'broken.mlmodel' does not load", "is not readable"), "\(answer)")
    #expect(model == nil)
    #expect(scratch.files(scratch.cache).allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test(arguments: [
    ("[]", "no JSON object"), ("{", "no JSON object"), ("", "is empty"), (#"{"units": 3}"#, "'units' is 3"),
    (#"{"units": "gpu"}"#, "'cpuAndNeuralEngine'"), (#"{"unit": "all"}"#, "'unit' is not known"),
    (#"{"function": ""}"#, "'function'"),
  ])
  func optionsThatAreNone(options: String, words: String) throws {
    let path = try scratch.file()
    let (answer, _) = StandIn.with(evaluator) { Calls.open(path, options) }
    #expect(answer.says(-1, words), "\(answer)")
  }

  @Test func functionsAreChosenByName() throws {
    let text = Model.json(
      inputs: "[\(Model.array("x", [1]))]", outputs: "[\(Model.array("y", [1]))]", functions: #"["main", "tail"]"#)
    let path = try scratch.package("two.mlpackage", text)
    let (well, model) = open(path, more: #", "function": "tail", "units": "all""#)
    #expect(well.isWell, "\(well)")
    mp_model_close(model)
    #expect(open(path, more: #", "function": "head""#).0.says(-1, "no function 'head'", "'main', 'tail'"))
  }
}
