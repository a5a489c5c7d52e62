import Foundation
import Testing

@testable import ModelParityTesting

/// Verdicts on outputs; that they are Python's to the last digit is tested from Python, on generated cases.
@Suite struct JudgingTests {
  private func judged(
    _ model: String, off floors: Double, expecting: Band = .rounding, element: Tensor.Element = .float32
  ) throws -> Verdict {
    let golden = try FixtureBundle.golden(model)
    let truth = try #require(golden.outputs["y"])
    let floor = try #require(golden.floors["y"])
    let values = zip(truth.doubles, floor.doubles).map { Float($0 + floors * $1) }
    let tensor = try #require(Tensor(shape: truth.shape, values))
    return try golden.verdict(on: ["y": tensor], candidate: "net.mlmodelc", expecting: expecting)
  }

  @Test func theTruthItselfIsExact() throws {
    let verdict = try judged("dnn", off: 0)
    #expect(verdict.band == .exact)
    #expect(verdict.ok)
    let text = "exact: net.mlmodelc run by Swift, against dnn is off by 0 times what rounding can explain"
    #expect(verdict.description == text)
  }

  @Test func withinTheFloorIsRounding() throws {
    let verdict = try judged("dnn", off: 0.5)
    #expect(verdict.band == .rounding)
    #expect(verdict.ok)
    #expect(verdict.floors > 0.4 && verdict.floors < 0.7)
    #expect(try judged("dnn", off: 0.5, expecting: .exact).ok == false)
  }

  @Test func beyondItIsWrongAndTheTextSaysWhereAndByHowMuch() throws {
    let verdict = try judged("blstm", off: 400)
    #expect(verdict.band == .wrong)
    #expect(!verdict.ok)
    let lines = verdict.description.split(separator: "\n").map(String.init)
    #expect(lines[0] == "wrong, expected rounding: net.mlmodelc run by Swift, against blstm")
    #expect(lines[1].hasPrefix("  what       output 'y' is off by 400 times what rounding can explain"))
    #expect(lines[2].hasPrefix("  where      y["))
    #expect(lines[2].hasSuffix("100.00% of the elements are beyond rounding"))
    #expect(lines.contains("  inputs     recipe noise, seed 0, length 12, golden True"))
  }

  @Test func halfPrecisionIsToldFromAFault() throws {
    let golden = try FixtureBundle.golden("blstm")
    let half = golden.halves[0]
    let rounded = try #require(half.weights["y"])
    let tensor = try #require(Tensor(shape: rounded.shape, rounded.doubles.map { Float($0) }))
    let verdict = try golden.verdict(on: ["y": tensor])
    #expect(verdict.band == .reduced)
    #expect(verdict.explainedBy == "float16 weights")
    #expect(!verdict.ok)
    #expect(try golden.verdict(on: ["y": tensor], expecting: .reduced).ok)
  }

  @Test func weightsKnownToBeHalfAreNamed() throws {
    let golden = try FixtureBundle.golden("dnn")
    let truth = try #require(golden.outputs["y"])
    let tensor = try #require(Tensor(shape: truth.shape, truth.doubles.map { Float($0) }))
    let verdict = try golden.verdict(on: ["y": tensor], weights: "float16")
    #expect(verdict.band == .reduced)
    #expect(verdict.explainedBy?.hasPrefix("float16 weights, read from the candidate") == true)
  }

  @Test func outputsOfAnotherModel() throws {
    let golden = try FixtureBundle.golden("dnn")
    let error = #expect(throws: ParityError.self) { try golden.verdict(on: [:]) }
    #expect(error?.found == "none")
    #expect(error?.expected == "y")
    #expect(throws: ParityError.self) { try golden.verdict(on: golden.outputs, expecting: .wrong) }
  }

  @Test func tensorsThatCannotBe() {
    #expect(Tensor(.float32, shape: [2], bytes: [0, 0, 0, 0]) == nil)
    #expect(Tensor(.float32, shape: [-1], bytes: []) == nil)
    #expect(Tensor(.float32, shape: [.max, .max], bytes: []) == nil)
    #expect(Tensor(.float32, shape: [0, .max], bytes: []) != nil)
    #expect(Tensor(shape: [], [1])?.doubles == [1])
  }
}
