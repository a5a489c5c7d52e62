import Foundation

extension StandInDescription: Decodable {
  enum CodingKeys: String, CodingKey { case inputs, outputs, states, functions, metadata, operations }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    inputs = try fields.decode([Feature].self, forKey: .inputs)
    outputs = try fields.decode([Feature].self, forKey: .outputs)
    states = try fields.decodeIfPresent([Feature].self, forKey: .states) ?? []
    for index in states.indices { states[index].type = .state }
    functions = try fields.decodeIfPresent([String].self, forKey: .functions) ?? []
    metadata = try fields.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata()
    operations = try fields.decodeIfPresent([Operation].self, forKey: .operations)
  }
}

extension StandInDescription.Feature: Decodable {
  enum CodingKeys: String, CodingKey { case name, type, dtype, shape, optional, flexible }

  static let types: [String: MLFeatureType] = [
    "int64": .int64, "double": .double, "string": .string, "image": .image, "multiArray": .multiArray,
    "dictionary": .dictionary, "sequence": .sequence, "state": .state,
  ]
  static let elements: [String: MLMultiArrayDataType] = [
    "float16": .float16, "float32": .float32, "float64": .double, "double": .double, "int32": .int32,
  ]

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func known<Value>(_ key: CodingKeys, _ table: [String: Value]) throws -> Value? {
      guard let word = try fields.decodeIfPresent(String.self, forKey: key) else { return nil }
      guard let value = table[word] else {
        let expected = table.keys.sorted().joined(separator: ", ")
        throw DecodingError.dataCorruptedError(
          forKey: key, in: fields, debugDescription: "found \(word), expected one of \(expected)")
      }
      return value
    }
    name = try fields.decode(String.self, forKey: .name)
    type = try known(.type, Self.types) ?? .multiArray
    dtype = try known(.dtype, Self.elements)
    shape = try fields.decodeIfPresent([Int].self, forKey: .shape) ?? []
    optional = try fields.decodeIfPresent(Bool.self, forKey: .optional) ?? false
    flexible = try fields.decodeIfPresent(StandInDescription.Flexible.self, forKey: .flexible)
  }
}

extension StandInDescription.Flexible: Decodable {
  enum CodingKeys: String, CodingKey { case kind, shapes, ranges }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    switch try fields.decode(String.self, forKey: .kind) {
    case "enumerated":
      self = .enumerated(try fields.decode([[Int]].self, forKey: .shapes))
    case "ranges":
      self = .ranges(
        try fields.decode([[Int]].self, forKey: .ranges).map { range in
          guard range.count == 2, range[0] >= 0, range[1] < 0 || range[1] >= range[0] else {
            throw DecodingError.dataCorruptedError(
              forKey: .ranges, in: fields, debugDescription: "found \(range), expected [least, greatest or -1]")
          }
          return (range[0], range[1])
        })
    case let kind:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: fields, debugDescription: "found \(kind), expected enumerated or ranges")
    }
  }
}
