import Foundation

/// What an evaluator says of a model: what it takes, gives, keeps and consists of. As JSON it is what the bridge's
/// `mp_model_describe` gives, with one more key, "operations", from which the compute plan is made.
public struct StandInDescription: Sendable {
  /// How the shape of a feature may vary.
  public enum Flexible: Sendable {
    case enumerated([[Int]])
    /// Least and greatest size of each axis; a negative greatest one is none.
    case ranges([(Int, Int)])
  }

  /// An input, an output or a state.
  public struct Feature: Sendable {
    public var name: String
    public var type: MLFeatureType
    public var dtype: MLMultiArrayDataType?
    public var shape: [Int]
    public var optional: Bool
    public var flexible: Flexible?

    public init(
      _ name: String, _ shape: [Int], _ dtype: MLMultiArrayDataType? = .float32, type: MLFeatureType = .multiArray,
      optional: Bool = false, flexible: Flexible? = nil
    ) {
      self.name = name
      self.type = type
      self.dtype = dtype
      self.shape = shape
      self.optional = optional
      self.flexible = flexible
    }

    func element() throws -> MLMultiArrayDataType {
      guard let dtype else { throw MLModelError(.generic, "'\(name)' has no element type") }
      return dtype
    }
  }

  /// A step of a program, for the compute plan.
  public struct Operation: Sendable, Decodable {
    public var `operator`: String
    public var outputs: [String]

    public init(_ name: String, outputs: [String]) {
      self.operator = name
      self.outputs = outputs
    }
  }

  /// Author, description, license, version, and what the creator added.
  public struct Metadata: Sendable, Decodable {
    public var author: String?
    public var description: String?
    public var license: String?
    public var version: String?
    public var creatorDefined: [String: String]?

    public init(
      author: String? = nil, description: String? = nil, license: String? = nil, version: String? = nil,
      creatorDefined: [String: String]? = nil
    ) {
      self.author = author
      self.description = description
      self.license = license
      self.version = version
      self.creatorDefined = creatorDefined
    }

    var asMetadata: [MLModelMetadataKey: Any] {
      let found: [MLModelMetadataKey: Any?] = [
        .author: author, .description: description, .license: license, .versionString: version,
        .creatorDefinedKey: creatorDefined,
      ]
      return found.compactMapValues { $0 }
    }
  }

  public var inputs: [Feature]
  public var outputs: [Feature]
  public var states: [Feature]
  /// Names of functions; empty where a model has only its one.
  public var functions: [String]
  public var metadata: Metadata
  public var operations: [Operation]?

  public init(
    inputs: [Feature], outputs: [Feature], states: [Feature] = [], functions: [String] = [],
    metadata: Metadata = Metadata(), operations: [Operation]? = nil
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.states = states
    self.functions = functions
    self.metadata = metadata
    self.operations = operations
  }

  /// From JSON.
  public init(json: String) throws {
    do {
      self = try JSONDecoder().decode(StandInDescription.self, from: Data(json.utf8))
    } catch {
      throw MLModelError(.generic, "the evaluator's description of the model is not readable: \(error)")
    }
  }
}
