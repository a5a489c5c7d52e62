import CoreML
import Foundation
import ModelParityArrays
import Testing

/// What Apple's documentation says of the part of Core ML that is used, of the stand-in.
@Suite struct StandInTests {
  static let description = StandInDescription(
    inputs: [.init("x", [2, 3])], outputs: [.init("y", [2, 3])], functions: ["main"],
    metadata: .init(author: "A", creatorDefined: ["k": "v"]))

  static let same = StandInClosures(description) { request in
    ["y": request.inputs["x"] ?? MLFeatureValue(string: "")]
  }

  /// A folder with a model file; what is in it does not matter here.
  private func model(_ evaluator: some StandInEvaluator, _ behaviour: StandInBehaviour = .plain) throws -> MLModel {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    let file = place.appendingPathComponent("m.mlmodel")
    try Data("m".utf8).write(to: file)
    let compiled = try MLModel.compileModel(at: file)
    defer { try? FileManager.default.removeItem(at: compiled.deletingLastPathComponent()) }
    return try StandIn.with(evaluator, behaviour: behaviour) { try MLModel(contentsOf: compiled) }
  }

  private func input() throws -> MLDictionaryFeatureProvider {
    let array = try MLMultiArray(shape: [2, 3], dataType: .float32)
    for index in 0..<6 { array.dataPointer.storeBytes(of: Float(index), toByteOffset: index * 4, as: Float.self) }
    return try MLDictionaryFeatureProvider(dictionary: ["x": array])
  }

  private let values: [Double] = [0, 1, 2, 3, 4, 5]

  @Test(arguments: [StandInBehaviour.plain, .strided, .float16, [.strided, .float16]])
  func outputsComeAsTold(behaviour: StandInBehaviour) throws {
    let output = try model(Self.same, behaviour).prediction(from: input())
    let array = try #require(output.featureValue(for: "y")?.multiArrayValue)
    #expect(try array.doubles() == values)
    #expect(try array.layout().isDense == !behaviour.contains(.strided))
    #expect(array.dataType == (behaviour.contains(.float16) ? .float16 : .float32))
  }

  @Test func modelsKeepTheirScope() async throws {
    let one = try model(Self.same)
    let other = try model(StandInClosures(Self.description) { _ in throw CancellationError() })
    await StandIn.with(StandInClosures(Self.description) { _ in [:] }) {
      await Task.yield()
      #expect(throws: Never.self) { try one.prediction(from: input()) }
      #expect(throws: CancellationError.self) { try other.prediction(from: input()) }
    }
  }

  @Test func whatIsSaidOfTheModel() throws {
    let description = try model(Self.same).modelDescription
    let input = try #require(description.inputDescriptionsByName["x"]?.multiArrayConstraint)
    #expect(input.shape == [2, 3] && input.dataType == .float32 && input.shapeConstraint.type == .unspecified)
    #expect(description.metadata[.author] as? String == "A")
    #expect(description.metadata[.creatorDefinedKey] as? [String: String] == ["k": "v"])
  }

  @Test func whatGoesWrongIsThrown() throws {
    #expect(throws: MLModelError.self) { try model(Self.same, .fail).prediction(from: input()) }
    let none = try MLDictionaryFeatureProvider(dictionary: [:])
    #expect(throws: MLModelError.self) { try model(Self.same).prediction(from: none) }
    let text = try MLDictionaryFeatureProvider(dictionary: ["x": "text"])
    #expect(throws: MLModelError.self) { try model(Self.same).prediction(from: text) }
    let nothing = StandInClosures(Self.description) { _ in [:] }
    #expect(throws: MLModelError.self) { try model(nothing).prediction(from: input()) }
    let twice = StandInDescription(inputs: [.init("x", [1]), .init("x", [2])], outputs: [])
    #expect(throws: MLModelError.self) { try model(StandInClosures(twice) { _ in [:] }) }
    let nowhere = URL(fileURLWithPath: "/nowhere/m.mlmodel")
    #expect(throws: MLModelError.self) { try MLModel.compileModel(at: nowhere) }
    #expect(throws: MLModelError.self) { try MLModel(contentsOf: nowhere) }
  }

  #if compiler(>=6.2)
    @Test func anAbortEndsTheProcess() async {
      await #expect(processExitsWith: .signal(SIGABRT)) {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).mlmodel")
        try Data("m".utf8).write(to: place)
        let compiled = try MLModel.compileModel(at: place)
        let model = try StandIn.with(StandInTests.same, behaviour: .abort) { try MLModel(contentsOf: compiled) }
        try? FileManager.default.removeItem(at: compiled.deletingLastPathComponent())
        try? FileManager.default.removeItem(at: place)
        _ = try model.prediction(from: MLDictionaryFeatureProvider(dictionary: [:]))
      }
    }
  #endif

  @Test func wordsOfBehaviours() {
    #expect(StandInBehaviour(words: "plain") == .plain)
    #expect(StandInBehaviour(words: "strided,float16") == [.strided, .float16])
    for words in ["", "Strided", "strided,", "strided float16"] { #expect(StandInBehaviour(words: words) == nil) }
  }

  @Test(arguments: [
    "{", "{}", #"{"inputs": [], "outputs": [{"name": "y", "dtype": "float8"}]}"#,
    #"{"inputs": [], "outputs": [{"name": "y", "flexible": {"kind": "any"}}]}"#,
    #"{"inputs": [], "outputs": [{"name": "y", "flexible": {"kind": "ranges", "ranges": [[3, 2]]}}]}"#,
  ])
  func descriptionsThatAreNone(json: String) {
    #expect(throws: MLModelError.self) { try StandInDescription(json: json) }
  }
}
