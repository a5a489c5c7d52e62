import CModelParity
import CoreML
import Foundation
import Testing

@Suite struct CacheTests {
  let scratch: Scratch
  let evaluator = TestEvaluator()

  init() throws { scratch = try Scratch() }

  private func open(_ path: String) -> Answer {
    let (answer, model) = StandIn.with(evaluator) { Calls.open(path, in: scratch) }
    mp_model_close(model)
    return answer
  }

  private var compiled: [String] { scratch.files(scratch.cache).filter { $0.hasSuffix(".mlmodelc") } }
  private var leftovers: [String] { scratch.files(scratch.cache).filter { $0.contains(".tmp") } }

  @Test func sameContentIsCompiledOnce() throws {
    let path = try scratch.file("a.mlmodel")
    #expect(open(path).isWell)
    #expect(open(path).isWell)
    #expect(compiled.count == 1)
    try scratch.file("a.mlmodel", Model.adding)
    #expect(open(path).isWell)
    #expect(compiled.count == 2)
    #expect(leftovers.isEmpty)
  }

  @Test func everyFileOfAPackageCounts() throws {
    let path = try scratch.package("a.mlpackage")
    #expect(open(path).isWell)
    try Data("w".utf8).write(to: URL(fileURLWithPath: path + "/Data/weights.bin"))
    #expect(open(path).isWell)
    try FileManager.default.moveItem(atPath: path + "/Data/weights.bin", toPath: path + "/Data/weight.bin")
    #expect(open(path).isWell)
    #expect(compiled.count == 3)
  }

  @Test func aCompiledModelThatLostAPartIsMadeAgain() throws {
    let path = try scratch.file("a.mlmodel")
    #expect(open(path).isWell)
    let place = try #require(compiled.first)
    try FileManager.default.removeItem(atPath: "\(scratch.cache)/\(place)/a.mlmodel")
    let answer = open(path)
    #expect(answer.isWell, "\(answer)")
    #expect(leftovers.isEmpty)
  }

  @Test func linksInsideStayAndLinksOutsideAreRefused() throws {
    let path = try scratch.package("a.mlpackage")
    try FileManager.default.createSymbolicLink(
      atPath: path + "/Data/again.json", withDestinationPath: "model.json")
    #expect(open(path).isWell)
    let secret = try scratch.file("secret.txt", "secret")
    for target in [secret, "../../secret.txt", "nowhere", "/etc/passwd"] {
      try? FileManager.default.removeItem(atPath: path + "/Data/again.json")
      try FileManager.default.createSymbolicLink(atPath: path + "/Data/again.json", withDestinationPath: target)
      let answer = open(path)
      #expect(answer.says(-1, "leads out", "Data/again.json"), "\(target): \(answer)")
    }
    #expect(compiled.count == 1)
  }

  @Test func whatIsNoFileIsRefused() throws {
    let path = try scratch.package("a.mlpackage")
    #expect(mkfifo(path + "/Data/pipe", 0o600) == 0)
    #expect(open(path).says(-1, "'Data/pipe'", "neither a file nor a folder"))
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    let path = try scratch.file()
    let file = try scratch.file("plain")
    let (answer, _) = StandIn.with(evaluator) { Calls.open(path, #"{"cache": "\#(file)"}"#) }
    #expect(answer.says(-1, "is not writable", "MODELPARITY_CACHE"), "\(answer)")
  }

  @Test func manyAtOnceShareOneModel() async throws {
    let path = try scratch.package("a.mlpackage")
    await StandIn.with(evaluator) {
      await withTaskGroup(of: Answer.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let (answer, model) = Calls.open(path, in: scratch)
            mp_model_close(model)
            return answer
          }
        }
        for await answer in group { #expect(answer.isWell, "\(answer)") }
      }
    }
    #expect(compiled.count == 1)
    #expect(leftovers.isEmpty)
  }

  @Test func whatAnEndedProcessLeftIsSweptAway() throws {
    let path = try scratch.file("a.mlmodel")
    #expect(open(path).isWell)
    let place = try #require(compiled.first)
    let hash = (place as NSString).deletingLastPathComponent
    let old = "\(scratch.cache)/\(hash)/.old.tmp"
    let young = "\(scratch.cache)/\(hash)/.young.tmp"
    for folder in [old, young] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -200_000)], ofItemAtPath: old)
    try FileManager.default.removeItem(atPath: "\(scratch.cache)/\(place)")
    #expect(open(path).isWell)
    #expect(!FileManager.default.fileExists(atPath: old))
    #expect(FileManager.default.fileExists(atPath: young))
  }

  #if compiler(>=6.2)
    /// Processes that open one package at once: each works, one compiled model stays, whole, and nothing else.
    @Test func processesShareOneModel() async throws {
      let path = try scratch.package("shared.mlpackage")
      try Data(repeating: 7, count: 4_000_000).write(to: URL(fileURLWithPath: path + "/Data/weights.bin"))
      setenv("MODELPARITY_TEST_SHARED", scratch.folder.path, 1)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            await #expect(processExitsWith: .success) {
              let folder = try #require(getenv("MODELPARITY_TEST_SHARED").map { String(cString: $0) })
              let options = #"{"cache": "\#(folder)/cache"}"#
              let (answer, model) = StandIn.with(TestEvaluator()) {
                Calls.open(folder + "/shared.mlpackage", options)
              }
              let values = Calls.run(model, [Given("x", [1, 2, 3, 4, 5, 6], [2, 3])]).1.first?.values
              exit(answer.isWell && values == [2, 4, 6, 8, 10, 12] ? 0 : 1)
            }
          }
        }
      }
      #expect(compiled.count == 1)
      #expect(leftovers.isEmpty)
    }
  #endif
}
