import Foundation
import ModelParityTesting

/// Answers what Python's tests ask, a line of JSON for a line of JSON, so that the two can be compared.
@main
enum JudgeTool {
  static func main() {
    while let line = readLine(strippingNewline: true) {
      print(answer(line))
    }
  }

  private static func answer(_ line: String) -> String {
    do {
      let request = try JSON.parsed(line)
      return try JSON.object(members(request)).text(ascii: true)
    } catch {
      return JSON.object([("error", .string("\(error)"))]).text(ascii: true)
    }
  }

  private static func members(_ request: JSON) throws -> [(key: String, value: JSON)] {
    let texts = request["texts"]?.array?.compactMap(\.string) ?? []
    switch request["ask"]?.string {
    case "verdict": return try verdict(request)
    case "read": return [("model", .string(try golden(request).model))]
    case "numbers": return [("answers", .array(texts.map(numbers)))]
    case "quoted": return [("answers", .array(texts.map { .string(PythonText.quoted($0)) }))]
    case "ascii": return [("answers", .array(texts.map { .string(JSON.string($0).text(ascii: true)) }))]
    default: throw ParityError("nothing that can be asked", found: request.text(ascii: true))
    }
  }

  private static func golden(_ request: JSON) throws -> Golden {
    try Golden(contentsOf: URL(fileURLWithPath: request["golden"]?.string ?? ""))
  }

  private static func verdict(_ request: JSON) throws -> [(key: String, value: JSON)] {
    let outputs = try Safetensors(
      Array(try Data(contentsOf: URL(fileURLWithPath: request["outputs"]?.string ?? ""))), place: "outputs")
    var settings: [String: String] = [:]
    for (key, value) in request["settings"]?.members ?? [] { settings[key] = value.string }
    let verdict = try golden(request).verdict(
      on: outputs.tensors, candidate: request["candidate"]?.string ?? "", runtime: request["runtime"]?.string ?? "",
      expecting: Band(rawValue: request["expect"]?.string ?? "") ?? .wrong, weights: request["weights"]?.string,
      settings: settings)
    return [("text", .string("\(verdict)")), ("json", .string(verdict.json))]
  }

  /// Every way in which a verdict writes a number, of the bits of a double.
  private static func numbers(_ bits: String) -> JSON {
    let value = Double(bitPattern: UInt64(bits, radix: 16) ?? 0)
    return .array(
      [
        PythonText.repr(value), PythonText.general(value, digits: 9), PythonText.general(value, digits: 3),
        PythonText.general(value, digits: 2), PythonText.scientific(value, digits: 1), PythonText.thousands(value),
        PythonText.percent(value), PythonText.repr(Tensor.Element.float16.stored(value)),
        PythonText.repr(Tensor.Element.float32.stored(value)),
      ].map(JSON.string))
  }
}
