import Foundation
import Testing

@testable import ModelParityTesting

@Suite struct BundleReadingTests {
  @Test func whatABundleHolds() throws {
    let bundle = try FixtureBundle.open()
    #expect(bundle.models.map(\.name) == ["paths/blstm.pkl", "paths/dnn.pkl", "paths/key.pkl", "paths/mixed.pkl"])
    #expect(bundle.models.map(\.cases.count) == [2, 2, 2, 2])
    #expect(bundle.models[0].ranges == ["y": GoldenBundle.Range(low: 0, high: 1, sumAxis: -1)])
    #expect(bundle.models[2].ranges == [:])
    for model in bundle.models {
      #expect(try bundle.coreML(model).pathExtension == "mlpackage")
      for one in model.cases { #expect(try model.name == "paths/\(bundle.golden(one).model).pkl") }
    }
  }

  @Test func aChangedFileIsNamed() throws {
    try FixtureBundle.copied { folder in
      let bundle = try GoldenBundle(contentsOf: folder)
      let model = bundle.models[1]
      let golden = folder.appendingPathComponent(model.cases[0].file)
      try (try Data(contentsOf: golden) + [0]).write(to: golden)
      let error = #expect(throws: ParityError.self) { try bundle.golden(model.cases[0]) }
      #expect(error?.what == "has changed since the bundle was made")
      #expect(error?.place == golden.path)
      let weights = try bundle.coreML(model).appendingPathComponent("Data/com.apple.CoreML/weights/weight.bin")
      var data = try Data(contentsOf: weights)
      data[data.count - 1] ^= 1
      try data.write(to: weights)
      #expect(throws: ParityError.self) { try bundle.coreML(model) }
      try FileManager.default.removeItem(at: weights)
      #expect(throws: ParityError.self) { try bundle.coreML(model) }
    }
  }

  @Test(arguments: [
    ("\"limit\": 1.0", "\"limit\": 2.0", "its seal does not fit"),
    ("\"spec\": 2", "\"spec\": 3", "not a bundle of version 2"),
    ("{", "[", "no bundle, or damaged"), ("\"files\"", "\"fils\"", "its seal does not fit"),
  ])
  func aChangedManifestIsRefused(found: String, put: String, message: String) throws {
    try FixtureBundle.copied { folder in
      let manifest = folder.appendingPathComponent("manifest.json")
      let text = try String(contentsOf: manifest, encoding: .utf8)
      let range = try #require(text.range(of: found))
      try text.replacingCharacters(in: range, with: put).write(to: manifest, atomically: true, encoding: .utf8)
      let error = #expect(throws: ParityError.self) { try GoldenBundle(contentsOf: folder) }
      #expect(error?.what.contains(message) == true, "\(String(describing: error))")
    }
  }

  @Test(arguments: [
    ("\"file\"", "goldens/paths/dnn.pkl/noise-s0-l12.safetensors", "../../../etc/passwd", "a case"),
    ("\"coreml\"", "models/paths/dnn.pkl.mlpackage", "/etc", "the model 'paths/dnn.pkl'"),
    ("\"coreml\"", "models/paths/dnn.pkl.mlpackage", "models/./x", "the model 'paths/dnn.pkl'"),
  ])
  func namesThatLeadElsewhere(key: String, from: String, to: String, message: String) throws {
    try FixtureBundle.copied { folder in
      let manifest = folder.appendingPathComponent("manifest.json")
      let text = try String(contentsOf: manifest, encoding: .utf8).replacingOccurrences(
        of: "\(key): \"\(from)\"", with: "\(key): \"\(to)\"")
      // Sealed again, so that nothing but the name is wrong.
      let read = try JSON.parsed(text)
      let content = JSON.object((read.members ?? []).filter { $0.key != "seal" }).sorted
      let sealed = JSON.object((content.members ?? []) + [("seal", .string(SHA256.hex(content.text(ascii: true))))])
      try sealed.text(ascii: true).write(to: manifest, atomically: true, encoding: .utf8)
      let error = #expect(throws: ParityError.self) { try GoldenBundle(contentsOf: folder) }
      #expect(error?.what == "damaged bundle: \(message)")
    }
  }

  @Test func whatIsNoBundle() {
    for (path, message) in [("/nowhere", "no bundle, or damaged"), ("/nowhere/b.zip", "a bundle that is packed")] {
      let error = #expect(throws: ParityError.self) { try GoldenBundle(contentsOf: URL(fileURLWithPath: path)) }
      #expect(error?.what == message)
    }
  }
}
