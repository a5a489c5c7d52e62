import CoreML
import Foundation

/// What must hold of a model on a golden before any number is looked at closely: a smoke test. Each check gives
/// sentences about what does not hold.
public struct SmokeChecks: Sendable {
  public let golden: Golden
  public let ranges: [String: GoldenBundle.Range]
  private let first: [String: Tensor]
  private let second: [String: Tensor]

  /// What rounding can do, at the precision that is expected.
  private let floors: [String: Tensor]

  /// Runs the model twice with the golden's inputs.
  /// - Parameter expected: with `.reduced`, values may leave their range by what half precision can do.
  public init(
    _ model: MLModel, golden: Golden, ranges: [String: GoldenBundle.Range] = [:], expecting expected: Band = .rounding,
    names: [String: String] = [:]
  ) throws {
    self.golden = golden
    self.ranges = ranges
    floors = expected == .reduced ? golden.halves.first?.floors ?? golden.floors : golden.floors
    first = try golden.outputs(of: model, names: names)
    second = try golden.outputs(of: model, names: names)
  }

  /// Outputs of another shape than recorded.
  public var shapes: [String] {
    each { name, got, want in
      got.shape == want.shape
        ? nil : "shape is \(PythonText.tuple(got.shape)), but should be \(PythonText.tuple(want.shape))"
    }
  }

  /// Values that are not finite although every recorded one is.
  public var finite: [String] {
    each { name, got, want in
      guard got.element.isFloat, want.doubles.allSatisfy(\.isFinite) else { return nil }
      let odd = got.doubles.count { !$0.isFinite }
      return odd == 0 ? nil : "\(odd) of \(got.count) elements are not finite"
    }
  }

  /// Values beyond the range that follows from the network, or that do not sum to one: by more than their floors.
  public var range: [String] {
    each { name, got, want in
      guard let range = ranges[name], let floor = floors[name], got.shape == want.shape else { return nil }
      let (values, room) = (got.doubles, floor.doubles)
      let odd = values.indices.filter {
        !(values[$0] >= range.low - room[$0] && values[$0] <= range.high + room[$0])
      }
      if let place = odd.first {
        return "\(odd.count) of \(values.count) elements are not within [\(range.low), \(range.high)]: \(values[place])"
      }
      guard let axis = range.sumAxis, !values.isEmpty else { return nil }
      return Self.unnormalised(values, room, got.shape, axis)
    }
  }

  /// Outputs that are not the same, bit for bit, when the model runs again.
  public var determinism: [String] {
    each { name, got, _ in
      second[name] == got ? nil : "the model gives something else when it runs again on the same input"
    }
  }

  private func each(_ problem: (String, Tensor, Tensor) -> String?) -> [String] {
    golden.order.compactMap { name in
      guard let got = first[name], let want = golden.outputs[name], let text = problem(name, got, want) else {
        return nil
      }
      return "output \(PythonText.quoted(name)): \(text)"
    }
  }

  /// A sum that departs from one by more than the floors of its terms together.
  private static func unnormalised(_ values: [Double], _ floors: [Double], _ shape: [Int], _ axis: Int) -> String? {
    let axis = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(axis) else { return "there is no axis \(axis) to sum along" }
    let step = shape[(axis + 1)...].reduce(1, *)
    for start in values.indices where (start / step) % shape[axis] == 0 {
      let places = (0..<shape[axis]).map { start + $0 * step }
      let sum = places.reduce(0) { $0 + values[$1] }
      let room = places.reduce(0) { $0 + floors[$1] }
      if !((sum - 1).magnitude <= room) { return "values along axis \(axis) sum to \(sum), not to 1" }
    }
    return nil
  }
}
