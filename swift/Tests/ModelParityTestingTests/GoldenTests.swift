import Foundation
import Testing

@testable import ModelParityTesting

@Suite struct GoldenTests {
  @Test func whatAGoldenHolds() throws {
    let golden = try FixtureBundle.golden("blstm")
    #expect(golden.model == "blstm")
    #expect(golden.order == ["y"])
    #expect(golden.inputs["x"]?.shape == [12, 5])
    #expect(golden.inputs["x"]?.element == .float32)
    let output = try #require(golden.outputs["y"])
    #expect(output.element == .float64)
    #expect(output.shape[0] == 12)
    // A softmax.
    let row = output.doubles.prefix(output.shape[1]).reduce(0, +)
    #expect((row - 1).magnitude < 1e-12)
    #expect(golden.floors["y"]?.doubles.allSatisfy { $0 > 0 && $0 < 1e-5 } == true)
    #expect(golden.conditioning == "well")
    #expect(golden.runs == 8)
    #expect(golden.halves.map(\.precision) == ["float16", "bfloat16"])
    #expect(golden.declared == ["y": "float32"])
  }

  @Test func aTruncatedGoldenSaysSo() throws {
    let data = Array(try Data(contentsOf: FixtureBundle.goldenURL("dnn")))
    for length in [0, 7, 8, 100, data.count - 1] {
      let error = #expect(throws: ParityError.self) {
        try Golden(data: Array(data[..<length]), place: "cut.safetensors")
      }
      #expect(error?.description.hasPrefix("cut.safetensors: not a golden, or ") == true)
      #expect(error?.next == "restore the file, or record it anew")
    }
  }

  @Test func everyChangedByteIsSeen() throws {
    let data = Array(try Data(contentsOf: FixtureBundle.goldenURL("mixed")))
    for place in stride(from: 0, to: data.count, by: 61) {
      var changed = data
      changed[place] ^= 1 << UInt8(place % 8)
      #expect(throws: ParityError.self, "byte \(place)") { try Golden(data: changed) }
    }
  }

  @Test func anotherVersionIsNamed() throws {
    let data = Array(try Data(contentsOf: FixtureBundle.goldenURL("dnn")))
    let text = String(decoding: data[8...], as: UTF8.self)
    let at = try #require(text.range(of: #"\"spec\":1"#))
    let place = 8 + text.utf8.distance(from: text.startIndex, to: at.upperBound) - 1
    var changed = data
    changed[place] = UInt8(ascii: "3")
    let error = #expect(throws: ParityError.self) { try Golden(data: changed, place: "g") }
    #expect(
      error?.description == """
        g: written by another version of the golden format
          found:    version 3
          expected: version 1 or 2
          next:     record it anew, or use the modelparity that wrote it
        """)
  }

  @Test func aHeaderThatClaimsMuchIsNotFollowed() {
    for claimed in [UInt64.max, 1 << 63, 1 << 40] {
      let data = (0..<8).map { UInt8(truncatingIfNeeded: claimed >> (8 * $0)) } + [0x7b]
      #expect(throws: ParityError.self) { try Golden(data: data) }
    }
    let shapes = ["[4611686018427387904,4611686018427387904]", "[9223372036854775807]", "[-1]", "[1e9]", "[true]"]
    for shape in shapes {
      let header = Array(#"{"x":{"dtype":"F64","shape":\#(shape),"data_offsets":[0,8]}}"#.utf8)
      let data = [UInt8(header.count)] + [UInt8](repeating: 0, count: 7) + header + [UInt8](repeating: 0, count: 8)
      #expect(throws: ParityError.self) { try Safetensors(data, place: "x") }
    }
  }

  @Test func whatIsNotThere() {
    let error = #expect(throws: ParityError.self) {
      try Golden(contentsOf: URL(fileURLWithPath: "/nowhere/g.safetensors"))
    }
    #expect(error?.what == "not readable")
    #expect(error?.place == "/nowhere/g.safetensors")
  }
}

@Suite struct JSONTests {
  @Test(arguments: [
    #"{"a":1,"b":[true,false,null,-2.5e3],"c":{"d":"\u0001\"\\\n"}}"#, "[]", "{}", #""état 😀""#, "0", "-12",
  ])
  func whatIsReadIsWrittenAgain(text: String) throws { #expect(try JSON.parsed(text).text(ascii: false) == text) }

  @Test(arguments: [
    "", "{", "[", "]", "{]", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "nul", "tru", "01", "-", "1.",
    ".5",
    "1e", "+1", "NaN", "Infinity", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"\u{1}\"", "1 2", "{\"a\":1,\"a\":2}", "'a'", "// 1", "\u{feff}1",
    String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
  ])
  func whatIsNoJSON(text: String) { #expect(throws: (any Error).self) { try JSON.parsed(text) } }

  @Test func textThatIsNotUTF8() {
    for bytes: [UInt8] in [[0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]] {
      #expect(throws: (any Error).self) { try JSONReader.read(bytes[...]) }
    }
  }

  @Test func keysAreSortedByTheirCodePoints() throws {
    #expect(try JSON.parsed(#"{"é":1,"z":2,"B":3,"𐀀":4,"＀":5}"#).sorted.keys == ["B", "z", "é", "＀", "𐀀"])
  }
}

@Suite struct NamesTests {
  private let names = Names("output", of: "net")

  @Test func whereThereIsNoChoice() throws {
    #expect(try names.matched(["y"], ["y"], [:]) == ["y": "y"])
    #expect(try names.matched(["y"], ["var_1"], [:]) == ["y": "var_1"])
    #expect(try names.matched(["y", "c"], ["c", "var_1"], [:]) == ["y": "var_1", "c": "c"])
    #expect(try names.matched(["y", "c"], ["a", "b"], ["y": "b"]) == ["y": "b", "c": "a"])
    #expect(try names.matched(["y", "c"], ["y", "c"], ["y": "c", "c": "y"]) == ["y": "c", "c": "y"])
  }

  @Test func whereThereIsOne() {
    for (wanted, found, given): ([String], [String], [String: String]) in [
      (["y", "c"], ["a", "b"], [:]), (["y"], ["a", "b"], [:]), (["y"], [], [:]), (["y"], ["y", "more"], [:]),
      (["y", "c"], ["y"], ["c": "y"]), (["y"], ["y"], ["y": "z"]),
    ] {
      let error = #expect(throws: ParityError.self) { try names.matched(wanted, found, given) }
      #expect(error?.place == "net")
    }
  }

  @Test func moreOutputsAreLeftAloneWhereThoseThatAreMeantAreNamed() throws {
    #expect(try names.matched(["y"], ["y", "classLabel"], ["y": "y"]) == ["y": "y"])
    let error = #expect(throws: ParityError.self) { try names.matched(["y"], ["y", "classLabel"], [:]) }
    #expect(error?.next == "say which is which: names: [\"y\": \"...\"]")
  }
}
