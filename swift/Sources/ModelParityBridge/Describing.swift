import CoreML
import Foundation

extension OpenModel {
  /// What `mp_model_describe` gives.
  struct Report: Encodable {
    let inputs: [Feature]
    let outputs: [Feature]
    let states: [Feature]
    let functions: [String]
    let metadata: Metadata
  }

  struct Metadata: Encodable {
    let author: String?
    let description: String?
    let license: String?
    let version: String?
    let creatorDefined: [String: String]?

    init(_ found: [MLModelMetadataKey: Any]) {
      func text(_ key: MLModelMetadataKey) -> String? {
        (found[key] as? String).flatMap { $0.isEmpty ? nil : $0 }
      }
      author = text(.author)
      description = text(.description)
      license = text(.license)
      version = text(.versionString)
      let own = found[.creatorDefinedKey] as? [String: String] ?? [:]
      creatorDefined = own.isEmpty ? nil : own
    }
  }

  func report() throws -> Report {
    func sorted(_ features: [String: Feature]) -> [Feature] { features.values.sorted { $0.name < $1.name } }
    return Report(
      inputs: sorted(inputs), outputs: sorted(outputs), states: sorted(states), functions: try functions(),
      metadata: Metadata(metadata()))
  }
}
