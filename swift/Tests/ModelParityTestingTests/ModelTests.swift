#if os(Linux)
  import CoreML
  import Foundation
  import GoldenEcho
  import ModelParityTesting
  import Testing
  import XCTest

  /// Models run against goldens: here the stand-in of Core ML answers what goldens say, right or wrong on purpose.
  @Suite struct ModelTests {
    private func check(
      _ echo: GoldenEcho, behaviour: StandInBehaviour = .plain, expecting: Band = .rounding,
      names: [String: String] = [:], golden: String = "dnn"
    ) async throws -> Verdict {
      try await StandIn.with(echo, behaviour: behaviour) {
        try await assertParity(
          model: FixtureBundle.model(golden), golden: FixtureBundle.goldenURL(golden), expecting: expecting,
          names: names)
      }
    }

    @Test func aRightModelPasses() async throws {
      let verdict = try await check(GoldenEcho([try FixtureBundle.golden("dnn")]))
      #expect(verdict.band == .exact)
      #expect(
        verdict.description
          == "exact: dnn.pkl.mlpackage run by stand-in (cpuOnly), against dnn is off by 0 times what rounding can explain"
      )
      #expect(verdict.settings == ["units": "cpuOnly"])
      #expect(verdict.json.contains(#""settings":{"units":"cpuOnly"}"#))
    }

    @Test func aWrongModelFailsAndTheErrorIsTheVerdict() async throws {
      let echo = GoldenEcho([try FixtureBundle.golden("dnn")], alteration: GoldenEcho.off(by: 1000))
      let failure = await #expect(throws: ParityFailure.self) { try await check(echo) }
      let text = "\(try #require(failure))"
      #expect(text.hasPrefix("wrong, expected rounding: dnn.pkl.mlpackage run by stand-in (cpuOnly), against dnn\n"))
      #expect(text.contains("  what       output 'y' is off by 1,0"))
      #expect(failure?.localizedDescription == text)
    }

    @Test func stridedOutputsAreReadByTheirStrides() async throws {
      let echo = GoldenEcho([try FixtureBundle.golden("blstm")], alteration: GoldenEcho.off(by: 0.5))
      #expect(try await check(echo, behaviour: .strided, golden: "blstm").band == .rounding)
    }

    @Test func halfOutputsAreReducedWhateverIsExpected() async throws {
      let echo = GoldenEcho([try FixtureBundle.golden("blstm")])
      let verdict = try await check(echo, behaviour: [.strided, .float16], expecting: .reduced, golden: "blstm")
      #expect(verdict.band == .reduced)
      #expect(verdict.explainedBy == "float16 outputs")
      let failure = await #expect(throws: ParityFailure.self) {
        try await check(echo, behaviour: .float16, golden: "blstm")
      }
      #expect(failure?.verdict.band == .reduced)
      #expect(failure?.verdict.outputs[0].problems.isEmpty == true)
    }

    @Test func otherNamesAreMatchedOrAskedFor() async throws {
      let golden = try FixtureBundle.golden("dnn")
      let echo = GoldenEcho([golden], names: ["x": "input_1", "y": "var_12"])
      let verdict = try await check(echo)
      #expect(verdict.settings["names"] == "x is input_1, y is var_12")
      #expect(try await check(echo, names: ["x": "input_1"]).ok)
      let error = await #expect(throws: ParityError.self) { try await check(echo, names: ["y": "z"]) }
      #expect(error?.what == "the model has no output 'z'")
    }

    @Test func inputsGoInAsTheModelDeclaresIfThatIsExact() async throws {
      let golden = try FixtureBundle.golden("dnn")
      #expect(try await check(GoldenEcho([golden], type: .double)).ok)
      let error = await #expect(throws: ParityError.self) { try await check(GoldenEcho([golden], type: .float16)) }
      #expect(error?.what == "the model takes float16, which does not hold the golden's input")
      #expect(error?.place == "dnn.pkl.mlpackage, input 'x'")
    }

    @Test func anotherModelIsNamedByItsInput() async throws {
      let echo = GoldenEcho([try FixtureBundle.golden("mixed")])
      let error = await #expect(throws: ParityError.self) { try await check(echo) }
      #expect(error?.what == "the golden's input has another shape than the model takes")
      #expect(error?.found == "(12, 9)")
      #expect(error?.expected == "(12, 5)")
    }

    @Test func aModelThatFailsSaysWhy() async throws {
      let echo = GoldenEcho([try FixtureBundle.golden("dnn")])
      let error = await #expect(throws: ParityError.self) { try await check(echo, behaviour: .fail) }
      #expect(error?.what == "the model did not run")
      #expect(error?.found?.contains("asked to fail") == true)
    }

    @Test func aModelThatIsNotThere() async throws {
      let golden = FixtureBundle.goldenURL("dnn")
      let error = await #expect(throws: ParityError.self) {
        try await assertParity(model: URL(fileURLWithPath: "/nowhere/net.mlpackage"), golden: golden)
      }
      #expect(error?.what == "there is no model")
      let folder = await #expect(throws: ParityError.self) {
        try await assertParity(model: golden, golden: golden)
      }
      #expect(folder?.what == "the model could not be compiled")
    }

    @Test func aModelThatIsOpenAlready() async throws {
      let golden = try FixtureBundle.golden("dnn")
      let verdict = try await StandIn.with(GoldenEcho([golden])) {
        let opened = try await OpenedModel(FixtureBundle.model("dnn"), units: .all)
        defer { opened.close() }
        return try assertParity(model: opened.model, golden: FixtureBundle.goldenURL("dnn"))
      }
      #expect(verdict.runtime == "stand-in (all)")
    }

    @Test func whatWasCompiledIsRemovedAndWhatWasGivenStays() async throws {
      let files = FileManager.default
      let (made, given) = try await StandIn.with(GoldenEcho([try FixtureBundle.golden("dnn")])) {
        let opened = try await OpenedModel(FixtureBundle.model("dnn"), units: .cpuOnly)
        let made = try #require(opened.compiled)
        #expect(files.fileExists(atPath: made.path))
        opened.close()
        let given: URL = try await MLModel.compileModel(at: FixtureBundle.model("dnn"))
        try await OpenedModel(given, units: .cpuOnly).close()
        return (made, given)
      }
      #expect(!files.fileExists(atPath: made.deletingLastPathComponent().path))
      #expect(files.fileExists(atPath: given.path))
      try files.removeItem(at: given.deletingLastPathComponent())
    }
  }

  /// The same from XCTest.
  final class ModelXCTests: XCTestCase {
    func testARightModelPasses() async throws {
      _ = try await StandIn.with(GoldenEcho([try FixtureBundle.golden("mixed")])) {
        try await assertParity(model: FixtureBundle.model("mixed"), golden: FixtureBundle.goldenURL("mixed"))
      }
    }

    func testAVerdictCanBeAsserted() async throws {
      let golden = try FixtureBundle.golden("mixed")
      let echo = GoldenEcho([golden], alteration: GoldenEcho.off(by: 0.9))
      let verdict = try await StandIn.with(echo) { try await golden.verdict(on: FixtureBundle.model("mixed")) }
      XCTAssert(verdict.ok, "\(verdict)")
    }
  }
#endif
