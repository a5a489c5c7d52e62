import CModelParity
import CoreML
import Foundation
import Testing

@Suite struct StressTests {
  /// How many calls; how much resident memory may grow in them. AddressSanitizer keeps what is freed for a while.
  static func number(_ variable: String, default number: Int) -> Int {
    getenv(variable).flatMap { Int(String(cString: $0)) } ?? number
  }

  #if compiler(>=6.2)
    /// In a process of its own, so that no other test's memory is counted.
    @Test func tenThousandCallsLeaveNothing() async throws {
      let child = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let calls = StressTests.number("MODELPARITY_STRESS_CALLS", default: 10_000)
        let bound = Double(StressTests.number("MODELPARITY_STRESS_MIB", default: 4))
        let report = try Stress(seed: 7).run(calls)
        let growth = Double(report.growth) / 1_048_576
        print(
          "stress: \(calls) calls, \(report.refused) refused, \(report.seconds) s, memory +\(growth) MiB (of \(bound))")
        for line in report.wrong { print("stress: \(line)") }
        if report.wrong.isEmpty && report.refused > calls / 4 && growth < bound { print("stress: well") }
        fflush(nil)
        exit(0)
      }
      let lines = String(decoding: child?.standardOutputContent ?? [], as: UTF8.self).split(separator: "\n")
      let said = lines.filter { $0.contains("stress:") }.joined(separator: "\n")
      print(said)
      #expect(said.contains("stress: well"), "\(said)")
    }
  #endif

  /// The time that a call takes beyond the evaluator, which gives what it has.
  @Test func callsAreCheap() throws {
    let scratch = try Scratch()
    let path = try scratch.package("m.mlpackage", Model.of([1, 80]))
    let answer = StandInClosures { path, _ in
      try StandInDescription(json: TestEvaluator.document(path))
    } predict: { request in
      ["y": request.inputs["x"] ?? MLFeatureValue(string: "")]
    }
    let model = StandIn.with(answer) { Calls.open(path, in: scratch).1 }
    defer { mp_model_close(model) }
    let input = Given("x", [Double](repeating: 1, count: 80), [1, 80])
    var best = Double.infinity
    for _ in 0..<20 {
      let start = Date()
      for _ in 0..<200 {
        var result: OpaquePointer?
        var tensor = mp_tensor()
        guard mp_model_run(model, [input.tensor], 1, nil, nil, 0, &result) == 0,
          mp_result_get(result, 0, &tensor) == 0
        else {
          Issue.record("\(String(cString: mp_last_error()))")
          return
        }
        mp_result_free(result)
      }
      best = min(best, Date().timeIntervalSince(start) / 200 * 1e6)
    }
    print("overhead: \(best) microseconds a call")
    #if !DEBUG
      #expect(best < 50)
    #endif
  }
}
