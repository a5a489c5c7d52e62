extension Verdict {
  /// The verdict as data: the JSON that modelparity's reports hold, with sorted keys.
  public var json: String { plain.sorted.text(ascii: true) }

  private var plain: JSON {
    .object([
      ("reference", .string(reference)), ("candidate", .string(candidate)), ("runtime", .string(runtime)),
      ("band", .string(band.rawValue)), ("expected", .string(expected.rawValue)), ("floors", Self.number(floors)),
      ("outputs", .array(outputs.map(Self.plain))), ("conditioning", .string(conditioning)),
      ("floor_runs", .number(String(floorRuns))), ("explained_by", explainedBy.map(JSON.string) ?? .null),
      ("where", .string(place)), ("causes", .array([])), ("inputs", inputs),
      ("settings", .object(settings.map { ($0.key, .string($0.value)) })), ("ok", .bool(ok)),
    ])
  }

  private static func plain(_ output: Output) -> JSON {
    .object([
      ("name", .string(output.name)), ("band", .string(output.band.rawValue)), ("floors", number(output.floors)),
      ("shape", whole(output.shape)), ("expected_shape", whole(output.expectedShape)),
      ("dtype", .string(output.element.rawValue)), ("index", whole(output.index)),
      ("got", output.got.map(number) ?? .null), ("want", output.want.map(number) ?? .null),
      ("difference", number(output.difference)), ("floor", number(output.floor)),
      ("share_above", number(output.shareAbove)), ("problems", .array(output.problems.map(plain))),
    ])
  }

  private static func plain(_ problem: Problem) -> JSON {
    .object([("kind", .string(problem.kind.rawValue)), ("text", .string(problem.text))])
  }

  /// What JSON has no number for is text, as in Python.
  private static func number(_ value: Double) -> JSON {
    value.isFinite ? .number(PythonText.repr(value)) : .string(PythonText.repr(value))
  }

  private static func whole(_ numbers: [Int]) -> JSON { .array(numbers.map { .number(String($0)) }) }
}
