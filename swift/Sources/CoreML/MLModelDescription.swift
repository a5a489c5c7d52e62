import Foundation

/// Keys of what a model says about itself. macOS 10.13, iOS 11.
public struct MLModelMetadataKey: RawRepresentable, Hashable, Sendable {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let author = MLModelMetadataKey(rawValue: "MLModelAuthorKey")
  public static let description = MLModelMetadataKey(rawValue: "MLModelDescriptionKey")
  public static let license = MLModelMetadataKey(rawValue: "MLModelLicenseKey")
  public static let versionString = MLModelMetadataKey(rawValue: "MLModelVersionStringKey")
  public static let creatorDefinedKey = MLModelMetadataKey(rawValue: "MLModelCreatorDefinedKey")
}

/// What a model takes and gives. macOS 10.13, iOS 11.
open class MLModelDescription: NSObject {
  public let inputDescriptionsByName: [String: MLFeatureDescription]
  public let outputDescriptionsByName: [String: MLFeatureDescription]
  /// macOS 15, iOS 18.
  public let stateDescriptionsByName: [String: MLFeatureDescription]
  public let metadata: [MLModelMetadataKey: Any]

  init(_ description: StandInDescription) throws {
    func byName(_ features: [StandInDescription.Feature]) throws -> [String: MLFeatureDescription] {
      try features.reduce(into: [:]) { found, feature in
        guard found.updateValue(try MLFeatureDescription(feature), forKey: feature.name) == nil else {
          throw MLModelError(.generic, "two features have the name '\(feature.name)'")
        }
      }
    }
    inputDescriptionsByName = try byName(description.inputs)
    outputDescriptionsByName = try byName(description.outputs)
    stateDescriptionsByName = try byName(description.states)
    metadata = description.metadata.asMetadata
  }
}
